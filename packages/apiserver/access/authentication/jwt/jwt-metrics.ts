import {
  type Clock,
  exponentialBuckets,
  type Family,
  type Gauge,
  type Histogram,
  MetricsRegistry,
} from '@coxswain/machinery';
import { serverHash, sha256 } from '../../../config-file/hashes.ts';

/** Times and counts what issuers' tokens take, under upstream's names; issuers by the hash of their URL. */
export class JwtMetrics {
  readonly #clock: Clock;
  readonly #latency: Family<Histogram>;
  readonly #fetched: Family<Gauge>;
  readonly #keySets: Family<Gauge>;
  /** Of each issuer's newest keys. */
  readonly #hashes = new Map<string, string>();

  constructor(clock: Clock, registry: MetricsRegistry = new MetricsRegistry()) {
    const prefix = 'apiserver_authentication_jwt_authenticator';
    this.#clock = clock;
    this.#latency = registry.histogram({
      name: `${prefix}_latency_seconds`,
      help: 'How long tokens took that were not remembered, by outcome.',
      labels: ['jwt_issuer_hash', 'result'],
      buckets: exponentialBuckets(0.001, 2, 15),
    });
    this.#fetched = registry.gauge({
      name: `${prefix}_jwks_fetch_last_timestamp_seconds`,
      help: 'When the keys of an issuer were last asked for, by outcome.',
      labels: ['apiserver_id_hash', 'jwt_issuer_hash', 'result'],
    });
    this.#keySets = registry.gauge({
      name: `${prefix}_jwks_fetch_last_key_set_info`,
      help: 'Hash of the keys that an issuer gave last.',
      labels: ['apiserver_id_hash', 'hash', 'jwt_issuer_hash'],
    });
  }

  /** @param began by the monotonic clock */
  authenticated(issuer: string, began: number, result: 'success' | 'failure'): void {
    this.#latency.with(sha256(issuer), result).observe((this.#clock.monotonic() - began) / 1000);
  }

  /** @param keys the document's text; absent: the issuer did not give it */
  fetched(issuer: string, keys?: string): void {
    const hash = sha256(issuer);
    const result = keys === undefined ? 'failure' : 'success';
    this.#fetched.with(serverHash, hash, result).set(this.#clock.now() / 1000);
    if (keys === undefined) return;
    const before = this.#hashes.get(hash);
    const now = sha256(keys);
    if (before !== undefined && before !== now) this.#keySets.remove(serverHash, before, hash);
    this.#hashes.set(hash, now);
    this.#keySets.with(serverHash, now, hash).set(1);
  }
}
