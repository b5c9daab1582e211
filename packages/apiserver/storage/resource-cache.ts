import { nextTurn } from '@coxswain/machinery';
import type { KeyValue, StoreEvent } from '@coxswain/store';
import { CacheCounts } from './cache-counts.ts';
import { Entry, type EntryPools } from './entry.ts';
import { type LabelHint, LabelIndex } from './lists/label-index.ts';
import { SortedIndex } from './lists/sorted-index.ts';

/** A change of one object as watchers see it. Shared by all of them. */
export interface CacheEvent {
  readonly type: 'put' | 'delete';
  readonly revision: number;
  /** After the change; for a deletion the last state at the revision of the deletion. */
  readonly entry: Entry;
  /** Before the change; absent for a creation. */
  readonly previous: Entry | undefined;
  /** Bytes framed for watchers, by what they asked for. */
  readonly frames: Map<string, Buffer>;
}

export type EventSink = (event: CacheEvent) => void;

/** Which events a watcher can be interested in at all; selectors are tested by the watcher. */
export interface WatchScope {
  /** '' for all namespaces. */
  readonly namespace: string;
  /** Only objects whose indexed field (see `triggerField`) has this value before or after the change. */
  readonly trigger?: string;
}

/**
 * Events kept in memory for watches that start in the past. Older ones are read from the store's history,
 * so this only has to cover a reconnecting client: 1,024 events of 10 KB are 10 MB.
 */
const windowLimit = 1024;

/** Events whose frames and parsed objects are kept for watchers that are about to begin. */
const framesKept = 64;

/** Fewer objects than this are looked at one by one. */
const indexFrom = 64;
/** A selector that more than this part of the objects may match gains nothing by the index: keys must be sorted. */
const indexedPart = 16;
/** Objects whose labels are found before others get their turn: 500 of 5 µs. */
const indexedAtOnce = 500;

/** The objects of one resource, kept up by the store's events. */
export class ResourceCache {
  readonly prefix: string;
  readonly namespaced: boolean;
  readonly index = new SortedIndex<Entry>();
  readonly counts = new CacheCounts();
  /** Revision of the last change of this resource. */
  lastRevision: number;
  /** All events after this revision are in the window. */
  windowStart: number;
  /** Nobody is told of what was before this revision. */
  origin: number;
  /** Made for the first list with a selector, as it needs the labels of every object. */
  #labels: LabelIndex | undefined;
  /** While the index is being made. */
  #indexing: Promise<void> | undefined;
  readonly #pools: EntryPools | undefined;
  readonly #window: CacheEvent[] = [];
  readonly #everywhere = new Set<EventSink>();
  readonly #onGap = new Set<() => void>();
  readonly #byNamespace = new Map<string, Set<EventSink>>();
  readonly #byTrigger = new Map<string, Set<EventSink>>();
  readonly #trigger: ((entry: Entry) => string) | undefined;

  /** Told of what a subscriber throws, which must not keep the others from their events. */
  readonly #onFault: (error: unknown) => void;

  constructor(
    prefix: string,
    namespaced: boolean,
    revision: number,
    onFault: (error: unknown) => void,
    trigger?: (entry: Entry) => string,
    pools?: EntryPools,
    origin = 0,
  ) {
    this.origin = origin;
    this.#onFault = onFault;
    this.#pools = pools;
    this.prefix = prefix;
    this.namespaced = namespaced;
    this.lastRevision = revision;
    this.windowStart = revision;
    this.#trigger = trigger;
  }

