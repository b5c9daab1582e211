import { canonicalIP, formatTime, isAlreadyExists, type KubeObject } from '@coxswain/machinery';
import { objectKey } from '../../storage/keys.ts';
import type { RegistryContext } from '../context.ts';
import { managedByServer } from '../managed-fields/server-managed.ts';
import { writeNew } from '../write.ts';
import { AddressPool } from './address-pool.ts';
import { AddressRange } from './address-range.ts';
import type { AllocationCounts } from './allocation-counts.ts';
import { type Family, familyOf } from './ip-families.ts';
import { Pool } from './pool.ts';
import { removeUnheld } from './remove-unheld.ts';
import { SharedPorts } from './shared-ports.ts';

/** Node ports that are asked for by number come from the lower band first: a thirty-second, 16 to 128. */
const minStaticPorts = 16;
const maxStaticPorts = 128;
const staticPortShare = 32;

/** The owner of the ranges of `--service-cluster-ip-range` among those of ServiceCIDRs, which cannot have its name. */
const flagOwner = '--service-cluster-ip-range';

/** What services of a cluster get their addresses and node ports from. */
export class ServiceAllocators {
  /** The ranges of the server's flag, the default family's first. */
  readonly ranges: readonly AddressRange[];
  /** The families of those ranges. */
  readonly families: readonly Family[];
  readonly addresses: AddressPool;
  readonly ports: Pool;
  /** Where the addresses that are given are counted; absent: nowhere. */
  counts: AllocationCounts | undefined;
  /** Who gives out ports besides this server; absent where nobody does. */
  #shared: SharedPorts | undefined;

  /** @param cidrs one range, or one of each family with a comma between */
  constructor(cidrs: string, portRange: readonly [number, number], random: () => number) {
    this.ranges = cidrs.split(',').map((cidr) => new AddressRange(cidr.trim()));
    this.families = this.ranges.map(({ family }) => family);
    this.addresses = new AddressPool(random);
    for (const { cidr } of this.ranges) this.addresses.add(cidr, flagOwner, true);
    const [first, last] = portRange;
    const size = last - first + 1;
    const band = Math.min(Math.max(minStaticPorts, Math.floor(size / staticPortShare)), maxStaticPorts, size);
    this.ports = new Pool(first, last, first + band, random);
  }

  /**
   * Takes what the stored services hold, as the repair loop of upstream finds it out, and follows the ServiceCIDRs
   * and the addresses that others take and give back.
   */
  async load(context: RegistryContext): Promise<void> {
    const cache = context.resources.find('v1', 'services')?.cache;
    const held: number[] = [];
    for (const entry of cache?.index.values(cache.prefix) ?? []) {
      const { spec = {} } = entry.object as { spec?: Record<string, any> };
      for (const address of spec['clusterIPs'] ?? []) this.addresses.take(address);
      held.push(...portsOf(spec));
    }
    for (const port of held) this.ports.take(port);
    follow(context, 'servicecidrs', (name, object) => this.#noteRange(context, name, object));
    follow(context, 'ipaddresses', (name, object) => {
      if (object === undefined) this.addresses.release(name);
      else this.addresses.take(name);
    });
    if (context.store.readRevision === undefined) return;
    this.#shared = new SharedPorts(context.store, this.ports);
    await this.#shared.load(held);
  }

  #noteRange(context: RegistryContext, name: string, object: KubeObject | undefined): void {
    this.addresses.remove(name);
    if (object === undefined) return;
    for (const cidr of (object['spec']?.cidrs ?? []) as string[]) {
      try {
        this.addresses.add(cidr, name, isServed(object));
      } catch (error) {
        context.logger.error('a ServiceCIDR is left out', { serviceCIDR: name, error: String(error) });
      }
    }
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
        name: canonicalIP(address),
        uid: context.uid(),
        creationTimestamp: formatTime(context.clock.now()),
        labels: {
          'ipaddress.kubernetes.io/ip-family': familyOf(address),
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
      await writeNew(
        context,
        addresses,
        objectKey(addresses.cache.prefix, '', canonicalIP(address)),
        managedByServer(addresses, object, formatTime(context.clock.now())),
        false,
      );
      return true;
    } catch (error) {
      if (isAlreadyExists(error)) return false;
      throw error;
    }
  }

  /** Gives an address back. */
  async unclaim(context: RegistryContext, address: string): Promise<void> {
    this.addresses.release(address);
    const addresses = context.resources.find('networking.k8s.io/v1', 'ipaddresses');
    if (addresses === undefined) return;
    const { cache } = addresses;
    await removeUnheld(context, cache, objectKey(cache.prefix, '', canonicalIP(address)));
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

/** Whether new addresses come out of a ServiceCIDR: so, unless somebody says otherwise or it is going. */
function isServed(serviceCIDR: KubeObject): boolean {
  if (serviceCIDR.metadata.deletionTimestamp !== undefined) return false;
  const conditions: readonly { type: string; status: string }[] = serviceCIDR['status']?.conditions ?? [];
  return (conditions.find(({ type }) => type === 'Ready')?.status ?? 'True') === 'True';
}

/** Tells of every object of a networking resource, those that are there first; undefined is one that has gone. */
function follow(
  context: RegistryContext,
  resource: string,
  note: (name: string, object: KubeObject | undefined) => void,
): void {
  const cache = context.resources.find('networking.k8s.io/v1', resource)?.cache;
  if (cache === undefined) return;
  for (const entry of cache.index.values(cache.prefix)) note(cache.nameOf(entry.key), entry.object);
  cache.subscribe({ namespace: '' }, ({ type, entry }) =>
    note(cache.nameOf(entry.key), type === 'put' ? entry.object : undefined),
  );
}
