import { BlockList } from 'node:net';
import {
  canonicalIP,
  type KubeObject,
  newBadRequest,
  newNotFound,
  newServiceUnavailable,
} from '@coxswain/machinery';
import type { ApiRequest, RegistryContext } from '../../registry/context.ts';
import { objectKey } from '../../storage/keys.ts';
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
      return podLocation(context, request, target, path);
    case 'services':
      return serviceLocation(context, request, target, path);
    default: {
      const at = nodeLocation(context, request, target.name, preferred);
      // Upstream refuses a kubelet on a loopback address too; here one may serve a machine of its own.
      if (target.port === '' || target.port === String(at.port)) return { ...at, path };
      if (unreachable(at.host)) throw newBadRequest('address not allowed');
      return {
        ...at,
        protocol: protocolOf(target),
        port: portNumber(target.port),
        path,
        kubelet: false,
      };
    }
  }
}

/** `NAME`, `NAME:PORT` or `SCHEME:NAME:PORT`. */
function parseTarget(request: ApiRequest): NamedTarget {
  const parts = request.name.split(':');
  const [scheme, name, port] = (parts.length < 3 ? ['', ...parts] : parts) as [string, string, string?];
  if (parts.length > 3 || name === '' || (scheme !== '' && scheme !== 'http' && scheme !== 'https')) {
    throw newBadRequest(`invalid ${request.resource.fact.singular} request ${JSON.stringify(request.name)}`);
  }
  return { scheme, name, port: port ?? '' };
}

function protocolOf(target: NamedTarget): 'http:' | 'https:' {
  return target.scheme === 'https' ? 'https:' : 'http:';
}

function portNumber(port: string): number {
  if (/^\d+$/.test(port) && Number(port) <= 65535) return Number(port);
  const problem = /^\d+$/.test(port) ? `address ${port}: invalid port` : `lookup tcp/${port}: unknown port`;
  throw newServiceUnavailable(`error trying to reach service: dial tcp: ${problem}`);
}

/** Addresses that mean the server's own machine, or no single other one: a caller must not get there through it. */
const withheld = new BlockList();
for (const [address, prefix] of [
  ['0.0.0.0', 32],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
  ['255.255.255.255', 32],
] as const) {
  withheld.addSubnet(address, prefix, 'ipv4');
}
for (const [address, prefix] of [
  ['::', 128],
  ['::1', 128],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  withheld.addSubnet(address, prefix, 'ipv6');
}

function unreachable(address: string): boolean {
  return withheld.check(canonicalIP(address), address.includes(':') ? 'ipv6' : 'ipv4');
}

function podLocation(
  context: RegistryContext,
  request: ApiRequest,
  target: NamedTarget,
  path: string,
): Location {
  const pod = find(context, 'pods', request.namespace, target.name);
  if (pod === undefined) throw newNotFound(request.resource.groupResource, target.name);
  const [address = ''] = podAddresses(pod);
  if (address === '' || unreachable(address)) throw newBadRequest('address not allowed');
  const protocol = protocolOf(target);
  const port = target.port === '' ? firstContainerPort(pod) : portNumber(target.port);
  return { protocol, host: address, port: port || (protocol === 'https:' ? 443 : 80), path, kubelet: false };
}

function find(
  context: RegistryContext,
  resource: string,
  namespace: string,
  name: string,
): KubeObject | undefined {
  const cache = context.resources.find('v1', resource)?.cache;
  return cache?.index.get(objectKey(cache.prefix, namespace, name))?.object;
}

function podAddresses(pod: KubeObject): string[] {
  const { podIP = '', podIPs } = pod['status'] ?? {};
  const all = ((podIPs ?? []) as { ip?: string }[]).map(({ ip = '' }) => ip);
  return all.length > 0 ? all : [podIP];
}

function firstContainerPort(pod: KubeObject): number {
  for (const container of pod['spec']?.containers ?? []) {
    for (const port of container.ports ?? []) if (port.containerPort > 0) return port.containerPort;
  }
  return 0;
}

interface Subset {
  readonly addresses?: readonly EndpointAddress[];
  readonly ports?: readonly { readonly name?: string; readonly port: number }[];
}

interface EndpointAddress {
  readonly ip: string;
  readonly targetRef?: { readonly namespace?: string; readonly name?: string };
}

function serviceLocation(
  context: RegistryContext,
  request: ApiRequest,
  target: NamedTarget,
  path: string,
): Location {
  const { namespace } = request;
  const wanted = /^[+-]?\d+$/.test(target.port) ? portName(context, request, target) : target.port;
  const endpoints = find(context, 'endpoints', namespace, target.name);
  // Upstream names the request's own resource, whatever it is that is missing.
  if (endpoints === undefined) throw newNotFound(request.resource.groupResource, target.name);
  const subsets: readonly Subset[] = endpoints['subsets'] ?? [];
  if (subsets.length === 0) throw noEndpoints(target.name);
  // Any will do; a random one spreads the load.
  for (const { addresses = [], ports = [] } of fromAnywhere(context, subsets)) {
    const port = ports.find(({ name = '' }) => name === wanted);
    if (port === undefined) continue;
    const at = fromAnywhere(context, addresses).find((address) => isOfPod(context, namespace, address));
    if (at === undefined) continue;
    return { protocol: protocolOf(target), host: at.ip, port: port.port, path, kubelet: false };
  }
  throw noEndpoints(request.name);
}

/** The name of the service's port that bears a number. */
function portName(context: RegistryContext, request: ApiRequest, target: NamedTarget): string {
  const service = find(context, 'services', request.namespace, target.name);
  if (service === undefined) throw newNotFound(request.resource.groupResource, target.name);
  const ports: readonly { name?: string; port: number }[] = service['spec']?.ports ?? [];
  const number = Number(target.port);
  const found = ports.find(({ port }) => port === number);
  if (found !== undefined) return found.name ?? '';
  throw newServiceUnavailable(`no service port ${number} found for service ${JSON.stringify(target.name)}`);
}

function noEndpoints(name: string): Error {
  return newServiceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`);
}

/** All of a list, in its order, from a random one on. */
function fromAnywhere<T>(context: RegistryContext, list: readonly T[]): T[] {
  const at = Math.floor(context.random() * list.length);
  return [...list.slice(at), ...list.slice(0, at)];
}

/** Endpoints say what their writer likes; only an address that a pod of the namespace has is gone to. */
function isOfPod(context: RegistryContext, namespace: string, address: EndpointAddress): boolean {
  const target = address.targetRef;
  if (!target || target.namespace !== namespace) return false;
  const pod = find(context, 'pods', namespace, target.name ?? '');
  return pod !== undefined && podAddresses(pod).includes(address.ip);
}
