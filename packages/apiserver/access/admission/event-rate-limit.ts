import { type Clock, newStatusError } from '@coxswain/machinery';
import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin } from '../contract.ts';

/** What events are counted by. */
export type EventLimitType = 'Server' | 'Namespace' | 'User' | 'SourceAndObject';

export interface EventLimit {
  readonly type: EventLimitType;
  /** Events a second. */
  readonly qps: number;
  /** Events at once. */
  readonly burst: number;
  /** How many keys are remembered; 0: 4096. */
  readonly cacheSize: number;
}

const defaultCacheSize = 4096;

/** Fills with time; every event takes one. */
interface Bucket {
  tokens: number;
  /** By the monotonic clock. */
  filledMs: number;
}

/** Refuses events that come faster than the limits allow. */
export class EventRateLimit implements AdmissionPlugin {
  readonly name = 'EventRateLimit';
  readonly #limits: readonly Enforcer[];

  constructor(limits: readonly EventLimit[], clock: Clock) {
    this.#limits = limits.map((limit) => new Enforcer(limit, clock));
  }

  handles(operation: AdmissionOperation): boolean {
    return operation === 'CREATE' || operation === 'UPDATE';
  }

  validate(a: AdmissionAttributes): void {
    if (a.kind.group !== '' || a.kind.kind !== 'Event' || a.dryRun) return;
    const faults = this.#limits.flatMap((limit) => limit.fault(a) ?? []);
    if (faults.length === 0) return;
    const message = faults.length === 1 ? (faults[0] as string) : `[${faults.join(', ')}]`;
    throw newStatusError({ code: 429, reason: 'TooManyRequests', message });
  }
}

class Enforcer {
  readonly #limit: EventLimit;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limit: EventLimit, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Why the event is one too many; undefined when it is not. */
  fault(a: AdmissionAttributes): string | undefined {
    const { type } = this.#limit;
    const key = keyOf(type, a);
    return this.#take(key) ? undefined : `limit reached on type ${type} for key ${key}`;
  }

  #take(key: string): boolean {
    const { qps, burst, cacheSize } = this.#limit;
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, filledMs: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledMs) / 1000) * qps);
    bucket.filledMs = now;
    // the least recently used one goes
    this.#buckets.delete(key);
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined && this.#buckets.size >= (cacheSize || defaultCacheSize)) {
      this.#buckets.delete(oldest);
    }
    this.#buckets.set(key, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }
}

function keyOf(type: EventLimitType, a: AdmissionAttributes): string {
  switch (type) {
    case 'Server':
      return '';
    case 'Namespace':
      return a.namespace;
    case 'User':
      return a.user.name;
    case 'SourceAndObject': {
      const { source = {}, involvedObject: object = {} } = (a.object ?? {}) as Record<string, any>;
      const { kind, namespace, name, uid, apiVersion } = object;
      return [source.component, source.host, kind, namespace, name, uid, apiVersion]
        .map((part) => part ?? '')
        .join('');
    }
  }
}
