import { createHash } from 'node:crypto';
import type { IssuerDiscovery } from '../access/service-accounts/discovery.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList } from './discovery.ts';
import type { NonResourceHandler } from './handler.ts';
import type { Health } from './health.ts';
import type { Metrics } from './metrics.ts';
import { type Negotiated, negotiate } from './negotiate.ts';
import { serveOpenApi } from './openapi.ts';
import { renderObject } from './render.ts';
import { type Request, type Response, reply, replyText, writeHead } from './reply.ts';
import { formNotAcceptable, methodNotAllowed, routeNotFound, unknownMediaType } from './status-errors.ts';
import { versionInfo } from './version.ts';

export interface NonResourceOptions {
  readonly resources: ResourceRegistry;
  readonly health: Health;
  readonly metrics: Metrics;
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
  '/healthz',
  '/healthz/ping',
  '/livez',
  '/livez/ping',
  '/metrics',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/',
  '/openid/v1/jwks',
  '/readyz',
  '/readyz/ping',
  '/version',
];

const aggregatedForm = 'APIGroupDiscoveryList';

/** Serves discovery, health, version, metrics and OpenAPI. */
export function nonResourceHandler(options: NonResourceOptions): NonResourceHandler {
  const { resources, health, metrics } = options;
  return (info, query, _user, request, response) => {
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
        onlyGet(request);
        replyText(response, 200, metrics.text());
        return true;
      case 'api':
      case 'apis':
        return discovery(resources, options.address, path, request, response);
      case 'openapi':
        return serveOpenApi(resources, path, query.values['hash'], request, response) || notFound(response);
      case '':
        return sendObject(request, response, { paths: allPaths(resources) });
      default:
        return serveIssuer(options.issuerDiscovery, path, request, response) || notFound(response);
    }
  };
}

function onlyGet(request: Request): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
}

function notFound(response: Response): true {
  replyText(response, 404, '404 page not found\n');
  return true;
}

function allPaths(resources: ResourceRegistry): string[] {
  const groups = resources.versions().flatMap((version) => {
    const slash = version.indexOf('/');
    return slash < 0 ? [] : [`/apis/${version.slice(0, slash)}`, `/apis/${version}`];
  });
  return [...new Set([...rootPaths, ...groups])].sort();
}

function discovery(
  resources: ResourceRegistry,
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
      return sendAggregated(request, response, aggregatedDiscovery(resources, path === '/api'), negotiated);
    }
    response.setHeader('vary', 'Accept');
    if (path === '/apis') return sendObject(request, response, apiGroupList(resources));
    return sendObject(request, response, {
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address() }],
    });
  }
  if (parts[1] === 'api' ? parts.length === 3 : parts.length === 4) {
    const apiVersion = parts.slice(2).join('/');
    if (!resources.hasVersion(apiVersion)) throw routeNotFound();
    return sendObject(request, response, apiResourceList(resources, apiVersion));
  }
  const group =
    parts[1] === 'apis' && parts.length === 3 ? apiGroup(resources, parts[2] as string) : undefined;
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

function sendAggregated(request: Request, response: Response, list: object, negotiated: Negotiated): true {
  const rendered = renderObject(list, { ...negotiated, as: '' });
  response.setHeader('vary', 'Accept');
  const etag = `"${createHash('sha512')
    .update(rendered.pieces[0] as Uint8Array)
    .digest('hex')
    .toUpperCase()}"`;
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
