import type { Client } from '@coxswain/client';
import {
  type Clock,
  formatTime,
  isAlreadyExists,
  isNotFound,
  type KubeObject,
  type Logger,
  StatusError,
  silentLogger,
  systemClock,
} from '@coxswain/machinery';
import type { EventOptions, EventRecorder } from './contract.ts';
import { type CoreEvent, type Correlated, EventCorrelator } from './event-correlator.ts';

export interface EventRecorderOptions {
  /** Such as `kubelet`: the event's `source.component`. */
  readonly component: string;
  /** The node's name, where the component has one. */
  readonly host?: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** client-go's: a server that cannot be reached is tried 12 times, 10 s apart. */
const maxTries = 12;
const retryMs = 10_000;
/** client-go's: so many wait to be written before more are dropped. */
const maxQueued = 1_000;

const events = { group: '', version: 'v1', resource: 'events' };

class ClientEventRecorder implements EventRecorder {
  readonly #client: Client;
  readonly #component: string;
  readonly #host: string | undefined;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #correlator: EventCorrelator;
  readonly #queue: CoreEvent[] = [];
  #writing = false;
  /** Events dropped since the queue was last empty. */
  #dropped = 0;
  /** Makes names of one millisecond differ. */
  #sequence = 0n;

  constructor(client: Client, options: EventRecorderOptions) {
    this.#client = client;
    this.#component = options.component;
    this.#host = options.host;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#correlator = new EventCorrelator(this.#clock);
  }

  event(
    object: KubeObject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    options: EventOptions = {},
  ): void {
    if (this.#queue.length >= maxQueued) {
      // A flood is told of at its begin and its end, not event by event.
      if (this.#dropped++ === 0)
        this.#logger.warn('too many events wait, some are dropped', { reason, message });
      return;
    }
    this.#queue.push(this.#newEvent(object, type, reason, message, options));
    if (this.#writing) return;
    this.#writing = true;
    void this.#drain();
  }

  #newEvent(
    object: KubeObject,
    type: string,
    reason: string,
    message: string,
    options: EventOptions,
  ): CoreEvent {
    const { namespace, name, uid, resourceVersion } = object.metadata;
    const now = this.#clock.now();
    const time = formatTime(now);
    const { fieldPath, annotations } = options;
    return {
      kind: 'Event',
      apiVersion: 'v1',
      metadata: {
        name: `${name}.${this.#uniqueNanos(now).toString(16)}`,
        namespace: namespace === undefined || namespace === '' ? 'default' : namespace,
        ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
      },
      involvedObject: {
        kind: object.kind,
        ...(namespace === undefined || namespace === '' ? {} : { namespace }),
        name,
        ...(uid === undefined ? {} : { uid }),
        apiVersion: object.apiVersion,
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        ...(fieldPath === undefined ? {} : { fieldPath }),
      },
      reason,
      message,
      source: { component: this.#component, ...(this.#host === undefined ? {} : { host: this.#host }) },
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
      type,
      eventTime: null,
      reportingComponent: this.#component,
      reportingInstance: this.#host ?? '',
    };
  }

  #uniqueNanos(ms: number): bigint {
    this.#sequence = (this.#sequence + 1n) % 1_000_000n;
    return BigInt(Math.floor(ms)) * 1_000_000n + this.#sequence;
  }

  async #drain(): Promise<void> {
    for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) {
      const correlated = this.#correlator.correlate(event);
      if (correlated.action !== 'drop') await this.#write(correlated);
    }
    this.#writing = false;
    if (this.#dropped > 0) this.#logger.warn('events were dropped', { count: this.#dropped });
    this.#dropped = 0;
  }

  async #write(correlated: Exclude<Correlated, { action: 'drop' }>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.#correlator.stored(correlated.key, await this.#send(correlated));
        return;
      } catch (error) {
        // The server's answer is final: a namespace that ends, or an event that exists already.
        const final = error instanceof StatusError;
        if (final || attempt === maxTries) {
          const level = isAlreadyExists(error) ? 'debug' : 'warn';
          this.#logger[level]('an event was not written', { reason: correlated.event['reason'], error });
          return;
        }
      }
      await this.#clock.sleep(retryMs);
    }
  }

  async #send(correlated: Exclude<Correlated, { action: 'drop' }>): Promise<CoreEvent> {
    const { event } = correlated;
    const client = this.#client.resource(events, event.metadata.namespace);
    if (correlated.action === 'create') return client.create(event);
    try {
      const name = event.metadata.name ?? '';
      return await client.patch(name, 'application/strategic-merge-patch+json', correlated.patch);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      // It expired in the meantime: write it anew, with the count so far.
      return client.create(event);
    }
  }
}

/** A recorder that writes core/v1 Events through the client. */
export function createEventRecorder(client: Client, options: EventRecorderOptions): EventRecorder {
  return new ClientEventRecorder(client, options);
}
