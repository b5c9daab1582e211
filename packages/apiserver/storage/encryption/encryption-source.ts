import type { Clock, Logger, Timer } from '@coxswain/machinery';
import { Encryption } from './encryption.ts';
import { parseEncryptionConfig } from './load-config.ts';

/** How often a file that may change is looked at. */
const pollMs = 10_000;
/** So long those who began with the old configuration may go on with it. */
const graceMs = 10_000;

export interface EncryptionOptions {
  /** `--encryption-provider-config`. */
  readonly path: string;
  /** Gives the text of the file. Throws when it cannot be read. */
  readonly read: (path: string) => string;
  /** `--encryption-provider-config-automatic-reload`. */
  readonly reload: boolean;
  /** What keys begin with where values are stored, in place of `/registry`: `--etcd-prefix`. */
  readonly keyPrefix: string;
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
  readonly #reloads = { success: 0, failure: 0 };

  private constructor(
    options: EncryptionOptions,
    text: string,
    current: Encryption,
    clock: Clock,
    logger: Logger,
  ) {
    this.#options = options;
    this.#text = text;
    this.#current = current;
    this.#clock = clock;
    this.#logger = logger;
    if (options.reload) this.#pollLater();
  }

  /** @throws EncryptionConfigError in upstream's words */
  static async open(options: EncryptionOptions, clock: Clock, logger: Logger): Promise<EncryptionSource> {
    const text = options.read(options.path);
    const config = parseEncryptionConfig(text, options.path);
    return new EncryptionSource(options, text, await Encryption.build(config, clock, logger), clock, logger);
  }

  get current(): Encryption {
    return this.#current;
  }

  get keyPrefix(): string {
    return this.#options.keyPrefix;
  }

  /** Names of the checks of KMS plugins that there are now. */
  checkNames(): readonly string[] {
    const { kms } = this.#current;
    if (kms.length === 0 && !this.#options.reload) return [];
    return ['kms-providers', ...(this.#options.reload ? [] : kms.map((_, i) => `kms-provider-${i}`))];
  }

  /** Why the plugins that a check is about are not well; undefined when they are. */
  async check(name: string): Promise<string | undefined> {
    const { kms } = this.#current;
    const asked = name === 'kms-providers' ? kms : [kms[Number(name.slice(name.lastIndexOf('-') + 1))]];
    const faults = await Promise.all(asked.map((plugin) => plugin?.check()));
    const texts = faults.filter((fault) => fault !== undefined);
    return texts.length === 0 ? undefined : texts.join('; ');
  }

  /** Counters of reloads in Prometheus' text format; '' where nothing is reloaded. */
  metrics(): string {
    if (!this.#options.reload) return '';
    const name = 'apiserver_encryption_config_controller_automatic_reloads_total';
    return [
      `# HELP ${name} [ALPHA] Total number of reload successes and failures of encryption configuration split by apiserver identity.`,
      `# TYPE ${name} counter`,
      ...Object.entries(this.#reloads).map(([status, count]) => `${name}{status="${status}"} ${count}`),
    ].join('\n');
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
    const { path, read } = this.#options;
    try {
      const text = read(path);
      if (text === this.#text) return;
      const next = await Encryption.build(parseEncryptionConfig(text, path), this.#clock, this.#logger);
      const faults = await Promise.all(next.kms.map((plugin) => plugin.check()));
      const fault = faults.find((one) => one !== undefined);
      if (fault !== undefined) {
        next.close();
        throw new Error(fault);
      }
      this.#replace(next);
      this.#text = text;
      this.#reloads.success++;
      this.#logger.info('the encryption configuration was loaded anew', { path });
    } catch (error) {
      this.#reloads.failure++;
      this.#logger.error('the encryption configuration cannot be loaded anew', {
        path,
        error: String(error),
      });
    }
  }

  #replace(next: Encryption): void {
    const old = this.#current;
    this.#current = next;
    this.#clock.after(graceMs, () => old.close());
  }
}
