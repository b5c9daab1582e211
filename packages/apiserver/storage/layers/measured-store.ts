import {
  type Clock,
  type Counter,
  type Family,
  type Histogram,
  type MetricsRegistry,
  newStatusError,
  type StatusError,
} from '@coxswain/machinery';
import type { KeyValue, RangeRequest, RangeResult, Store, WriteResult } from '@coxswain/store';
import { ForwardingStore, type LeaseOptions } from './forwarding-store.ts';
import { toStoredMedia } from './media.ts';

/** Upper bounds in seconds, as upstream's. */
const buckets = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
];
const labels = ['operation', 'group', 'resource'];

/** Group and plural of what a key is of. */
export type ResourceOfKey = (key: string) => readonly [string, string];

interface Counted {
  readonly total: Counter;
  readonly errors: () => Counter;
  readonly seconds: Histogram;
}

/** What etcd takes at most with its own default: 1.5 MiB in the form in which upstream stores values. */
const largestRequest = 1.5 * 1024 * 1024;
/** A transaction names its key three times, with a few bytes about each. */
const keyTimes = 3;
const overhead = 64;

function isTooLarge(key: string, value: Uint8Array): boolean {
  const rest = keyTimes * key.length + overhead;
  if (value.length + rest <= largestRequest) return false;
  return toStoredMedia(value, 'application/vnd.kubernetes.protobuf').length + rest > largestRequest;
}

function tooLarge(): StatusError {
  return newStatusError({ code: 500, reason: '', message: 'etcdserver: request is too large' });
}

/** A store whose requests are timed under the names by which upstream times etcd's. */
export class MeasuredStore extends ForwardingStore {
  readonly #clock: Clock;
  readonly #resourceOf: ResourceOfKey;
  readonly #total: Family<Counter>;
  readonly #errors: Family<Counter>;
  readonly #seconds: Family<Histogram>;
  readonly #known = new Map<string, Counted>();

  constructor(store: Store, clock: Clock, metrics: MetricsRegistry, resourceOf: ResourceOfKey) {
    super(store);
    this.#clock = clock;
    this.#resourceOf = resourceOf;
    this.#total = metrics.counter({ name: 'etcd_requests_total', help: 'Requests to the store.', labels });
    this.#errors = metrics.counter({
      name: 'etcd_request_errors_total',
      help: 'Requests to the store that failed.',
      labels,
    });
    this.#seconds = metrics.histogram({
      name: 'etcd_request_duration_seconds',
      help: 'How long requests to the store took.',
      labels,
      buckets,
    });
  }

  override get(key: string): Promise<KeyValue | undefined> {
    return this.#timed('get', key, this.inner.get(key));
  }

  override range(request: RangeRequest): Promise<RangeResult> {
    return this.#timed('list', request.prefix, this.inner.range(request));
  }

  override create(key: string, value: Uint8Array, options?: LeaseOptions): Promise<WriteResult> {
    if (isTooLarge(key, value)) return Promise.reject(tooLarge());
    return this.#timed('create', key, this.inner.create(key, value, options));
  }

  override update(
    key: string,
    value: Uint8Array,
    expectedModRevision: number,
    options?: LeaseOptions,
  ): Promise<WriteResult> {
    if (isTooLarge(key, value)) return Promise.reject(tooLarge());
    return this.#timed('update', key, this.inner.update(key, value, expectedModRevision, options));
  }

  override delete(key: string, expectedModRevision: number): Promise<WriteResult> {
    return this.#timed('delete', key, this.inner.delete(key, expectedModRevision));
  }

  #timed<T>(operation: string, key: string, pending: Promise<T>): Promise<T> {
    const began = this.#clock.monotonic();
    const counted = this.#counted(operation, key);
    const done = (): void => {
      counted.total.value++;
      counted.seconds.observe((this.#clock.monotonic() - began) / 1000);
    };
    // Beside the caller's own wait, so that it comes no later for being timed.
    pending.then(done, () => {
      done();
      counted.errors().inc();
    });
    return pending;
  }

  #counted(operation: string, key: string): Counted {
    const prefix = `${operation} ${resourcePart(key)}`;
    let counted = this.#known.get(prefix);
    if (counted === undefined) {
      const [group, resource] = this.#resourceOf(key);
      counted = {
        total: this.#total.with(operation, group, resource),
        errors: () => this.#errors.with(operation, group, resource),
        seconds: this.#seconds.with(operation, group, resource),
      };
      this.#known.set(prefix, counted);
    }
    return counted;
  }
}

const root = '/registry/'.length;

/** What tells the resource of a key: its first part, and the second where the first is a group. */
export function resourcePart(key: string): string {
  const first = key.indexOf('/', root);
  if (first < 0) return key;
  const part = key.slice(root, first);
  if (part !== 'services' && !part.includes('.')) return part;
  const second = key.indexOf('/', first + 1);
  return second < 0 ? key.slice(root) : key.slice(root, second);
}
