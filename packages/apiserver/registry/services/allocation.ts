import { isIP } from 'node:net';
import {
  FieldPath,
  invalid,
  type KubeObject,
  newInternalError,
  newInvalid,
  newStatusError,
} from '@coxswain/machinery';
import type { RegistryContext } from '../context.ts';
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

  /** The address asked for, or any when it is ''. */
  async takeAddress(service: KubeObject, asked: string): Promise<string> {
    const { range, addresses } = this.#allocators;
    if (asked !== '') {
      // What is no address at all is for the validation to say.
      if (isIP(asked) === 0) return asked;
      const offset = range.offsetOf(asked);
      if (offset === undefined) {
        throw addressError(service, asked, 'the provided network does not match the current range');
      }
      if (addresses.take(offset) && (await this.#claim(service, asked, offset))) return asked;
      throw addressError(service, asked, 'provided IP is already allocated');
    }
    for (;;) {
      const offset = addresses.takeAny();
      if (offset === undefined) throw newInternalError('failed to allocate a serviceIP: range is full');
      const address = range.at(offset);
      if (await this.#claim(service, address, offset)) return address;
    }
  }

  /** False when another server has given the address out: it stays taken here, too. */
  async #claim(service: KubeObject, address: string, offset: number): Promise<boolean> {
    if (!this.#dryRun) {
      try {
        if (!(await this.#allocators.claim(this.#context, address, service))) return false;
      } catch (error) {
        this.#allocators.addresses.release(offset);
        throw error;
      }
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

  /** The node port asked for; `field` is where it was. */
  takePort(service: KubeObject, port: number, field: FieldPath): void {
    const { ports } = this.#allocators;
    const fault = !ports.inRange(port)
      ? `provided port is not in the valid range. The range of valid ports is ${ports.first}-${ports.last}`
      : ports.has(port) || !this.#take(port)
        ? 'provided port is already allocated'
        : undefined;
    if (fault !== undefined) {
      throw newInvalid({ group: '', kind: 'Service' }, service.metadata.name ?? '', [
        invalid(field, port, fault),
      ]);
    }
  }

  #take(port: number): boolean {
    if (this.#dryRun) {
      if (this.#ports.includes(port)) return false;
    } else if (!this.#allocators.ports.take(port)) return false;
    this.#ports.push(port);
    return true;
  }

  /** Any node port. */
  takeAnyPort(): number {
    if (this.#dryRun) {
      const port = Math.max(dryRunPort - 1, ...this.#ports) + 1;
      this.#ports.push(port);
      return port;
    }
    const port = this.#allocators.ports.takeAny();
    if (port === undefined) {
      throw newStatusError({
        code: 500,
        reason: 'InternalError',
        message: 'Internal error occurred: failed to allocate a nodePort: range is full',
        details: { causes: [{ message: 'failed to allocate a nodePort: range is full' }] },
      });
    }
    this.#ports.push(port);
    return port;
  }

  /** Puts everything back. */
  async undo(): Promise<void> {
    if (!this.#dryRun) {
      for (const port of this.#ports.slice(this.#claimed)) this.#allocators.ports.release(port);
      await this.#allocators.releasePorts(this.#ports.slice(0, this.#claimed));
    }
    for (const address of this.#addresses) {
      const offset = this.#allocators.range.offsetOf(address);
      if (this.#dryRun && offset !== undefined) this.#allocators.addresses.release(offset);
      else if (!this.#dryRun) await this.#allocators.unclaim(this.#context, address);
    }
  }
}

function addressError(service: KubeObject, address: string, detail: string): Error {
  return newInvalid({ group: '', kind: 'Service' }, service.metadata.name ?? '', [
    invalid(FieldPath.root('spec', 'clusterIPs'), [address], `failed to allocate IP ${address}: ${detail}`),
  ]);
}
