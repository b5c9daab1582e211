import type { corev1, discoveryv1 } from '@coxswain/api';
import type { Clock, Logger } from '@coxswain/machinery';
import type { NodeTopology } from './categorize-endpoints.ts';
import { staleUdpFlows } from './conntrack.ts';
import type { HealthServers, ServiceHealth } from './health-servers.ts';
import type { ProxyHealth } from './healthz-server.ts';
import { baseTable } from './nft/base-table.ts';
import { CommandError, type CommandRunner } from './nft/nft-runner.ts';
import type { RenderOptions } from './nft/render-service.ts';
import { RuleBook } from './nft/rule-book.ts';
import { noService, type ServiceState, serviceState } from './service-state.ts';

/** Where the proxier reads the state of the cluster, at the time it asks. */
export interface ProxySource {
  service(key: string): corev1.Service | undefined;
  slices(key: string): readonly discoveryv1.EndpointSlice[];
  /** Keys of all services. */
  keys(): Iterable<string>;
  topology(): NodeTopology;
}

export interface ProxierOptions extends RenderOptions {
  readonly nodeIps: readonly string[];
  readonly serviceCidrs: readonly string[];
  readonly source: ProxySource;
  readonly runner: CommandRunner;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly health: ProxyHealth;
  readonly healthServers: HealthServers;
}

/** Lets the events of one change, such as a slice's and its service's, go into one transaction. */
const settleMs = 2;

/** After a refused transaction, the whole table is written anew; kept from spinning by this. */
const retryMs = 1_000;

/**
 * Keeps the kernel's table equal to what the services want: one transaction at a time, with the changes that
 * came in meanwhile going into the next. Connections that stand are not touched by any of it, as address
 * translation is decided at the first packet.
 */
export class Proxier {
  readonly #options: ProxierOptions;
  readonly #book = new RuleBook();
  readonly #states = new Map<string, ServiceState>();
  readonly #dirty = new Set<string>();
  #whole = true;
  #started = false;
  #scheduled = false;
  #running: Promise<void> | undefined;
  #closed = false;
  /** Resolve when the sync that they wait for is done. */
  #waiters: (() => void)[] = [];

  constructor(options: ProxierOptions) {
    this.#options = options;
  }

  /** From here on the source is complete: writes the whole table. */
  start(): void {
    this.#started = true;
    this.#whole = true;
    this.#schedule(0);
  }

  /** The service or its slices have changed. */
  changed(key: string): void {
    this.#dirty.add(key);
    this.#schedule(settleMs);
  }

  /** The node's place has changed, on which the choice of endpoints rests. */
  allChanged(): void {
    for (const key of this.#options.source.keys()) this.#dirty.add(key);
    this.#schedule(settleMs);
  }

  /** Resolves when all that was known at the call is in the kernel. */
  synced(): Promise<void> {
    if (!this.#pending() && this.#running === undefined) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Ends after the running transaction; the table stays, so that services go on working. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    this.#release();
  }

  #pending(): boolean {
    return this.#whole || this.#dirty.size > 0;
  }

  #schedule(ms: number): void {
    this.#options.health.queued();
    if (!this.#started || this.#scheduled || this.#running !== undefined || this.#closed) return;
    this.#scheduled = true;
    this.#options.clock.after(ms, () => {
      this.#scheduled = false;
      this.#running = this.#sync().finally(() => {
        this.#running = undefined;
        if (this.#pending()) this.#schedule(this.#whole ? retryMs : settleMs);
        else this.#release();
      });
    });
  }

  #release(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }

  async #sync(): Promise<void> {
    if (this.#closed) return;
    const { source, runner, logger, clock, health } = this.#options;
    const began = clock.monotonic();
    const whole = this.#whole;
    const keys = whole ? new Set([...source.keys()]) : new Set(this.#dirty);
    if (whole) this.#book.reset();
    const gone = whole ? [...this.#states.keys()].filter((key) => !keys.has(key)) : [];
    this.#dirty.clear();
    this.#whole = false;

    const topology = source.topology();
    const after = new Map<string, ServiceState>();
    for (const key of [...keys, ...gone]) {
      after.set(key, serviceState(source.service(key), source.slices(key), topology, this.#options));
    }
    const changes = this.#book.apply(
      new Map([...after].map(([key, state]) => [key, state === noService ? undefined : state.fragment])),
    );
    const text = whole ? baseTable(this.#options) + changes : changes;
    try {
      if (text !== '') await runner.run(['nft', '-f', '-'], text);
    } catch (error) {
      this.#whole = true;
      logger.error('nftables sync failed', { error: (error as Error).message, services: keys.size });
      return;
    }
    await this.#forgetFlows(after);
    for (const [key, state] of after) {
      if (state === noService) this.#states.delete(key);
      else this.#states.set(key, state);
    }
    this.#options.healthServers.sync(this.#healthChecks());
    if (this.#dirty.size === 0) health.updated();
    logger.debug('SyncProxyRules complete', { elapsedMs: clock.monotonic() - began, services: keys.size });
  }

  async #forgetFlows(after: ReadonlyMap<string, ServiceState>): Promise<void> {
    for (const [key, state] of after) {
      const before = this.#states.get(key) ?? noService;
      for (const port of new Set([...before.udp.keys(), ...state.udp.keys()])) {
        for (const args of staleUdpFlows(before.udp.get(port), state.udp.get(port))) {
          await this.#conntrack(args);
        }
      }
    }
  }

  async #conntrack(args: readonly string[]): Promise<void> {
    try {
      await this.#options.runner.run(['conntrack', ...args]);
    } catch (error) {
      // Status 1 with no entries deleted says that there was no such flow, which is as well.
      if (error instanceof CommandError && error.message.includes('0 flow entries')) return;
      this.#options.logger.warn('Failed to delete stale connections', { error: (error as Error).message });
    }
  }

  #healthChecks(): readonly ServiceHealth[] {
    const found: ServiceHealth[] = [];
    for (const [key, { healthCheck }] of this.#states) {
      if (healthCheck === undefined) continue;
      const [namespace = '', name = ''] = key.split('/');
      found.push({ namespace, name, ...healthCheck });
    }
    return found;
  }
}
