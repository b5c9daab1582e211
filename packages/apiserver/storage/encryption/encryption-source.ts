import type { Clock, Logger, MetricsRegistry, Timer } from '@coxswain/machinery';
import { ReloadMetrics } from '../../config-file/reload-metrics.ts';
import { Encryption } from './encryption.ts';
import { KmsMetrics } from './kms/kms-metrics.ts';
import { type EncryptionFile, loadEncryptionConfig } from './load-config.ts';

/** How often a file that may change is looked at. */
const pollMs = 10_000;
/** `--encryption-provider-config`, `--encryption-provider-config-automatic-reload`. */
export interface EncryptionOptions extends EncryptionFile {
  /** What keys begin with where values are stored, in place of `/registry`: `--etcd-prefix`. */
  readonly keyPrefix: string;
}

interface Opened {
  readonly text: string;
  readonly current: Encryption;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly kms: KmsMetrics;
  readonly reloads: ReloadMetrics;
}

/** The encryption configuration of a server, which may change while it runs. */
export class EncryptionSource {
  readonly #options: EncryptionOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #text: string;
  #current: Encryption;
  #timer: Timer | undefined;
  #closed = false;
  readonly #kmsMetrics: KmsMetrics;
  readonly #reloads: ReloadMetrics;

  private constructor(options: EncryptionOptions, { text, current, clock, logger, kms, reloads }: Opened) {
    this.#options = options;
    this.#text = text;
    this.#current = current;
    this.#clock = clock;
    this.#logger = logger;
    this.#kmsMetrics = kms;
    this.#reloads = reloads;
    reloads.using(text);
    if (options.reload) this.#pollLater();
  }

  /** @throws EncryptionConfigError in upstream's words */
  static async open(
    options: EncryptionOptions,
    clock: Clock,
    logger: Logger,
    registry: MetricsRegistry,
  ): Promise<EncryptionSource> {
    const { text, config } = loadEncryptionConfig(options);
    const kms = new KmsMetrics(registry, clock);
    const reloads = new ReloadMetrics('encryption', registry, clock);
    const current = await Encryption.build(config, clock, logger, kms);
    return new EncryptionSource(options, { text, current, clock, logger, kms, reloads });
  }

  get current(): Encryption {
    return this.#current;
  }

  get keyPrefix(): string {
    return this.#options.keyPrefix;
  }

  /** Names of the checks of KMS plugins: one for all of them, also of those that a reload may bring. */
  checkNames(): readonly string[] {
    return this.#current.kms.length === 0 && !this.#options.reload ? [] : ['kms-providers'];
  }

  /** Why plugins are not well; undefined when all are. */
  check(): Promise<string | undefined> {
    return this.#current.check();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#current.close();
  }

  #pollLater(): void {
    this.#timer = this.#clock.after(pollMs, () => {
      void this.reload().then(() => {
        if (!this.#closed) this.#pollLater();
      });
    });
  }

  /** Takes up the file if it has changed; a faulty one changes nothing. Never rejects. */
  async reload(): Promise<void> {
    const { path } = this.#options;
    try {
      const { text, config } = loadEncryptionConfig(this.#options);
      if (text === this.#text) return;
      const next = await Encryption.build(config, this.#clock, this.#logger, this.#kmsMetrics);
      const fault = await next.check();
      if (fault !== undefined) {
        next.close();
        throw new Error(`health check for new transformers failed: ${fault}`);
      }
      this.#replace(next);
      this.#text = text;
      this.#reloads.succeeded(text);
      this.#logger.info('the encryption configuration was loaded anew', { path });
    } catch (error) {
      this.#reloads.failed();
      this.#logger.error('the encryption configuration cannot be loaded anew', {
        path,
        error: String(error),
      });
    }
  }

  #replace(next: Encryption): void {
    const old = this.#current;
    this.#current = next;
    // Those who began with it may wait for its plugins.
    this.#clock.after(old.graceMs, () => old.close());
  }
}
