import type { corev1, discoveryv1 } from '@coxswain/api';
import { clusterTtl, type DnsRecord, reverseName } from './record.ts';

/** What one service brings into the zone: for each owner name, its records. Pure data. */
export type ServiceRecords = ReadonlyMap<string, readonly DnsRecord[]>;

interface PortRecord {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
}

/**
 * The records of a service by the Kubernetes DNS specification 1.1.0.
 *
 * @param zone the cluster domain, lower case, without a dot at the end
 */
export function serviceRecords(
  service: corev1.Service,
  slices: readonly discoveryv1.EndpointSlice[],
  zone: string,
): ServiceRecords {
  const { metadata, spec = {} } = service;
  const builder = new RecordBuilder(`${metadata.name}.${metadata.namespace}.svc.${zone}`.toLowerCase());
  if (spec.type === 'ExternalName') {
    builder.externalName((spec.externalName ?? '').toLowerCase().replace(/\.$/, ''));
    return builder.records;
  }
  const headless = spec.clusterIP === 'None';
  if (!headless) {
    const addresses = spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []);
    for (const address of addresses) builder.clusterAddress(address, (spec.ports ?? []).map(portOf));
  }
  builder.endpoints(slices, headless);
  return builder.records;
}

function portOf(port: corev1.ServicePort): PortRecord {
  return { name: port.name ?? '', protocol: port.protocol ?? 'TCP', port: port.port };
}

class RecordBuilder {
  readonly records = new Map<string, DnsRecord[]>();
  readonly #owner: string;

  constructor(owner: string) {
    this.#owner = owner;
  }

  externalName(target: string): void {
    this.#add(this.#owner, 'CNAME', target);
  }

  clusterAddress(address: string, ports: readonly PortRecord[]): void {
    this.#address(this.#owner, address);
    this.#reverse(address, this.#owner);
    for (const port of ports) this.#service(port, this.#owner);
  }

  /** Each endpoint has a name of its own; those of a headless service are also what its name stands for. */
  endpoints(slices: readonly discoveryv1.EndpointSlice[], headless: boolean): void {
    for (const slice of slices) {
      if (slice.addressType === 'FQDN') continue;
      for (const endpoint of slice.endpoints ?? []) {
        // Slices of services that publish unready addresses say ready for all.
        if (endpoint.conditions?.ready === false) continue;
        for (const address of endpoint.addresses) {
          const host = (endpoint.hostname || dashed(address)).toLowerCase();
          const name = `${host}.${this.#owner}`;
          this.#address(name, address);
          if (!headless) continue;
          this.#address(this.#owner, address);
          this.#reverse(address, name);
          for (const { name: portName = '', protocol = 'TCP', port } of slice.ports ?? []) {
            if (port) this.#service({ name: portName, protocol, port }, name);
          }
        }
      }
    }
  }

  #address(name: string, address: string): void {
    this.#add(name, address.includes(':') ? 'AAAA' : 'A', address);
  }

  #reverse(address: string, name: string): void {
    if (!address.includes(':')) this.#add(reverseName(address), 'PTR', name);
  }

  #service({ name, protocol, port }: PortRecord, target: string): void {
    const data = { priority: 0, weight: 100, port, target };
    // The service's own name answers for all its ports, as CoreDNS does besides the specification.
    this.#add(this.#owner, 'SRV', data);
    if (name !== '') this.#add(`_${name}._${protocol}.${this.#owner}`.toLowerCase(), 'SRV', data);
  }

  #add(name: string, type: DnsRecord['type'], data: unknown): void {
    const list = this.records.get(name) ?? [];
    const text = JSON.stringify(data);
    if (list.some((r) => r.type === type && JSON.stringify(r.data) === text)) return;
    list.push({ name, type, ttl: clusterTtl, data });
    this.records.set(name, list);
  }
}

/** The name of an endpoint without a hostname. */
function dashed(address: string): string {
  return address.replace(/[.:]/g, '-');
}
