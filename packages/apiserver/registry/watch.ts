import { newResourceExpired, newStatusError, StatusError } from '@coxswain/machinery';
import { CompactedError, type StoreWatch } from '@coxswain/store';
import { Entry } from '../storage/entry.ts';
import type { CacheEvent } from '../storage/resource-cache.ts';
import type { CustomBehaviour } from './body/custom.ts';
import type { ApiRequest, RegistryContext } from './context.ts';
import { boolean, type ListOptions, parseListOptions } from './options/options.ts';
import { checkReadVersion } from './options/resource-version.ts';
import { compileSelection, type Selection } from './options/selection.ts';

/** What a watcher is told. `event` carries the shared frames. */
export interface WatchSink {
  changed(type: 'ADDED' | 'MODIFIED' | 'DELETED', event: CacheEvent, entry: Entry): void;
  /**
   * Objects that were there when the watch began. They may be taken later, in turns; undefined stands for one that was
   * looked at and is not selected.
   */
  initial(entries: Iterable<Entry | undefined>): void;
  /** Everything of the beginning was sent; only when initial events were asked for, and bookmarks. */
  initialDone(revision: number): void;
  /** What is watched is served no more, or otherwise than before. */
  ended(): void;
  /** The watch cannot go on. */
  failed(error: StatusError): void;
}

/** A watch under way. */
export interface Watching {
  readonly options: ListOptions;
  /** Revision of the state that it began with: a bookmark of that one would tell nothing new. */
  readonly began: number;
  /** Revision of the last change of what is watched, selected or not. */
  lastChange(): number;
  /** Revision up to which everything has been sent; for bookmarks. */
  revision(): number;
  close(): void;
}

/**
 * Waits for the state that a watch begins with, where it begins with one: the newest, or one not older than the
 * revision it names. Undefined when it is there already. Resolves to why it does not come: the watch is then told so.
 * Throws upstream's errors for bad options.
 */
export function beforeWatch(
  context: RegistryContext,
  request: ApiRequest,
): Promise<StatusError | undefined> | undefined {
  const { watchCache } = context;
  const { resourceVersion = '', sendInitialEvents } = request.query;
  let waiting: () => Promise<void> | undefined;
  if (resourceVersion === '') waiting = () => watchCache.freshen();
  else {
    const revision = Number(resourceVersion);
    if (boolean(sendInitialEvents) !== true || !(revision > watchCache.revision)) return undefined;
    waiting = () => watchCache.waitUntilFresh(revision);
  }
  wantedOf(request);
  return waiting()?.then(() => undefined, asStatusError);
}

/** What a watch asks for. */
interface Wanted {
  readonly options: ListOptions;
  readonly selection: Selection;
}

function wantedOf(request: ApiRequest): Wanted {
  const options = parseListOptions(request);
  const selection = compileSelection(request.resource, request.namespace, request.name, options);
  checkReadVersion(options.resourceVersion);
  return { options, selection };
}

/** A sink that may keep events back until objects are converted. */
interface HoldingSink extends WatchSink {
  /** Decides what the watcher is told once all these can be shown, after everything before it. */
  hold(entries: readonly Entry[], decide: (to: WatchSink) => void): void;
}

/** Keeps events back, and their order, while objects before them are being converted. */
function convertingSink(custom: CustomBehaviour, to: WatchSink): HoldingSink {
  let last: Promise<void> | undefined;
  const afterAll = (entries: readonly Entry[], tellIt: () => void | Promise<void>): void => {
    const pending = entries.length === 0 ? undefined : custom.prepare(entries.map((one) => one.object));
    const told = pending === undefined && last === undefined ? tellIt() : undefined;
    if (pending === undefined && last === undefined && told === undefined) return;
    const turn: Promise<void> = (told ?? Promise.all([last, pending]).then(tellIt))
      .catch((error: unknown) => to.failed(asStatusError(error)))
      .then(() => {
        if (last === turn) last = undefined;
      });
    last = turn;
  };
  const after = (entry: Entry | undefined, tellIt: () => void): void =>
    afterAll(entry === undefined ? [] : [entry], tellIt);
  return {
    hold: (entries, decide) =>
      afterAll(entries, () => {
        let shown: Promise<void> | undefined;
        decide({
          initial: (entries) => to.initial(entries),
          initialDone: (revision) => to.initialDone(revision),
          ended: () => to.ended(),
          failed: (error) => to.failed(error),
          // What leaves a selection is told in a state of its own.
          changed: (type, event, entry) => {
            const pending = custom.prepare([entry.object]);
            if (pending === undefined) to.changed(type, event, entry);
            else shown = pending.then(() => to.changed(type, event, entry));
          },
        });
        return shown;
      }),
    changed: (type, event, entry) => after(entry, () => to.changed(type, event, entry)),
    initial: (entries) => {
      for (const entry of entries) if (entry !== undefined) after(entry, () => to.initial([entry]));
    },
    initialDone: (revision) => after(undefined, () => to.initialDone(revision)),
    ended: () => after(undefined, () => to.ended()),
    failed: (error) => after(undefined, () => to.failed(error)),
  };
}

