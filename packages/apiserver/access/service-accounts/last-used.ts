import type { Transport } from '@coxswain/client';
import { type Clock, formatTime, type KubeObject, type Logger } from '@coxswain/machinery';

const lastUsedLabel = 'kubernetes.io/legacy-token-last-used';
const dayMs = 24 * 60 * 60 * 1000;

/** Writes on Secrets the day on which their token was used last, by which unused ones are found. */
export class LastUsed {
  readonly #transport: () => Transport;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** Secrets whose day is being written. */
  readonly #writing = new Set<string>();

  constructor(transport: () => Transport, clock: Clock, logger: Logger) {
    this.#transport = transport;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** The Secret's token was used; nobody waits for what is written of it. */
  touch(secret: KubeObject): void {
    const now = this.#clock.now();
    const today = dayOf(now);
    const written = secret.metadata.labels?.[lastUsedLabel];
    // a server whose clock is ahead may have written the day that comes
    if (written === today || written === dayOf(now + dayMs)) return;
    const { namespace = '', name = '', uid = '' } = secret.metadata;
    const key = `${namespace}/${name}`;
    if (this.#writing.has(key)) return;
    this.#writing.add(key);
    this.#write(namespace, name, uid, today)
      .catch((error: unknown) => {
        this.#logger.warn('noting the use of a token failed', { secret: key, error: String(error) });
      })
      .finally(() => this.#writing.delete(key));
  }

  async #write(namespace: string, name: string, uid: string, today: string): Promise<void> {
    await this.#transport().request({
      verb: 'patch',
      group: '',
      version: 'v1',
      resource: 'secrets',
      namespace,
      name,
      patchType: 'application/merge-patch+json',
      body: { metadata: { uid, labels: { [lastUsedLabel]: today } } },
    });
  }
}

function dayOf(ms: number): string {
  return formatTime(ms).slice(0, 'YYYY-MM-DD'.length);
}
