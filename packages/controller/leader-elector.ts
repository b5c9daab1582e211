import type { Client, ResourceClient } from '@coxswain/client';
import {
  type Clock,
  formatMicroTime,
  isNotFound,
  type KubeObject,
  type Logger,
  silentLogger,
  systemClock,
} from '@coxswain/machinery';

export interface LeaderElectorOptions {
  readonly client: Client;
  /** Of the Lease. */
  readonly namespace: string;
  readonly name: string;
  /** Who this is: unique among the candidates. */
  readonly identity: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Others take over when the lease was not renewed for so long. Default: 15 s. */
  readonly leaseDurationMs?: number;
  /** A leader that could not renew for so long gives up; less than the lease's duration. Default: 10 s. */
  readonly renewDeadlineMs?: number;
  /** Default: 2 s. */
  readonly retryPeriodMs?: number;
  /** Gives the lease up when told to stop, so that the next need not wait. Default: true. */
  readonly releaseOnCancel?: boolean;
  /** From 0 up to, not including, 1. Default: `Math.random`. */
  readonly random?: () => number;
  /** Called when the lease is held; the signal aborts when it no longer is. */
  readonly onStartedLeading: (signal: AbortSignal) => void | Promise<void>;
  readonly onStoppedLeading?: () => void;
  readonly onNewLeader?: (identity: string) => void;
}

const leases = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' };
/** client-go's: candidates wait up to 2.2 times the period, so that they do not come together. */
const jitterFactor = 1.2;

interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

/**
 * Elects one leader among the holders of a name, by a Lease (client-go's leaderelection). Clocks of the
 * candidates need not agree: what counts is how long the record has not changed as seen from here.
 */
export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #client: ResourceClient;
  #observed: KubeObject | undefined;
  #observedAt = Number.NEGATIVE_INFINITY;
  #reported = '';

  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = (options.logger ?? silentLogger).child({ lease: `${options.namespace}/${options.name}` });
    this.#client = options.client.resource(leases, options.namespace);
  }

  get isLeader(): boolean {
    return this.#holder === this.#options.identity;
  }

  get #holder(): string {
    return this.#specOf(this.#observed).holderIdentity ?? '';
  }

  /** Waits for the lease, leads, and resolves when it is lost or the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { retryPeriodMs = 2_000, random = Math.random, onStartedLeading, onStoppedLeading } = this.#options;
    while (!(await this.#tryAcquireOrRenew())) {
      if (!(await this.#pause(retryPeriodMs * (1 + jitterFactor * random()), signal))) return;
    }
    if (signal.aborted) {
      await this.#release();
      return;
    }
    const leading = new AbortController();
    const work = Promise.resolve(onStartedLeading(leading.signal));
    try {
      await this.#renew(signal);
    } finally {
      leading.abort();
      await work.catch((error: unknown) => this.#logger.error('the leader failed', { error }));
      if (signal.aborted) await this.#release();
      onStoppedLeading?.();
    }
  }

  /** Renews until that fails for too long or the signal aborts. */
  async #renew(signal: AbortSignal): Promise<void> {
    const { retryPeriodMs = 2_000, renewDeadlineMs = 10_000 } = this.#options;
    let renewedAt = this.#clock.monotonic();
    while (await this.#pause(retryPeriodMs, signal)) {
      if (await this.#tryAcquireOrRenew()) renewedAt = this.#clock.monotonic();
      else if (this.#holder !== this.#options.identity) break;
      else if (this.#clock.monotonic() - renewedAt >= renewDeadlineMs) break;
    }
    if (!signal.aborted) this.#logger.error('failed to renew the lease, leadership is lost');
  }

  async #pause(ms: number, signal: AbortSignal): Promise<boolean> {
    await this.#clock.sleep(ms, signal).catch(() => {});
    return !signal.aborted;
  }

  /** An answer that does not come before the deadline counts as a failure. */
  async #tryAcquireOrRenew(): Promise<boolean> {
    const { renewDeadlineMs = 10_000 } = this.#options;
    const late = Promise.withResolvers<never>();
    const timer = this.#clock.after(renewDeadlineMs, () =>
      late.reject(new Error('the server does not answer')),
    );
    try {
      const held = await Promise.race([this.#acquireOrRenew(), late.promise]);
      this.#report();
      return held;
    } catch (error) {
      this.#logger.warn('failed to acquire or renew the lease', { error });
      return false;
    } finally {
      timer.cancel();
    }
  }

  async #acquireOrRenew(): Promise<boolean> {
    const { name, namespace, identity, leaseDurationMs = 15_000 } = this.#options;
    let lease: KubeObject;
    try {
      lease = await this.#client.get(name);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      const metadata = { name, namespace };
      const spec = this.#newSpec(undefined);
      const body = { kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', metadata, spec };
      this.#observe(await this.#client.create(body));
      return true;
    }
    if (lease.metadata.resourceVersion !== this.#observed?.metadata.resourceVersion) this.#observe(lease);
    const spec = this.#specOf(lease);
    const holder = spec.holderIdentity ?? '';
    const expired =
      this.#clock.monotonic() - this.#observedAt >=
      (spec.leaseDurationSeconds ?? leaseDurationMs / 1_000) * 1_000;
    if (holder !== '' && holder !== identity && !expired) return false;
    this.#observe(
      await this.#client.update({ ...lease, spec: { ...lease['spec'], ...this.#newSpec(spec) } }),
    );
    return true;
  }

  #newSpec(before: LeaseSpec | undefined): LeaseSpec {
    const { identity, leaseDurationMs = 15_000 } = this.#options;
    const now = formatMicroTime(this.#clock.now());
    const kept = before?.holderIdentity === identity;
    const transitions = before?.leaseTransitions ?? 0;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(leaseDurationMs / 1_000),
      acquireTime: kept ? (before.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: before === undefined || kept ? transitions : transitions + 1,
    };
  }

  async #release(): Promise<void> {
    if (this.#options.releaseOnCancel === false || !this.isLeader || this.#observed === undefined) return;
    const now = formatMicroTime(this.#clock.now());
    const { leaseTransitions = 0 } = this.#specOf(this.#observed);
    const spec = {
      holderIdentity: '',
      leaseDurationSeconds: 1,
      acquireTime: now,
      renewTime: now,
      leaseTransitions,
    };
    try {
      this.#observe(await this.#client.update({ ...this.#observed, spec }));
    } catch (error) {
      this.#logger.warn('failed to release the lease', { error });
    }
  }

  #observe(lease: KubeObject): void {
    this.#observed = lease;
    this.#observedAt = this.#clock.monotonic();
  }

  #specOf(lease: KubeObject | undefined): LeaseSpec {
    return lease?.['spec'] ?? {};
  }

  #report(): void {
    const holder = this.#holder;
    if (holder === this.#reported) return;
    this.#reported = holder;
    this.#options.onNewLeader?.(holder);
  }
}
