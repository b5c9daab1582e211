import { newBadRequest, newMethodNotSupported } from '@coxswain/machinery';
import type { ResourceRegistry, ServedResource } from '../registry/resource-registry.ts';
import { customSubresourceNotFound, noSuchRoute, PageNotFound } from './custom-requests.ts';
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
  if (resource === undefined || info.verb === 'proxy') throw noSuchRoute(resources, info.group);
  const { fact } = resource;
  if (fact.namespaced) {
    const ofOne = info.name !== '' && (resource.custom === undefined || info.verb !== 'watch');
    if (info.namespace === '' && (ofOne || info.verb === 'create')) {
      const routed = info.name === '' && resource.custom === undefined;
      throw routed ? methodNotAllowed() : noSuchRoute(resources, info.group);
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
  if (custom !== undefined) {
    checkCustomEndpoint(resource, verbs, info);
    return;
  }
  const { verb, name, subresource } = info;
  const allowed =
    verbs.includes(verb) &&
    (verb !== 'watch' || method === 'GET') &&
    // Nothing is routed by HEAD.
    method !== 'HEAD' &&
    (name === '' ? verb !== 'update' && verb !== 'patch' : subresource !== '' || verb !== 'create') &&
    (verb !== 'deletecollection' || info.namespace !== '' || !fact.namespaced);
  if (!allowed) throw methodNotAllowed();
}

/** Custom resources have no routes: upstream looks at the verb, and takes what else the path says as it comes. */
function checkCustomEndpoint(resource: ServedResource, verbs: readonly string[], info: RequestInfo): void {
  const { verb, name, namespace } = info;
  if (!verbs.includes(verb)) throw newMethodNotSupported(resource.groupResource, verb);
  // Objects of all namespaces can be read, and nothing else.
  if (resource.fact.namespaced && namespace === '' && verb === 'deletecollection') throw new PageNotFound();
  if (name === '' && verb === 'update') throw newBadRequest('name must be provided');
}
