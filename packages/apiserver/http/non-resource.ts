import { createHash } from 'node:crypto';
import type { Clock } from '@coxswain/machinery';
import type { IssuerDiscovery } from '../access/service-accounts/discovery.ts';
import type { Aggregator } from '../aggregator/aggregator.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import type { DebugPaths } from './debug/debug-paths.ts';
import type { Discovery } from './discovery.ts';
import type { NonResourceHandler } from './handler.ts';
import type { Health } from './health.ts';
import type { Metrics } from './metrics.ts';
import { type Negotiated, negotiate } from './negotiate.ts';
import { serveOpenApi } from './openapi.ts';
import { type RenderedWhole, renderObject } from './render.ts';
import { type Request, type Response, reply, replyText, writeHead } from './reply.ts';
import { formNotAcceptable, methodNotAllowed, routeNotFound, unknownMediaType } from './status-errors.ts';
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
    const path = info.path.length > 1 && info.path.endsWith('/') ? info.path.slice(0, -1) : info.path;
    const first = path.slice(1, path.indexOf('/', 1) < 0 ? undefined : path.indexOf('/', 1));
    switch (first) {
      case 'healthz':
      case 'livez':
      case 'readyz':
        if (!health.serve(path, query, response)) notFound(response);
        return true;
      case 'version':
        return path === '/version' && sendObject(request, response, versionInfo());
      case 'metrics':
        return serveMetrics(metrics, path, request, response) || notFound(response);
      case 'debug': {
        onlyGet(request);
        const served = options.debug(path, query, response);
        if (typeof served === 'boolean') return served || notFound(response);
        return served.then((found) => found || notFound(response));
      }
      case 'flagz':
        if (path !== '/flagz') return notFound(response);
        onlyGet(request);
        replyText(response, 200, flagz(options.flags()));
        return true;
      case 'statusz':
        if (path !== '/statusz') return notFound(response);
        onlyGet(request);
        replyText(response, 200, statusz(options.clock, statuszPaths));
        return true;
      case 'api':
      case 'apis':
        return discovery(documents, options.address, path, request, response);
      case 'openapi':
        return serveOpenApi(resources, aggregator, path, query.values['hash'], user, request, response).then(
          (served) => served || notFound(response),
        );
      case '':
        return sendObject(request, response, { paths: allPaths(documents) });
      default:
        return serveIssuer(options.issuerDiscovery, path, request, response) || notFound(response);
    }
  };
}

/** Prometheus' text, which every scraper takes whatever else it asks for. */
const metricsType = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';

function serveMetrics(metrics: Metrics, path: string, request: Request, response: Response): boolean {
  const text =
    path === '/metrics' ? metrics.text() : path === '/metrics/slis' ? metrics.sliText() : undefined;
  if (text === undefined) return false;
  onlyGet(request);
  reply(request, response, 200, { pieces: [Buffer.from(text)], contentType: metricsType });
  return true;
}

function onlyGet(request: Request): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
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

function discovery(
  documents: Discovery,
  address: () => string,
  path: string,
  request: Request,
  response: Response,
): boolean {
  const parts = path.split('/');
  const isRoot = parts.length === 2;
  const negotiated = negotiateDiscovery(request, isRoot);
  onlyGet(request);
  if (isRoot) {
    if (negotiated.as !== '') {
      return sendAggregated(request, response, documents.aggregated(path === '/api'), negotiated);
    }
    response.setHeader('vary', 'Accept');
    if (path === '/apis') return sendObject(request, response, documents.groupList());
    return sendObject(request, response, {
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address() }],
    });
  }
  if (parts[1] === 'api' ? parts.length === 3 : parts.length === 4) {
    const list = documents.resourceList(parts.slice(2).join('/'));
    if (list === undefined) throw routeNotFound();
    return sendObject(request, response, list);
  }
  const group = parts[1] === 'apis' && parts.length === 3 ? documents.group(parts[2] as string) : undefined;
  if (group === undefined) throw routeNotFound();
  return sendObject(request, response, group);
}

/** A form that an endpoint does not have is skipped for the next one the client would take. */
function negotiateDiscovery(request: Request, aggregated: boolean): Negotiated {
  const { accept } = request.headers;
  const negotiated = negotiate(
    accept,
    (as, group, version) =>
      aggregated && as === aggregatedForm && group === 'apidiscovery.k8s.io' && version === 'v2',
  );
  if (negotiated === 'media-type') throw unknownMediaType();
  if (negotiated === 'form') throw formNotAcceptable();
  return negotiated;
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

/** An object in the negotiated format. */
export function sendObject(request: Request, response: Response, object: object): true {
  onlyGet(request);
  const negotiated = negotiateDiscovery(request, false);
  reply(request, response, 200, renderObject(object, negotiated));
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
