import type { RequestOptions, ResourceClient, WatchEvent } from '@coxswain/client';
import {
  type Clock,
  isGone,
  isInvalid,
  type KubeObject,
  type Logger,
  type Status,
  StatusError,
} from '@coxswain/machinery';
import { Backoff } from './backoff.ts';

/** What a reflector fills. Calls come in order and do not overlap. */
export interface ReflectorSink<T extends KubeObject> {
  /** The whole state, after a list. */
  replace(objects: readonly T[]): void;
  /** One change, after it. */
  apply(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void;
}

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: ResourceClient<T>;
  readonly selection: Pick<RequestOptions, 'labelSelector' | 'fieldSelector'>;
  readonly sink: ReflectorSink<T>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** From 0 up to, not including, 1. Default: `Math.random`. */
  readonly random?: () => number;
  /**
   * Take the first state from the watch too (`sendInitialEvents`): the server need not make a list of it. Servers that
   * refuse are asked for a list. Default: false.
   */
  readonly streamed?: boolean;
}

/** On the bookmark that ends the first state of a streamed list. */
const initialEventsEnd = 'k8s.io/initial-events-end';

/** client-go's: watches end after 5 to 10 minutes, so that many do not end at once. */
const minWatchSeconds = 300;
/** client-go's: a watch that ends sooner than this without an event counts as a failure. */
const shortWatchMs = 1_000;

/**
 * Mirrors a resource into a sink: lists (or has the watch begin with all that is there), then watches from the list's revision, and lists anew only when the
 * server no longer has that revision. Failures are retried, with waits of 0.5 s doubling to 10 s.
 */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #backoff: Backoff;
  /** Revision of the last object or bookmark seen; undefined: a list is due. */
  #resourceVersion: string | undefined;
  /** A list must be at least as new as what the sink has seen: after a 410 a read from the quorum. */
  #listFrom = '0';
  #streamed: boolean;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#streamed = options.streamed ?? false;
    this.#backoff = new Backoff({
      clock: options.clock,
      initialMs: 500,
      maxMs: 10_000,
      resetMs: 120_000,
      random: options.random ?? Math.random,
    });
  }

  get lastResourceVersion(): string {
    return this.#resourceVersion ?? '';
  }

  /** Runs until the signal aborts, then resolves. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion !== undefined) await this.#watch(signal);
        else if (this.#streamed) await this.#watch(signal, new Map());
        else await this.#list(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#onFailure(error);
        await this.#backoff.wait(signal).catch(() => {});
      }
    }
  }

  #onFailure(error: unknown): void {
    const { client, logger } = this.#options;
    if (isGone(error)) {
      logger.debug('watch expired, listing anew', { resource: client.ref.resource, error });
      this.#resourceVersion = undefined;
      this.#listFrom = '';
      return;
    }
    if (this.#resourceVersion === undefined && this.#streamed && isInvalid(error)) {
      logger.debug('the server does not stream lists', { resource: client.ref.resource, error });
      this.#streamed = false;
      return;
    }
    logger.warn('failed to list or watch', { resource: client.ref.resource, error });
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, selection, sink } = this.#options;
    const options: RequestOptions =
      this.#listFrom === '' ? selection : { ...selection, resourceVersion: this.#listFrom };
    const items: T[] = [];
    let page = await client.list(options);
    for (const item of page.items) items.push(item);
    while (page.metadata.continue !== undefined && page.metadata.continue !== '') {
      page = await client.list({ ...selection, continue: page.metadata.continue });
      for (const item of page.items) items.push(item);
    }
    if (signal.aborted) return;
    sink.replace(items);
    this.#resourceVersion = page.metadata.resourceVersion ?? '';
    this.#listFrom = this.#resourceVersion;
  }

  /** @param initial gathers the first state, where the watch is to give it */
  async #watch(signal: AbortSignal, initial?: Map<string, T>): Promise<void> {
    const { client, selection, clock, random = Math.random } = this.#options;
    const startedAt = clock.monotonic();
    let events = 0;
    let failure: StatusError | undefined;
    let gathering = initial;
    const onEvent = (event: WatchEvent<T>): void => {
      events++;
      if (event.type === 'ERROR') failure = new StatusError(event.object as Status);
      else if (gathering === undefined) this.#onEvent(event);
      else if (this.#gather(event, gathering)) gathering = undefined;
    };
    const options: RequestOptions = {
      ...selection,
      resourceVersion: initial === undefined ? (this.#resourceVersion ?? '') : this.#listFrom,
      ...(initial === undefined
        ? {}
        : { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' as const }),
      allowWatchBookmarks: true,
      timeoutSeconds: Math.floor(minWatchSeconds * (1 + random())),
    };
    await client.watch(onEvent, options, signal);
    if (failure !== undefined) throw failure;
    if (signal.aborted || events > 0 || clock.monotonic() - startedAt >= shortWatchMs) return;
    throw new Error(
      'very short watch: unexpected watch close, watch lasted less than a second and no items received',
    );
  }

  /** Takes an event of the first state; true when that is whole. */
  #gather(event: Exclude<WatchEvent<T>, { type: 'ERROR' }>, initial: Map<string, T>): boolean {
    const { object } = event;
    const { namespace = '', name = '', annotations, resourceVersion = '' } = object.metadata;
    const key = `${namespace}/${name}`;
    if (event.type === 'DELETED') initial.delete(key);
    else if (event.type !== 'BOOKMARK') initial.set(key, event.object);
    if (event.type !== 'BOOKMARK' || annotations?.[initialEventsEnd] !== 'true') return false;
    this.#options.sink.replace([...initial.values()]);
    this.#resourceVersion = resourceVersion;
    this.#listFrom = resourceVersion;
    return true;
  }

  #onEvent(event: Exclude<WatchEvent<T>, { type: 'ERROR' }>): void {
    const { resourceVersion } = event.object.metadata;
    if (event.type !== 'BOOKMARK') this.#options.sink.apply(event.type, event.object);
    if (resourceVersion !== undefined && resourceVersion !== '') {
      this.#resourceVersion = resourceVersion;
      this.#listFrom = resourceVersion;
    }
  }
}
