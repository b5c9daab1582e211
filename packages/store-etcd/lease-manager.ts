import { randomInt } from 'node:crypto';
import { type Clock, processMetrics } from '@coxswain/machinery';
import type { EtcdChannel } from './etcd-channel.ts';

/** A lease is shared by what is written within a minute, or a twentieth of its life if that is less. */
const reuseSeconds = 60;
const reuseShare = 0.05;
/** As upstream, since many keys on one lease expire in one stroke. */
const maxKeys = 1000;

const objectCounts = processMetrics
  .histogram({
    name: 'etcd_lease_object_counts',
    help: 'Keys that were put on one lease.',
    buckets: [10, 50, 100, 500, 1000, 2500, 5000],
  })
  .with();

interface Shared {
  readonly lease: Promise<number>;
  /** Monotonic milliseconds at which it runs out. */
  readonly expires: number;
  keys: number;
}

/** Leases for keys with a life: one for many keys, so that events do not cost etcd a lease each. */
export class LeaseManager {
  readonly #channel: EtcdChannel;
  readonly #clock: Clock;
  readonly #shared = new Map<number, Shared>();

  constructor(channel: EtcdChannel, clock: Clock) {
    this.#channel = channel;
    this.#clock = clock;
  }

  /** A lease that lasts at least so long. */
  leaseFor(seconds: number): Promise<number> {
    const now = this.#clock.monotonic();
    const present = this.#shared.get(seconds);
    if (present !== undefined && now + seconds * 1000 <= present.expires && present.keys < maxKeys) {
      present.keys++;
      return present.lease;
    }
    if (present !== undefined) objectCounts.observe(present.keys);
    const ttl = seconds + Math.min(reuseSeconds, Math.floor(seconds * reuseShare));
    const lease = this.#grant(ttl);
    const shared: Shared = { lease, expires: now + ttl * 1000, keys: 1 };
    this.#shared.set(seconds, shared);
    lease.catch(() => {
      if (this.#shared.get(seconds) === shared) this.#shared.delete(seconds);
    });
    return lease;
  }

  /** The id is chosen here: etcd's own do not fit a JS number. A grant that is sent twice makes two leases at worst. */
  async #grant(ttl: number): Promise<number> {
    const reply = await this.#channel.call(
      'Lease',
      'LeaseGrant',
      { TTL: ttl, ID: randomInt(1, 2 ** 48 - 1) },
      false,
    );
    return reply.ID as number;
  }
}
