import { formatTime, isAlreadyExists, type KubeObject } from '@coxswain/machinery';
import { objectKey } from '../../storage/keys.ts';
import type { RegistryContext } from '../context.ts';
import { writeNew } from '../write.ts';
import { AddressRange } from './address-range.ts';
import { Pool } from './pool.ts';
import { SharedPorts } from './shared-ports.ts';

/** Node ports that are asked for by number come from the lower band first: a thirty-second, 16 to 128. */
const minStaticPorts = 16;
const maxStaticPorts = 128;
const staticPortShare = 32;

/** What services of a cluster get their addresses and node ports from. */
export class ServiceAllocators {
  readonly range: AddressRange;
  readonly addresses: Pool;
  readonly ports: Pool;
  /** Who gives out ports besides this server; absent where nobody does. */
  #shared: SharedPorts | undefined;

  constructor(cidr: string, portRange: readonly [number, number], random: () => number) {
    this.range = new AddressRange(cidr);
    this.addresses = new Pool(1, this.range.size, this.range.staticBand + 1, random);
    const [first, last] = portRange;
    const size = last - first + 1;
    const band = Math.min(Math.max(minStaticPorts, Math.floor(size / staticPortShare)), maxStaticPorts, size);
    this.ports = new Pool(first, last, first + band, random);
  }

  /**
   * Takes what the stored services hold, as the repair loop of upstream finds it out. Where other servers write to
   * the store, keeps up with what they take and give back.
   */
  async load(context: RegistryContext): Promise<void> {
    const cache = context.resources.find('v1', 'services')?.cache;
    const held: number[] = [];
    for (const entry of cache?.index.values(cache.prefix) ?? []) {
      const { spec = {} } = entry.object as { spec?: Record<string, any> };
      for (const address of spec['clusterIPs'] ?? []) this.#note(address, true);
      held.push(...portsOf(spec));
    }
    for (const port of held) this.ports.take(port);
    if (context.store.readRevision === undefined) return;
    this.#followAddresses(context);
    this.#shared = new SharedPorts(context.store, this.ports);
    await this.#shared.load(held);
  }

  #followAddresses(context: RegistryContext): void {
    const cache = context.resources.find('networking.k8s.io/v1', 'ipaddresses')?.cache;
    if (cache === undefined) return;
    for (const entry of cache.index.values(cache.prefix)) this.#note(cache.nameOf(entry.key), true);
    cache.subscribe({ namespace: '' }, (event) =>
      this.#note(cache.nameOf(event.entry.key), event.type === 'put'),
    );
  }

  #note(address: string, taken: boolean): void {
    const offset = this.range.offsetOf(address);
    if (offset === undefined) return;
    if (taken) this.addresses.take(offset);
    else this.addresses.release(offset);
  }

  /** Brings the pool of ports up to what other servers have taken; undefined where there are none. */
  refreshPorts(): Promise<void> | undefined {
    return this.#shared?.refresh();
  }

  /** Makes ports picked from the pool this cluster's; false when another server was faster with one. */
  async claimPorts(ports: readonly number[]): Promise<boolean> {
    return (await this.#shared?.claim(ports)) ?? true;
  }

  /** Makes the shared ports those that services hold; what nobody holds for three rounds is given back. */
  async repairPorts(held: readonly number[]): Promise<void> {
    await this.#shared?.repair(held);
  }

  /** Gives ports back. */
  async releasePorts(ports: readonly number[]): Promise<void> {
    for (const port of ports) this.ports.release(port);
    await this.#shared?.release(ports);
  }

  /** Writes the IPAddress object that says who holds an address; false when somebody else does. */
  async claim(context: RegistryContext, address: string, service: KubeObject): Promise<boolean> {
    const addresses = context.resources.find('networking.k8s.io/v1', 'ipaddresses');
    if (addresses === undefined) return true;
    const object: KubeObject = {
      kind: 'IPAddress',
      apiVersion: 'networking.k8s.io/v1',
      metadata: {
        name: address,
        uid: context.uid(),
        creationTimestamp: formatTime(context.clock.now()),
        labels: {
          'ipaddress.kubernetes.io/ip-family': address.includes(':') ? 'IPv6' : 'IPv4',
          'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
        },
      },
      spec: {
        parentRef: {
          resource: 'services',
          namespace: service.metadata.namespace,
          name: service.metadata.name,
        },
      },
    };
    try {
      await writeNew(context, addresses, addresses.cache.prefix + address, object, false);
      return true;
    } catch (error) {
      if (isAlreadyExists(error)) return false;
      throw error;
    }
  }

  /** Gives an address back. */
  async unclaim(context: RegistryContext, address: string): Promise<void> {
    const offset = this.range.offsetOf(address);
    if (offset !== undefined) this.addresses.release(offset);
    const addresses = context.resources.find('networking.k8s.io/v1', 'ipaddresses');
    if (addresses === undefined) return;
    const key = objectKey(addresses.cache.prefix, '', address);
    for (
      let entry = addresses.cache.index.get(key);
      entry !== undefined;
      entry = addresses.cache.index.get(key)
    ) {
      const result = await context.store.delete(key, entry.revision);
      await context.watchCache.applied(result.ok ? result.revision : (result.current?.modRevision ?? 0));
      if (result.ok || result.current === undefined) return;
    }
  }
}

/** All node ports of a service, the one for health checks included. */
export function portsOf(spec: Record<string, any>): number[] {
  const ports: number[] = (spec['ports'] ?? [])
    .map((port: { nodePort?: number }) => port.nodePort ?? 0)
    .filter((port: number) => port > 0);
  if ((spec['healthCheckNodePort'] ?? 0) > 0) ports.push(spec['healthCheckNodePort']);
  return ports;
}
