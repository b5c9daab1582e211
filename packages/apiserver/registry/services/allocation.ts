import { FieldPath, invalid, type KubeObject, newInternalError, newInvalid } from '@coxswain/machinery';
import type { RegistryContext } from '../context.ts';
import type { AddressFault } from './address-pool.ts';
import type { AddressRange } from './address-range.ts';
import type { Family } from './ip-families.ts';
import type { ServiceAllocators } from './service-allocators.ts';

/** First of the ports that a dry run makes up: none that could be taken. */
const dryRunPort = 32769;

/** What one request takes; everything goes back when the request fails. */
export class Allocation {
  readonly #context: RegistryContext;
  readonly #allocators: ServiceAllocators;
  readonly #dryRun: boolean;
  readonly #addresses: string[] = [];
  #ports: number[] = [];
  /** How many of the ports are claimed; the others are only picked. */
  #claimed = 0;

  constructor(context: RegistryContext, allocators: ServiceAllocators, dryRun: boolean) {
    this.#context = context;
    this.#allocators = allocators;
    this.#dryRun = dryRun;
  }

  /** The address asked for, or any of the family when it is ''. */
  async takeAddress(service: KubeObject, family: Family, asked: string): Promise<string> {
    if (this.#dryRun) return this.#tryAddress(service, family, asked);
    const { counts, addresses, ranges } = this.#allocators;
    const { clock } = this.#context;
    const scope = asked === '' ? 'dynamic' : 'static';
    const began = clock.monotonic();
    try {
      const address = await (asked === '' ? this.#takeAny(service, family) : this.#takeThat(service, asked));
      counts?.done(addresses.faultOf(address).cidr ?? '', scope, clock.monotonic() - began);
      return address;
    } catch (error) {
      const own = ranges.find((range) => range.family === family)?.cidr ?? '';
      counts?.failed(asked === '' ? own : (addresses.faultOf(asked).cidr ?? own), scope);
      throw error;
    }
  }

  async #takeThat(service: KubeObject, asked: string): Promise<string> {
    const { addresses } = this.#allocators;
    const { fault, cidr } = addresses.faultOf(asked);
    if (fault !== undefined) throw addressError(service, asked, faultText(fault, asked, cidr));
    if (addresses.take(asked) && (await this.#claim(service, asked))) return asked;
    throw addressError(service, asked, faultText('taken', asked));
  }

  async #takeAny(service: KubeObject, family: Family): Promise<string> {
    for (;;) {
      const address = this.#allocators.addresses.takeAny(family);
      if (address === undefined) throw newInternalError('failed to allocate a serviceIP: range is full');
      if (await this.#claim(service, address)) return address;
    }
  }

  /** A dry run takes nothing: it asks only whether the address could be had at all, and makes one up otherwise. */
  #tryAddress(service: KubeObject, family: Family, asked: string): string {
    const { addresses, ranges } = this.#allocators;
    const own = ranges.find((range) => range.family === family) as AddressRange;
    if (asked === '') return own.at(0);
    const { fault, cidr = own.cidr } = addresses.faultOf(asked);
    if (fault === undefined || fault === 'taken') return asked;
    throw addressError(service, asked, faultText('not-in-range', asked, cidr));
  }

  /** False when another server has given the address out: it stays taken here, too. */
  async #claim(service: KubeObject, address: string): Promise<boolean> {
    try {
      if (!(await this.#allocators.claim(this.#context, address, service))) return false;
    } catch (error) {
      this.#allocators.addresses.release(address);
      throw error;
    }
    this.#addresses.push(address);
    return true;
  }

  /**
   * Picks ports with `take` until they are this request's alone: what is picked from memory may have been given
   * out by another server. `take` must begin anew each time.
   */
  async takePorts(take: () => void): Promise<void> {
    if (this.#dryRun) {
      take();
      return;
    }
    const before = this.#ports.length;
    for (;;) {
      const refreshing = this.#allocators.refreshPorts();
      if (refreshing !== undefined) await refreshing;
      take();
      const picked = this.#ports.slice(before);
      if (await this.#allocators.claimPorts(picked)) {
        this.#claimed = this.#ports.length;
        return;
      }
      this.#ports = this.#ports.slice(0, before);
      for (const port of picked) this.#allocators.ports.release(port);
    }
  }

  /** Takes a node port that is asked for; gives what is wrong with it otherwise. */
  takePort(port: number): string | undefined {
    const { ports } = this.#allocators;
    const taken = 'provided port is already allocated';
    if (this.#dryRun) {
      // a dry run does not look at the range, as upstream has it
      if (ports.has(port) || this.#ports.includes(port)) return taken;
    } else {
      if (!ports.inRange(port)) {
        const valid = `The range of valid ports is ${ports.first}-${ports.last}`;
        return `provided port is not in the valid range. ${valid}`;
      }
      if (!ports.take(port)) return taken;
    }
    this.#ports.push(port);
    return undefined;
  }

  /** Takes any node port; undefined when all are taken. */
  takeAnyPort(): number | undefined {
    const port = this.#dryRun ? this.#dryPort() : this.#allocators.ports.takeAny();
    if (port !== undefined) this.#ports.push(port);
    return port;
  }

  #dryPort(): number {
    return this.#ports.length === 0 ? dryRunPort : Math.max(...this.#ports) + 1;
  }

  /** Puts everything back. */
  async undo(): Promise<void> {
    if (!this.#dryRun) {
      for (const port of this.#ports.slice(this.#claimed)) this.#allocators.ports.release(port);
      await this.#allocators.releasePorts(this.#ports.slice(0, this.#claimed));
    }
    for (const address of this.#addresses) await this.#allocators.unclaim(this.#context, address);
  }
}

function faultText(fault: AddressFault, address: string, cidr = ''): string {
  switch (fault) {
    case 'taken':
      return 'provided IP is already allocated';
    case 'no-range':
      return 'the provided network does not match the current range';
    case 'not-in-range':
      return `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${cidr}`;
  }
}

function addressError(service: KubeObject, address: string, detail: string): Error {
  return newInvalid({ group: '', kind: 'Service' }, service.metadata.name ?? '', [
    invalid(
      FieldPath.root('spec', 'clusterIPs'),
      service['spec'].clusterIPs,
      `failed to allocate IP ${address}: ${detail}`,
    ),
  ]);
}
