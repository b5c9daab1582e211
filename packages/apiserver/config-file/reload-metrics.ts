import type { Clock, Counter, Family, Gauge, MetricsRegistry } from '@coxswain/machinery';
import { serverHash, sha256 } from './hashes.ts';

/** Counts reloads of one configuration file, under upstream's names. */
export class ReloadMetrics {
  readonly #clock: Clock;
  readonly #reloads: Family<Counter>;
  readonly #last: Family<Gauge>;
  readonly #config: Family<Gauge>;

  constructor(
    about: 'authentication' | 'authorization' | 'encryption',
    registry: MetricsRegistry,
    clock: Clock,
  ) {
    const prefix = `apiserver_${about}_config_controller`;
    const labels = ['apiserver_id_hash', 'status'];
    const stability = about === 'encryption' ? 'ALPHA' : 'BETA';
    this.#clock = clock;
    this.#reloads = registry.counter({
      name: `${prefix}_automatic_reloads_total`,
      help: `Automatic reloads of ${about} configuration, by outcome and server.`,
      labels,
      stability,
    });
    this.#last = registry.gauge({
      name: `${prefix}_automatic_reload_last_timestamp_seconds`,
      help: `When the ${about} configuration was last reloaded, by outcome and server.`,
      labels,
      stability,
    });
    this.#config = registry.gauge({
      name: `${prefix}_last_config_info`,
      help: `Hash of the ${about} configuration that is in use.`,
      labels: ['apiserver_id_hash', 'hash'],
    });
  }

  /** @param text the file that is in use now */
  using(text: string): void {
    this.#config.clear();
    this.#config.with(serverHash, sha256(text)).set(1);
  }

  succeeded(text: string): void {
    this.#count('success');
    this.using(text);
  }

  failed(): void {
    this.#count('failure');
  }

  #count(status: 'success' | 'failure'): void {
    this.#reloads.with(serverHash, status).inc();
    this.#last.with(serverHash, status).set(this.#clock.now() / 1000);
  }
}
