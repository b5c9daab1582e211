import { type KubeObject, newBadRequest, newNotFound } from '@coxswain/machinery';
import { type ApiRequest, plainError, type RegistryContext } from '../../registry/context.ts';
import { objectKey } from '../../storage/keys.ts';
import type { Location } from './connector.ts';
import { validatePodLogOptions } from './pod-log-options.ts';

const pods = { group: '', resource: 'pods' };
const defaultKubeletPort = 10250;

/** Options of exec and attach by their names at the kubelet. */
const streamParameters = { stdin: 'input', stdout: 'output', stderr: 'error', tty: 'tty' } as const;
const logParameters = [
  'follow',
  'previous',
  'timestamps',
  'sinceSeconds',
  'sinceTime',
  'tailLines',
  'limitBytes',
];

/** Where a pod's kubelet serves what is asked for; undefined for the logs of a pod that is on no node. */
export function kubeletLocation(
  context: RegistryContext,
  request: ApiRequest,
  query: URLSearchParams,
  preferred: readonly string[],
): Location | undefined {
  if (request.subresource === 'log') validatePodLogOptions(query, request.name);
  const { cache } = request.resource;
  const pod = cache.index.get(objectKey(cache.prefix, request.namespace, request.name))?.object;
  if (pod === undefined) throw newNotFound(pods, request.name);
  const { subresource, namespace, name } = request;
  const container = subresource === 'portforward' ? '' : containerOf(pod, query.get('container') ?? '');
  const node: string = pod['spec']?.nodeName ?? '';
  if (node === '') {
    if (subresource === 'log') return undefined;
    throw newBadRequest(`pod ${name} does not have a host assigned`);
  }
  const at = nodeLocation(context, request, node, preferred);
  const where = `${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
  const parameters = new URLSearchParams();
  if (subresource === 'log') {
    for (const option of logParameters) {
      const value = query.get(option);
      if (value !== null && value !== '') parameters.set(option, value);
    }
    return { ...at, path: withQuery(`/containerLogs/${where}/${encodeURIComponent(container)}`, parameters) };
  }
  if (subresource === 'portforward') {
    const ports = query.getAll('ports');
    if (ports.length > 0) parameters.set('port', ports.join(','));
    return { ...at, path: withQuery(`/portForward/${where}`, parameters) };
  }
  for (const [option, parameter] of Object.entries(streamParameters)) {
    if (isSet(query, option)) parameters.set(parameter, '1');
  }
  for (const command of query.getAll('command')) parameters.append('command', command);
  return { ...at, path: withQuery(`/${subresource}/${where}/${encodeURIComponent(container)}`, parameters) };
}

/** A query parameter as upstream's conversion reads a bool. */
function isSet(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value.toLowerCase() !== 'false' && value !== '0';
}

function withQuery(path: string, parameters: URLSearchParams): string {
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** The container that is meant; throws upstream's 400 where the pod does not tell. */
function containerOf(pod: KubeObject, asked: string): string {
  const names = (list: { name: string }[] | undefined): string[] => (list ?? []).map((c) => c.name);
  const spec = pod['spec'] ?? {};
  const containers = names(spec.containers);
  const { name } = pod.metadata;
  if (asked !== '') {
    const all = [...containers, ...names(spec.initContainers), ...names(spec.ephemeralContainers)];
    if (!all.includes(asked)) throw newBadRequest(`container ${asked} is not valid for pod ${name}`);
    return asked;
  }
  if (containers.length === 1) return containers[0] as string;
  if (containers.length === 0) throw newBadRequest(`a container name must be specified for pod ${name}`);
  const all = [...names(spec.initContainers), ...containers, ...names(spec.ephemeralContainers)];
  throw newBadRequest(
    `a container name must be specified for pod ${name}, choose one of: [${all.join(' ')}]`,
  );
}

/** A node's kubelet. A node that is not there is said to be one of what was asked for, as upstream does. */
export function nodeLocation(
  context: RegistryContext,
  request: ApiRequest,
  name: string,
  preferred: readonly string[],
): Location {
  const cache = context.resources.find('v1', 'nodes')?.cache;
  const node = cache?.index.get(objectKey(cache.prefix, '', name))?.object;
  if (node === undefined) throw newNotFound(request.resource.groupResource, name);
  const addresses: { type: string; address: string }[] = node['status']?.addresses ?? [];
  const found = preferred
    .map((type) => addresses.find((address) => address.type === type))
    .find((address) => address !== undefined);
  if (found === undefined) {
    const known = addresses.map(({ type, address }) => `{${type} ${address}}`).join(' ');
    throw plainError(`no preferred addresses found; known addresses: [${known}]`);
  }
  const port: number = node['status']?.daemonEndpoints?.kubeletEndpoint?.Port ?? 0;
  return {
    protocol: 'https:',
    host: found.address,
    port: port > 0 ? port : defaultKubeletPort,
    path: '/',
    kubelet: true,
  };
}
