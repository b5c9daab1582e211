import type { KubeObject } from '@coxswain/machinery';
import type { ObjectReader } from '../access/contract.ts';
import type { ServiceReference } from './api-service.ts';

/** Where a server of an API listens. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/**
 * How a service is reached: at its cluster address, which needs a service proxy where this server runs, or at
 * one of its endpoints (`--enable-aggregator-routing`).
 */
export type Routing = 'cluster-ip' | 'endpoints';

export const services = { group: '', resource: 'services' } as const;
export const endpointSlices = { group: 'discovery.k8s.io', resource: 'endpointslices' } as const;

const serviceNameLabel = 'kubernetes.io/service-name';

interface Port {
  readonly name?: string;
  readonly port?: number;
}

interface Slice extends KubeObject {
  readonly addressType?: string;
  readonly endpoints?: readonly {
    readonly addresses?: readonly string[];
    readonly conditions?: { readonly ready?: boolean };
  }[];
  readonly ports?: readonly Port[];
}

/** The slices of a service. */
export function slicesOf(reader: ObjectReader, namespace: string, name: string): readonly Slice[] {
  return reader
    .list(endpointSlices, namespace)
    .filter((slice) => slice.metadata.labels?.[serviceNameLabel] === name) as readonly Slice[];
}

/** The name of the service that a slice belongs to; '' for none. */
export function serviceOfSlice(slice: KubeObject): string {
  return slice.metadata.labels?.[serviceNameLabel] ?? '';
}

/** Whether a ready endpoint serves the port. */
export function hasReadyEndpoint(slices: readonly Slice[], portName: string): boolean {
  return slices.some(
    ({ endpoints = [], ports = [] }) =>
      endpoints.some((endpoint) => endpoint.conditions?.ready !== false) &&
      ports.some((port) => (port.name ?? '') === portName && port.port != null),
  );
}

/** Every place where a service can be reached. @throws Error in upstream's words */
export function resolveService(
  reader: ObjectReader,
  { namespace, name, port }: ServiceReference,
  routing: Routing,
): readonly Target[] {
  const service = reader.get(services, namespace, name);
  if (service === undefined) throw new Error(`service ${JSON.stringify(name)} not found`);
  return routing === 'endpoints'
    ? endpointsOf(reader, service, port)
    : [clusterAddressOf(service, namespace, name, port)];
}

function clusterAddressOf(service: KubeObject, namespace: string, name: string, port: number): Target {
  const { type = 'ClusterIP', clusterIP = '', externalName = '' } = service['spec'] ?? {};
  switch (type) {
    case 'ClusterIP':
      if (clusterIP === 'None') throw new Error('cannot route to service with ClusterIP "None"');
      break;
    case 'NodePort':
    case 'LoadBalancer':
      break;
    case 'ExternalName':
      return { host: externalName, port };
    default:
      throw new Error(`unsupported service type ${JSON.stringify(type)}`);
  }
  servicePort(service, port);
  if (clusterIP === '') throw new Error(`service ${namespace}/${name} has no address`);
  return { host: clusterIP, port };
}

function servicePort(service: KubeObject, port: number): Port {
  const ports: readonly Port[] = service['spec']?.ports ?? [];
  const found = ports.find((one) => one.port === port);
  if (found !== undefined) return found;
  throw new Error(`no service port ${port} found for service ${JSON.stringify(service.metadata.name)}`);
}

function endpointsOf(reader: ObjectReader, service: KubeObject, port: number): readonly Target[] {
  const { name = '', namespace = '' } = service.metadata;
  const type: string = service['spec']?.type ?? 'ClusterIP';
  if (type !== 'ClusterIP' && type !== 'NodePort' && type !== 'LoadBalancer') {
    throw new Error(`unsupported service type ${JSON.stringify(type)}`);
  }
  const portName = servicePort(service, port).name ?? '';
  const targets: Target[] = [];
  for (const { endpoints = [], ports = [] } of slicesOf(reader, namespace, name)) {
    const open = ports.find((one) => (one.name ?? '') === portName)?.port;
    if (open == null) continue;
    for (const { addresses = [], conditions } of endpoints) {
      const [host] = addresses;
      if (conditions?.ready !== false && host !== undefined) targets.push({ host, port: open });
    }
  }
  if (targets.length === 0) {
    throw new Error(`no endpoints available for service ${JSON.stringify(name)}`);
  }
  return targets;
}
