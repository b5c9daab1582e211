import { type KubeObject, newBadRequest, newNotFound, newServiceUnavailable } from '@coxswain/machinery';
import type { ApiRequest, RegistryContext } from '../registry/context.ts';
import { objectKey } from '../storage/keys.ts';
import type { Location } from './connector.ts';
import { nodeLocation } from './kubelet-location.ts';

interface NamedTarget {
  readonly scheme: '' | 'http' | 'https';
  readonly name: string;
  readonly port: string;
}

/** Where `proxy` of a pod, service or node goes. `rest` is the path behind it, `search` the query with its mark. */
export function proxyLocation(
  context: RegistryContext,
  request: ApiRequest,
  rest: string,
  search: string,
  preferred: readonly string[],
): Location {
  const path = `${rest === '' ? '/' : rest}${search}`;
  const target = parseTarget(request);
  switch (request.resource.fact.resource) {
    case 'pods':
      return podLocation(request, target, path);
    case 'services':
      return serviceLocation(context, request, target, path);
    default: {
      const at = nodeLocation(context, target.name, preferred);
      if (target.port === '' || Number(target.port) === at.port) return { ...at, path };
      const protocol = target.scheme === 'https' ? 'https:' : 'http:';
      return { ...at, protocol, port: Number(target.port), path, kubelet: false };
    }
  }
}

/** `NAME`, `NAME:PORT` or `SCHEME:NAME:PORT`. */
function parseTarget(request: ApiRequest): NamedTarget {
  const parts = request.name.split(':');
  if (parts.length === 1) return { scheme: '', name: parts[0] as string, port: '' };
  if (parts.length === 2) return { scheme: '', name: parts[0] as string, port: parts[1] as string };
  const [scheme, name, port] = parts as [string, string, string];
  if (parts.length > 3 || (scheme !== '' && scheme !== 'http' && scheme !== 'https')) {
    throw newBadRequest(`invalid ${request.resource.fact.singular} request ${JSON.stringify(request.name)}`);
  }
  return { scheme, name, port };
}

function podLocation(request: ApiRequest, target: NamedTarget, path: string): Location {
  const { cache, groupResource } = request.resource;
  const pod = cache.index.get(objectKey(cache.prefix, request.namespace, target.name))?.object;
  if (pod === undefined) throw newNotFound(groupResource, target.name);
  const address: string = pod['status']?.podIP ?? '';
  if (address === '') throw newBadRequest('address not allowed');
  const port = target.port === '' ? firstContainerPort(pod) : Number(target.port);
  const protocol = target.scheme === 'https' ? 'https:' : 'http:';
  return { protocol, host: address, port: port || (protocol === 'https:' ? 443 : 80), path, kubelet: false };
}

function firstContainerPort(pod: KubeObject): number {
  for (const container of pod['spec']?.containers ?? []) {
    for (const port of container.ports ?? []) if (port.containerPort > 0) return port.containerPort;
  }
  return 0;
}

function serviceLocation(
  context: RegistryContext,
  request: ApiRequest,
  target: NamedTarget,
  path: string,
): Location {
  const { cache, groupResource } = request.resource;
  const service = cache.index.get(objectKey(cache.prefix, request.namespace, target.name))?.object;
  if (service === undefined) throw newNotFound(groupResource, target.name);
  const ports: { name?: string; port: number }[] = service['spec']?.ports ?? [];
  const wanted =
    target.port === ''
      ? ports[0]
      : ports.find((p) => p.name === target.port || String(p.port) === target.port);
  const endpoints = context.resources.find('v1', 'endpoints')?.cache;
  const found = endpoints?.index.get(objectKey(endpoints.prefix, request.namespace, target.name))?.object;
  if (found === undefined) throw newNotFound(groupResource, target.name);
  if (wanted === undefined) {
    throw newServiceUnavailable(
      `no service port ${JSON.stringify(target.port)} found for service ${JSON.stringify(target.name)}`,
    );
  }
  const subsets: { addresses?: { ip: string }[]; ports?: { name?: string; port: number }[] }[] =
    found['subsets'] ?? [];
  for (const { addresses = [], ports: open = [] } of subsets) {
    const port = open.find((p) => (p.name ?? '') === (wanted.name ?? ''));
    if (port === undefined || addresses.length === 0) continue;
    // Any will do; a random one spreads the load.
    const at = addresses[Math.floor(context.random() * addresses.length)] as { ip: string };
    const protocol = target.scheme === 'https' ? 'https:' : 'http:';
    return { protocol, host: at.ip, port: port.port, path, kubelet: false };
  }
  throw newServiceUnavailable(`no endpoints available for service ${JSON.stringify(target.name)}`);
}