/** A watcher is told of any fault as it is. */
function asStatusError(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return newStatusError({ code: 500, reason: 'InternalError', message });
}

/**
 * Starts a watch. Events come at once or later, in order; those of the past first.
 * Throws upstream's errors for bad options before anything is sent.
 * @param failure what `beforeWatch` came to
 */
export function watchObjects(
  context: RegistryContext,
  request: ApiRequest,
  to: WatchSink,
  failure?: StatusError,
): Watching {
  const { custom, lifetime, cache } = request.resource;
  if (failure !== undefined) return failing(wantedOf(request).options, to, failure);
  const holding = custom === undefined ? undefined : convertingSink(custom, to);
  const sink = holding ?? to;
  const watching = beginWatch(context, request, sink, holding);
  const isShared = context.store.readRevision !== undefined;
  if (lifetime === undefined && !isShared) return watching;
  const ended = (): void => sink.ended();
  const lives = lifetime?.onEnd(ended);
  const misses = isShared ? cache.onGap(ended) : undefined;
  const close = (): void => {
    lives?.();
    misses?.();
    watching.close();
  };
  return { ...watching, close };
}

function beginWatch(
  context: RegistryContext,
  request: ApiRequest,
  sink: WatchSink,
  holding: HoldingSink | undefined,
): Watching {
  const { options, selection } = wantedOf(request);
  const { cache } = request.resource;
  const { watchCache } = context;
  const after = options.resourceVersion === '' ? 0 : Number(options.resourceVersion);
  const told = teller(selection, sink, holding);
  const deliver = (event: CacheEvent): void => {
    if (event.revision > after) told(event);
  };
  const revision = (): number => watchCache.revision;
  const lastChange = (): number => cache.lastRevision;
  const fromState =
    options.sendInitialEvents === true || (options.sendInitialEvents === undefined && after === 0);
  if (fromState) {
    const began = watchCache.revision;
    const prefix =
      selection.scope.namespace === '' ? cache.prefix : `${cache.prefix}${selection.scope.namespace}/`;
    const { values } = cache.index.page(prefix, prefix, 0);
    const begin = (to: WatchSink): void =>
      to.initial(selection.matches === undefined ? values : selected(values, selection.matches));
    if (selection.ofVersion === true && holding !== undefined) holding.hold(values, begin);
    else begin(sink);
    if (options.sendInitialEvents === true && options.allowWatchBookmarks) sink.initialDone(began);
    const close = cache.subscribe(selection.scope, told);
    return { options, began, lastChange, revision, close };
  }
  // Upstream keeps no window of events: what the store has forgotten is gone for their watchers.
  const forgotten = isEvents(request) && after < context.store.compactedRevision;
  if (after === 0 || (after >= cache.windowStart && !forgotten)) {
    for (const event of after === 0 ? [] : cache.since(after)) {
      if (inScope(selection, cache.namespaceOf(event.entry.key))) told(event);
    }
    const began = after === 0 ? watchCache.revision : Math.max(after, cache.lastRevision);
    return { options, began, lastChange, revision, close: cache.subscribe(selection.scope, deliver) };
  }
  const watch = { request, selection, options, sink, told };
  if (after < cache.origin) return tooOld(watch, after);
  return watchHistory(context, watch, after);
}

/** A watch from before there was what is watched. */
function tooOld({ request, options, sink }: HistoryWatch, after: number): Watching {
  const { origin } = request.resource.cache;
  return failing(options, sink, newResourceExpired(`too old resource version: ${after} (${origin})`));
}

