import type { Clock } from '@coxswain/machinery';
import type { IssuerDiscovery } from '../../access/service-accounts/discovery.ts';
import type { Aggregator } from '../../aggregator/aggregator.ts';
import type { ResourceRegistry } from '../../registry/resource-registry.ts';
import { mediaTypes, namesAny } from '../forms/negotiate.ts';
import { indented } from '../forms/pretty-print.ts';
import type { NonResourceHandler } from '../handler.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { type Request, type Response, reply, replyText } from '../reply.ts';
import { unknownMediaType } from '../status-errors.ts';
import type { DebugPaths } from './debug/debug-paths.ts';
import type { Discovery } from './discovery.ts';
import type { Health } from './health.ts';
import { onlyGet, onlyReads } from './methods.ts';
import { OpenApiPaths } from './open-api-paths.ts';
import { serveDiscovery } from './serve-discovery.ts';
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

/** Serves discovery, health, version, metrics and OpenAPI. */
export function nonResourceHandler(options: NonResourceOptions): NonResourceHandler {
  const { resources, discovery: documents, aggregator, health, metrics } = options;
  const openApi = new OpenApiPaths(resources, aggregator, options.clock);
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
        return serveDiscovery(
          { documents, resources, address: options.address, pretty },
          routed,
          request,
          response,
        );
      }
      case 'openapi':
        return openApi
          .serve(path, query.values['hash'], { user, request, response })
          .then((served) => served || notFound(response));
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
  response.setHeader('Cache-Control', 'public, max-age=3600');
  reply(request, response, 200, {
    pieces: [Buffer.from(document.body)],
    contentType: document.type,
  });
  return true;
}