  /**
   * What happened up to the revision is not known whole: ends the watches that would have to tell it. Those who only
   * want the last state of each object are told what differs.
   */
  gap(revision: number): void {
    this.#window.length = 0;
    this.windowStart = revision;
    this.origin = revision;
    for (const end of [...this.#onGap]) end();
  }

  /** Calls `end` when events have been missed, until the function given back is called. */
  onGap(end: () => void): () => void {
    this.#onGap.add(end);
    return () => void this.#onGap.delete(end);
  }

  /** Adds what was there at start, before any event. */
  load(kv: KeyValue): void {
    this.counts.initial++;
    this.index.set(kv.key, Entry.of(kv, this.#pools));
  }

  /** Keys of the few objects that may fulfil the hints, in order; undefined where looking at all is as good. */
  labelled(hints: readonly LabelHint[]): readonly string[] | undefined {
    if (hints.length === 0 || this.#indexing !== undefined) return undefined;
    return this.#labels?.candidates(hints, Math.max(indexFrom, this.index.size / indexedPart));
  }

  /** Makes the index by labels where there is none; undefined when that needs no time. */
  indexLabels(): Promise<void> | undefined {
    if (this.#labels === undefined && this.index.size >= indexFrom) {
      this.#labels = new LabelIndex();
      const left = this.index.keys(this.prefix);
      if (left.length <= indexedAtOnce) this.#indexSome(this.#labels, left);
      else this.#indexing = this.#indexLater(this.#labels, left);
    }
    return this.#indexing;
  }

  /** Changes of the meantime are noted by `apply`, whether or not their object had its turn. */
  async #indexLater(labels: LabelIndex, left: string[]): Promise<void> {
    while (left.length > 0) {
      await nextTurn();
      this.#indexSome(labels, left.splice(-indexedAtOnce));
    }
    this.#indexing = undefined;
  }

  #indexSome(labels: LabelIndex, keys: readonly string[]): void {
    for (const key of keys) labels.change(key, undefined, this.index.get(key)?.labels);
  }

  /** Applies a change of the store; the caller delivers what it gives. */
  apply(event: StoreEvent): CacheEvent {
    this.counts.events++;
    const { key } = event.kv;
    const previous = this.index.get(key);
    let change: CacheEvent;
    if (event.type === 'put') {
      const entry = Entry.of(event.kv, this.#pools);
      this.index.set(key, entry);
      change = { type: 'put', revision: entry.revision, entry, previous, frames: new Map() };
    } else {
      const last = previous ?? Entry.of(event.kv, this.#pools);
      this.index.delete(key);
      change = {
        type: 'delete',
        revision: event.revision,
        entry: last.at(event.revision),
        previous: last,
        frames: new Map(),
      };
    }
    this.#labels?.change(key, previous?.labels, event.type === 'put' ? change.entry.labels : undefined);
    this.lastRevision = change.revision;
    this.#window.push(change);
    const told = this.#window.at(-framesKept);
    if (told !== undefined) letGo(told);
    if (this.#window.length > windowLimit * 2) {
      const { revision } = this.#window[windowLimit - 1] as CacheEvent;
      this.windowStart = Math.max(this.origin, revision);
      this.#window.splice(0, windowLimit);
    }
    return change;
  }

  deliver(change: CacheEvent): void {
    this.#tell(this.#everywhere, change);
    if (this.#byNamespace.size > 0) {
      this.#tell(this.#byNamespace.get(this.namespaceOf(change.entry.key)), change);
    }
    if (this.#trigger !== undefined && this.#byTrigger.size > 0)
      this.#deliverTriggered(change, this.#trigger);
  }

  #deliverTriggered(change: CacheEvent, trigger: (entry: Entry) => string): void {
    const now = trigger(change.entry);
    const before = change.previous === undefined ? now : trigger(change.previous);
    this.#tell(this.#byTrigger.get(now), change);
    if (before !== now) this.#tell(this.#byTrigger.get(before), change);
  }

  #tell(sinks: ReadonlySet<EventSink> | undefined, change: CacheEvent): void {
    if (sinks === undefined) return;
    for (const sink of sinks) {
      try {
        sink(change);
      } catch (error) {
        this.#onFault(error);
      }
    }
  }

  /** Events of the window after `revision`, oldest first. */
  since(revision: number): CacheEvent[] {
    const events = this.#window;
    let low = 0;
    let high = events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((events[middle] as CacheEvent).revision <= revision) low = middle + 1;
      else high = middle;
    }
    return events.slice(low);
  }

  /** Calls `sink` for each change from now on, until the function given back is called. */
  subscribe(scope: WatchScope, sink: EventSink): () => void {
    const { trigger, namespace } = scope;
    if (trigger !== undefined && this.#trigger !== undefined) return join(this.#byTrigger, trigger, sink);
    if (namespace !== '') return join(this.#byNamespace, namespace, sink);
    this.#everywhere.add(sink);
    return () => void this.#everywhere.delete(sink);
  }

  /** The namespace part of a key; '' for cluster-scoped resources. */
  namespaceOf(key: string): string {
    if (!this.namespaced) return '';
    const slash = key.indexOf('/', this.prefix.length);
    return slash < 0 ? '' : key.slice(this.prefix.length, slash);
  }

  /** The name part of a key. */
  nameOf(key: string): string {
    return key.slice(key.lastIndexOf('/') + 1);
  }
}

/** Whoever was to be told has been: the bytes for watchers, and what was made of those that are gone, need not stay. */
function letGo(told: CacheEvent): void {
  told.frames.clear();
  told.previous?.retire();
  if (told.type === 'delete') told.entry.retire();
  else told.entry.settle();
}

function join(groups: Map<string, Set<EventSink>>, group: string, sink: EventSink): () => void {
  let sinks = groups.get(group);
  if (sinks === undefined) {
    sinks = new Set();
    groups.set(group, sinks);
  }
  sinks.add(sink);
  return () => {
    sinks.delete(sink);
    if (sinks.size === 0) groups.delete(group);
  };
}
