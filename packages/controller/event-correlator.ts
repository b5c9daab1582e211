import type { Clock, KubeObject } from '@coxswain/machinery';
import { LruCache } from './lru-cache.ts';

/** client-go's numbers. */
const cacheEntries = 4_096;
/** So many different messages of one reason about one object become one combined event... */
const maxSimilar = 10;
/** ...while not more than 10 minutes lie between them. */
const similarWindowMs = 600_000;
/** 25 events of one source about one object at once, */
const spamBurst = 25;
/** then one every 5 minutes. */
const spamRefillMs = 300_000;

/** A core/v1 Event that is going to be written. */
export type CoreEvent = KubeObject;

/** What to do with an event. */
export type Correlated =
  | { readonly action: 'drop' }
  | { readonly action: 'create'; readonly event: CoreEvent; readonly key: string }
  /** The event was seen before: `patch` brings the stored one up to date, `event` takes its place if it is gone. */
  | {
      readonly action: 'patch';
      readonly event: CoreEvent;
      readonly patch: Readonly<Record<string, unknown>>;
      readonly key: string;
    };

interface Observation {
  readonly name: string;
  readonly firstTimestamp: string;
  readonly count: number;
}

interface Similar {
  readonly messages: Set<string>;
  readonly lastAt: number;
}

/** Folds repeated events into counts, similar ones into one, and drops floods (client-go's EventCorrelator). */
export class EventCorrelator {
  readonly #clock: Clock;
  readonly #observed = new LruCache<Observation>(cacheEntries);
  readonly #similar = new LruCache<Similar>(cacheEntries);
  readonly #buckets = new LruCache<{ readonly tokens: number; readonly at: number }>(cacheEntries);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  correlate(event: CoreEvent): Correlated {
    const { event: folded, key } = this.#aggregate(event);
    const last = this.#observed.get(key);
    const merged: CoreEvent =
      last === undefined
        ? folded
        : {
            ...folded,
            metadata: { ...folded.metadata, name: last.name },
            firstTimestamp: last.firstTimestamp,
            count: last.count + 1,
          };
    this.#observed.set(key, observationOf(merged));
    if (!this.#mayPass(event)) return { action: 'drop' };
    if (last === undefined) return { action: 'create', event: merged, key };
    const { count, lastTimestamp, message } = merged;
    return { action: 'patch', event: merged, patch: { count, lastTimestamp, message }, key };
  }

  /** Remembers an event as the server stored it. */
  stored(key: string, event: CoreEvent): void {
    this.#observed.set(key, observationOf(event));
  }

  #aggregate(event: CoreEvent): { event: CoreEvent; key: string } {
    const aggregateKey = keyOfAggregate(event);
    const now = this.#clock.now();
    const held = this.#similar.get(aggregateKey);
    const messages =
      held !== undefined && now - held.lastAt <= similarWindowMs ? held.messages : new Set<string>();
    messages.add(event['message']);
    this.#similar.set(aggregateKey, { messages, lastAt: now });
    if (messages.size < maxSimilar) return { event, key: `${aggregateKey}${event['message']}` };
    const [any] = messages;
    messages.delete(any as string);
    const message = `(combined from similar events): ${event['message']}`;
    return { event: { ...event, message }, key: aggregateKey };
  }

  #mayPass(event: CoreEvent): boolean {
    const key = keyOfSource(event);
    const now = this.#clock.now();
    const bucket = this.#buckets.get(key) ?? { tokens: spamBurst, at: now };
    const tokens = Math.min(spamBurst, bucket.tokens + (now - bucket.at) / spamRefillMs);
    const pass = tokens >= 1;
    this.#buckets.set(key, { tokens: pass ? tokens - 1 : tokens, at: now });
    return pass;
  }
}

function observationOf(event: CoreEvent): Observation {
  return {
    name: event.metadata.name ?? '',
    firstTimestamp: event['firstTimestamp'],
    count: event['count'],
  };
}

/** The parts that events of one source about one object share. */
function keyOfSource(event: CoreEvent): string {
  const { source = {}, involvedObject: about } = event;
  return JSON.stringify([
    source.component,
    source.host,
    about.kind,
    about.namespace,
    about.name,
    about.uid,
    about.apiVersion,
    about.fieldPath,
  ]);
}

function keyOfAggregate(event: CoreEvent): string {
  const { type, reason } = event;
  return keyOfSource(event) + JSON.stringify([type, reason]);
}
