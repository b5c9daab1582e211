import { createHash } from 'node:crypto';
import type { Clock } from '@coxswain/machinery';
import type { IssuerDiscovery } from '../../access/service-accounts/discovery.ts';
import type { Aggregator } from '../../aggregator/aggregator.ts';
import type { ResourceRegistry } from '../../registry/resource-registry.ts';
import { noSuchRoute } from '../custom-requests.ts';
import { mediaTypes, type Negotiated, namesAny, negotiate } from '../forms/negotiate.ts';
import { humanForm, indented } from '../forms/pretty-print.ts';
import { type RenderedWhole, renderObject } from '../forms/render.ts';
import type { NonResourceHandler } from '../handler.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { type Request, type Response, reply, replyText, writeHead } from '../reply.ts';
import { formNotAcceptable, methodNotAllowed, routeNotFound, unknownMediaType } from '../status-errors.ts';
import type { DebugPaths } from './debug/debug-paths.ts';
import type { Discovery } from './discovery.ts';
import type { Health } from './health.ts';
import { serveOpenApi } from './openapi.ts';
import { flagz, statusz } from './statusz.ts';
import { versionInfo } from './version.ts';

export interface NonResourceOptions {
  readonly resources: ResourceRegistry;
  readonly discovery: Discovery;
  readonly aggregator: Aggregator;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly debug: DebugPaths;
  readonly clock: Clock;
  /** Names and values of the process's flags. */
  readonly flags: () => readonly (readonly [string, string])[];
  readonly issuerDiscovery: IssuerDiscovery | undefined;
  /** `HOST:PORT` of the server, for clients of any network. */
  readonly address: () => string;
}

const rootPaths = [
  '/.well-known/openid-configuration',
  '/api',
  '/api/v1',
  '/apis',
  '/apis/',
  '/flagz',
  '/healthz',
  '/healthz/ping',
  '/livez',
  '/livez/ping',
  '/metrics',
  '/metrics/slis',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/',
  '/openid/v1/jwks',
  '/readyz',
  '/readyz/ping',
  '/statusz',
  '/version',
];

/** Paths that tell of the server itself. */
const statuszPaths = ['/flagz', '/healthz', '/livez', '/metrics', '/readyz', '/statusz', '/version'];

const aggregatedForm = 'APIGroupDiscoveryList';

/** Serves discovery, health, version, metrics and OpenAPI. */
export function nonResourceHandler(options: NonResourceOptions): NonResourceHandler {
  const { resources, discovery: documents, aggregator, health, metrics } = options;
  return (info, query, user, request, response) => {
    const { path } = info;
    // Those that a router serves take a slash at their end.
    const routed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
    const second = path.indexOf('/', 1);
    switch (path.slice(1, second < 0 ? undefined : second)) {
      case 'healthz':
      case 'livez':
      case 'readyz':
        return health.serve(path, query, response) || notFound(response);
      case 'version':
        return routed === '/version' ? sendVersion(request, response) : notFound(response);
      case 'metrics':
        return serveMetrics(metrics, path, request, response) || notFound(response);
      case 'debug': {
        const served = options.debug(path, query, request, response);
        if (typeof served === 'boolean') return served || notFound(response);
        return served.then((found) => found || notFound(response));
      }
      case 'flagz':
        if (path !== '/flagz') return notFound(response);
        onlyReads(request);
        replyText(response, 200, flagz(options.flags()));
        return true;
      case 'statusz':
        if (path !== '/statusz') return notFound(response);
        onlyReads(request);
        replyText(response, 200, statusz(options.clock, statuszPaths));
        return true;
      case 'api':
      case 'apis': {
        const { pretty } = query.values;
        return discovery(
          { documents, resources, address: options.address, pretty },
          routed,
          request,
          response,
        );
      }
      case 'openapi':
        return serveOpenApi(resources, aggregator, path, query.values['hash'], user, request, response).then(
          (served) => served || notFound(response),
        );
      case '':
      case 'index.html':
        if (path !== '/' && path !== '/index.html') return notFound(response);
        return sendRaw(request, response, { paths: allPaths(documents) });
      default:
        return serveIssuer(options.issuerDiscovery, routed, request, response) || notFound(response);
    }
  };
}

/** Prometheus' text, which every scraper takes whatever else it asks for. */
const metricsType = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';

function serveMetrics(metrics: Metrics, path: string, request: Request, response: Response): boolean {
  const text =
    path === '/metrics' ? metrics.text() : path === '/metrics/slis' ? metrics.sliText() : undefined;
  if (text === undefined) return false;
  onlyReads(request);
  reply(request, response, 200, { pieces: [Buffer.from(text)], contentType: metricsType });
  return true;
}

function onlyReads(request: Request): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
}

/** The router knows no HEAD. */
function onlyGet(request: Request): void {
  if (request.method !== 'GET') throw methodNotAllowed();
}

function notFound(response: Response): true {
  replyText(response, 404, '404 page not found\n');
  return true;
}

function allPaths(documents: Discovery): string[] {
  const groups = documents
    .groups()
    .flatMap(({ group, versions }) => [
      `/apis/${group}`,
      ...versions.map((version) => `/apis/${group}/${version}`),
    ]);
  return [...rootPaths, ...groups].sort();
}