/** A watch that tells nothing but a failure. */
function failing(options: ListOptions, sink: WatchSink, failure: StatusError): Watching {
  // Told after the caller has its handle, as an event of the stream.
  queueMicrotask(() => sink.failed(failure));
  return { options, began: 0, lastChange: () => 0, revision: () => 0, close: () => {} };
}

function* selected(
  entries: readonly Entry[],
  matches: (entry: Entry) => boolean,
): Generator<Entry | undefined> {
  for (const entry of entries) yield matches(entry) ? entry : undefined;
}

/** Upstream has no cache of events: watches of them come straight from etcd. */
export function isEvents(request: ApiRequest): boolean {
  return request.resource.fact.resource === 'events';
}

function inScope(selection: Selection, namespace: string): boolean {
  return selection.scope.namespace === '' || selection.scope.namespace === namespace;
}

/** A watch whose beginning is no longer in the cache. */
interface HistoryWatch {
  readonly request: ApiRequest;
  readonly selection: Selection;
  readonly options: ListOptions;
  readonly sink: WatchSink;
  readonly told: (event: CacheEvent) => void;
}

/** A watch from before the cache's window: the store's own history tells it. */
function watchHistory(
  { store }: RegistryContext,
  { request, selection, options, sink, told }: HistoryWatch,
  after: number,
): Watching {
  const { cache } = request.resource;
  let sent = after;
  let watch: StoreWatch | undefined;
  const fail = (error: unknown): void => sink.failed(expired(error, request, after, cache.windowStart));
  try {
    watch = store.watch({
      prefix:
        selection.scope.namespace === '' ? cache.prefix : `${cache.prefix}${selection.scope.namespace}/`,
      afterRevision: after,
      onEvents: (events) => {
        for (const event of events) {
          const last = event.type === 'put' ? event.previous : event.kv;
          const previous = last === undefined ? undefined : Entry.of(last);
          const revision = event.type === 'put' ? event.kv.modRevision : event.revision;
          const entry = event.type === 'put' ? Entry.of(event.kv) : (previous as Entry).at(revision);
          sent = revision;
          told({ type: event.type, revision, entry, previous, frames: new Map() });
        }
      },
      onEnd: (error) => {
        if (error !== undefined) fail(error);
      },
    });
  } catch (error) {
    // Told after the caller has its handle, as an event of the stream.
    queueMicrotask(() => fail(error));
  }
  return { options, began: after, lastChange: () => sent, revision: () => sent, close: () => watch?.close() };
}

function expired(error: unknown, request: ApiRequest, after: number, oldest: number): StatusError {
  if (!(error instanceof CompactedError)) return newResourceExpired((error as Error).message);
  // Upstream serves events straight from etcd, whose words differ from the watch cache's.
  return newResourceExpired(
    isEvents(request)
      ? 'The resourceVersion for the provided watch is too old.'
      : `too old resource version: ${after} (${oldest})`,
  );
}

/** Tells events through the selectors, which may have to wait for objects of the version that they speak of. */
function teller(
  selection: Selection,
  sink: WatchSink,
  holding: HoldingSink | undefined,
): (event: CacheEvent) => void {
  if (selection.ofVersion !== true || holding === undefined) return (event) => tell(selection, event, sink);
  return (event) => {
    const { entry, previous } = event;
    const states = previous === undefined || previous === entry ? [entry] : [previous, entry];
    holding.hold(states, (to) => tell(selection, event, to));
  };
}

/** An event seen through the selectors: entering the selection is an ADDED, leaving it a DELETED. */
function tell(selection: Selection, event: CacheEvent, sink: WatchSink): void {
  const { matches } = selection;
  const before = event.previous !== undefined && (matches === undefined || matches(event.previous));
  const now = event.type === 'put' && (matches === undefined || matches(event.entry));
  if (now) sink.changed(before ? 'MODIFIED' : 'ADDED', event, event.entry);
  else if (before) sink.changed('DELETED', event, leaving(event));
}

const departures = new WeakMap<CacheEvent, Entry>();

/** What a watcher whose selection the object leaves is told: the last matching state at the new revision. */
function leaving(event: CacheEvent): Entry {
  if (event.type === 'delete') return event.entry;
  let entry = departures.get(event);
  if (entry === undefined) {
    entry = (event.previous as Entry).at(event.revision);
    departures.set(event, entry);
  }
  return entry;
}
