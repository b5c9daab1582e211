import type { KubeObject } from '@coxswain/machinery';
import { age, labelsText, loadBalancerText, nameOf, orNone, someOf } from './format.ts';
import { ageColumn, column, field, nameColumn, type TableSketch, wide } from './table.ts';

interface ServicePort {
  readonly port: number;
  readonly nodePort?: number;
  readonly protocol?: string;
}

function portText({ port, nodePort, protocol }: ServicePort): string {
  return nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`;
}

function externalIP(service: KubeObject): string {
  const { type, externalIPs = [], externalName = '' } = service['spec'] ?? {};
  switch (type) {
    case 'ClusterIP':
    case 'NodePort':
      return orNone(externalIPs.join(','));
    case 'LoadBalancer': {
      const balancers = loadBalancerText(service['status']?.loadBalancer);
      const all = [...(balancers === '' ? [] : [balancers]), ...externalIPs].join(',');
      return all === '' ? '<pending>' : all;
    }
    case 'ExternalName':
      return externalName;
    default:
      return '<unknown>';
  }
}

const serviceSpec = 'core.v1.ServiceSpec';

export const services: TableSketch = {
  columns: [
    nameColumn,
    column('Type', field(serviceSpec, 'type')),
    column('Cluster-IP', field(serviceSpec, 'clusterIP')),
    column('External-IP', field(serviceSpec, 'externalIPs')),
    column('Port(s)', field(serviceSpec, 'ports')),
    ageColumn,
    wide('Selector', field(serviceSpec, 'selector')),
  ],
  cells(service, now) {
    const spec = service['spec'] ?? {};
    return [
      nameOf(service),
      spec.type ?? '',
      orNone(spec.clusterIPs?.[0]),
      externalIP(service),
      orNone((spec.ports ?? []).map(portText).join(',')),
      age(service, now),
      labelsText(spec.selector),
    ];
  },
};

function hostPort(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function endpointsText(object: KubeObject): string {
  const subsets = object['subsets'] ?? [];
  if (subsets.length === 0) return '<none>';
  const list: string[] = [];
  for (const { addresses = [], ports = [] } of subsets) {
    const ips = addresses.map((address: { ip: string }) => address.ip) as string[];
    // Headless services may have no ports.
    if (ports.length === 0) list.push(...ips);
    for (const { port } of ports) list.push(...ips.map((ip) => hostPort(ip, port)));
  }
  return someOf(list, 3);
}

export const endpoints: TableSketch = {
  columns: [nameColumn, column('Endpoints', field('core.v1.Endpoints', 'subsets')), ageColumn],
  cells: (object, now) => [nameOf(object), endpointsText(object), age(object, now)],
};

const slice = 'discovery.v1.EndpointSlice';

function orUnset(text: string): string {
  return text === '' ? '<unset>' : text;
}

export const endpointSlices: TableSketch = {
  columns: [
    nameColumn,
    column('AddressType', field(slice, 'addressType')),
    column('Ports', field(slice, 'ports')),
    column('Endpoints', field(slice, 'endpoints')),
    ageColumn,
  ],
  cells(object, now) {
    const ports = ((object['ports'] ?? []) as { port?: number; name?: string }[]).map((p) =>
      p.port !== undefined && p.port !== null ? String(p.port) : (p.name ?? '*'),
    );
    const addresses = ((object['endpoints'] ?? []) as { addresses?: string[] }[]).flatMap(
      (e) => e.addresses ?? [],
    );
    return [
      nameOf(object),
      object['addressType'] ?? '',
      orUnset(someOf(ports, 3)),
      orUnset(someOf(addresses, 3)),
      age(object, now),
    ];
  },
};