/** What a request for discovery is answered from. */
interface DiscoveryRequest {
  readonly documents: Discovery;
  readonly resources: ResourceRegistry;
  readonly address: () => string;
  /** The query parameter. */
  readonly pretty: string | undefined;
}

function discovery(asked: DiscoveryRequest, path: string, request: Request, response: Response): boolean {
  const { documents } = asked;
  const parts = path.split('/');
  if (parts.length > 2) {
    const document = documentBelow(documents, parts);
    if (document === undefined)
      throw noSuchRoute(asked.resources, parts[1] === 'api' ? '' : (parts[2] as string));
    return sendDocument(asked, document, request, response);
  }
  if (path !== '/api' && path !== '/apis') throw routeNotFound();
  const negotiated = discoveryForm(asked, request, true);
  if (negotiated.as !== '') {
    return sendAggregated(request, response, documents.aggregated(path === '/api'), negotiated);
  }
  response.setHeader('vary', 'Accept');
  if (path === '/apis') return sendDocument(asked, documents.groupList(), request, response);
  const versions = {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: asked.address() }],
  };
  return sendDocument(asked, versions, request, response);
}

/** The document of a group, or of a version; undefined where there is none. */
function documentBelow(documents: Discovery, parts: readonly string[]): object | undefined {
  const [, root, group = '', version] = parts;
  if (root === 'api') return parts.length === 3 ? documents.resourceList(group) : undefined;
  if (version === undefined) return documents.group(group);
  return parts.length === 4 ? documents.resourceList(`${group}/${version}`) : undefined;
}

/** A form that an endpoint does not have is skipped for the next one the client would take. */
function discoveryForm(
  { pretty }: Pick<DiscoveryRequest, 'pretty'>,
  request: Request,
  aggregated: boolean,
): Negotiated {
  onlyGet(request);
  const { accept } = request.headers;
  if (!namesAny(accept, Object.values(mediaTypes))) throw unknownMediaType();
  const negotiated = negotiate(
    accept,
    (as, group, version) =>
      as === '' ||
      (aggregated && as === aggregatedForm && group === 'apidiscovery.k8s.io' && version === 'v2'),
  );
  if (typeof negotiated === 'string') throw formNotAcceptable();
  return humanForm(negotiated, request, pretty);
}

interface RenderedList {
  readonly rendered: RenderedWhole;
  readonly etag: string;
}

/** Rendered lists by their list and form: every client asks for them, and they rarely change. */
const renderedLists = new WeakMap<object, Map<string, RenderedList>>();

function renderList(list: object, negotiated: Negotiated): RenderedList {
  let forms = renderedLists.get(list);
  if (forms === undefined) {
    forms = new Map();
    renderedLists.set(list, forms);
  }
  const form = `${negotiated.format} ${negotiated.pretty}`;
  let made = forms.get(form);
  if (made === undefined) {
    const rendered = renderObject(list, { ...negotiated, as: '' });
    const hash = createHash('sha512').update(rendered.pieces[0] as Uint8Array);
    made = { rendered, etag: `"${hash.digest('hex').toUpperCase()}"` };
    forms.set(form, made);
  }
  return made;
}

function sendAggregated(request: Request, response: Response, list: object, negotiated: Negotiated): true {
  const { rendered, etag } = renderList(list, negotiated);
  response.setHeader('vary', 'Accept');
  response.setHeader('etag', etag);
  if (request.headers['if-none-match'] === etag) {
    writeHead(response, 304, {});
    response.end();
    return true;
  }
  reply(request, response, 200, {
    pieces: rendered.pieces,
    contentType: `${rendered.contentType};g=apidiscovery.k8s.io;v=v2;as=${aggregatedForm}`,
  });
  return true;
}

/** A document in the negotiated format. */
function sendDocument(
  asked: Pick<DiscoveryRequest, 'pretty'>,
  document: object,
  request: Request,
  response: Response,
): true {
  const negotiated = discoveryForm(asked, request, false);
  reply(request, response, 200, renderObject(document, negotiated));
  return true;
}

function sendVersion(request: Request, response: Response): true {
  onlyGet(request);
  const { json } = mediaTypes;
  if (!namesAny(request.headers.accept, [json])) throw unknownMediaType([json]);
  return sendRaw(request, response, versionInfo());
}

/** JSON for people, whatever was asked for. */
function sendRaw(request: Request, response: Response, value: object): true {
  reply(request, response, 200, { pieces: [Buffer.from(indented(value))], contentType: mediaTypes.json });
  return true;
}

function serveIssuer(
  issuer: IssuerDiscovery | undefined,
  path: string,
  request: Request,
  response: Response,
): boolean {
  if (issuer === undefined) return false;
  const document =
    path === '/.well-known/openid-configuration'
      ? { body: issuer.configuration, type: 'application/json' }
      : path === '/openid/v1/jwks'
        ? { body: issuer.keySet, type: 'application/jwk-set+json' }
        : undefined;
  if (document === undefined) return false;
  onlyGet(request);
  response.setHeader('cache-control', 'public, max-age=3600');
  reply(request, response, 200, {
    pieces: [Buffer.from(document.body)],
    contentType: document.type,
  });
  return true;
}
