import type { ResourceRegistry, ServedResource } from '../registry/resource-registry.ts';
import { customSubresourceNotFound, noSuchRoute } from './custom-requests.ts';
import type { RequestInfo } from './request-info.ts';
import { methodNotAllowed, routeNotFound } from './status-errors.ts';

const streamMethods: ReadonlySet<string> = new Set(['GET', 'POST']);
const proxyMethods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);

/** Subresources that are connections to a kubelet, a pod or a service, and the methods that open them. */
const connections: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['exec', streamMethods],
  ['attach', streamMethods],
  ['portforward', streamMethods],
  ['proxy', proxyMethods],
  ['log', new Set(['GET'])],
]);

/** Whether a request is carried on to somebody else, who answers in a form of their own. */
export function isConnection({ subresource }: RequestInfo): boolean {
  return subresource !== '' && connections.has(subresource);
}

/** The resource that a path names; throws upstream's 404 and 405 where there is none. */
export function resourceOf(resources: ResourceRegistry, info: RequestInfo): ServedResource {
  const resource = resources.find(info.apiVersion, info.resource);
  if (resource === undefined) throw noSuchRoute(resources, info.group);
  const { fact } = resource;
  if (fact.namespaced) {
    if (info.namespace === '' && (info.name !== '' || info.verb === 'create')) {
      throw info.name !== '' ? noSuchRoute(resources, info.group) : methodNotAllowed();
    }
  } else if (info.namespace !== '' && fact.resource !== 'namespaces') {
    throw noSuchRoute(resources, info.group);
  }
  return resource;
}

/** Throws upstream's 404 and 405 where the path of a resource does not take what is to be done. */
export function checkEndpoint(resource: ServedResource, info: RequestInfo, method: string): void {
  const { fact, custom } = resource;
  const verbs = info.subresource === '' ? fact.verbs : fact.subresources.get(info.subresource)?.verbs;
  if (verbs === undefined) {
    throw custom === undefined ? routeNotFound() : customSubresourceNotFound(resource, info);
  }
  const methods = info.watchPath ? undefined : connections.get(info.subresource);
  if (info.rest !== '' && info.rest !== '/' && info.subresource !== 'proxy' && custom === undefined) {
    throw routeNotFound();
  }
  if (methods !== undefined) {
    if (!methods.has(method)) throw methodNotAllowed();
    return;
  }
  const { verb, name, subresource } = info;
  const allowed =
    verbs.includes(verb) &&
    (verb !== 'watch' || method === 'GET' || method === 'HEAD') &&
    // What upstream has Go types for is routed by method, and nothing by HEAD.
    (method !== 'HEAD' || custom !== undefined) &&
    (name === '' ? verb !== 'update' && verb !== 'patch' : subresource !== '' || verb !== 'create') &&
    (verb !== 'deletecollection' || info.namespace !== '' || !fact.namespaced);
  if (!allowed) throw methodNotAllowed();
}
