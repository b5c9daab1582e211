import { goJson, type KubeObject, type StatusError } from '@coxswain/machinery';
import type { ApiRequest, RegistryContext } from '../../registry/context.ts';
import type { ServedResource } from '../../registry/resource-registry.ts';
import { fromStored } from '../../registry/versions.ts';
import { isEvents, type Watching, type WatchSink, watchObjects } from '../../registry/watch.ts';
import type { Entry } from '../../storage/entry.ts';
import { SliceWriter } from '../../storage/lists/slice-writer.ts';
import type { CacheEvent } from '../../storage/resource-cache.ts';
import type { Negotiated } from '../forms/negotiate.ts';
import { toProtobufFrame } from '../forms/protobuf.ts';
import { checkIncludeObject, partialObject, tableOf } from '../forms/transform.ts';
import { workAtOnce } from '../forms/work-at-once.ts';
import type { WatchCounts } from '../metrics/metrics.ts';
import type { OpenStreams } from '../open-streams.ts';
import { emptyObject } from './empty-object.ts';
import type { WatchOutput } from './watch-output.ts';

/** A watch without timeoutSeconds ends after 30 to 60 minutes, as upstream's min-request-timeout says. */
const minTimeoutMs = 1_800_000;
/** Bookmarks come about every minute, shortly before the end, and soon after a beginning that others wrote to. */
const bookmarkMs = 60_000;
const firstBookmarkMs = 1_000;
const lastBookmarkMs = 2_000;

/** What concerns one watch beside its request. */
export interface WatchSettings {
  /** How long it lasts at least where the client does not say. */
  readonly minTimeoutMs?: number;
  /** What the watcher is warned of. */
  readonly warnings?: readonly string[];
  /** Why the watch cannot begin. */
  readonly failure?: StatusError;
  /** What the watch begins with was sent. */
  readonly begun?: () => void;
  /** It began with a list, and the bookmark at its end was sent. */
  readonly listed?: () => void;
  /** Where its events are counted. */
  readonly events?: WatchCounts;
}

/** Serves a watch until the client leaves, the time is over or the server goes down. */
export function serveWatch(
  context: RegistryContext,
  apiRequest: ApiRequest,
  negotiated: Negotiated,
  output: WatchOutput,
  open: OpenStreams,
  settings: WatchSettings = {},
): void {
  const stream = new WatchStream(context, apiRequest, negotiated, settings.events);
  const send = (frame: Buffer): void => output.send(frame);
  let finished = false;
  let watching: Watching | undefined;
  const timers = new Set<{ cancel(): void }>();
  const finish = (abrupt: boolean): void => {
    if (finished) return;
    finished = true;
    open.delete(close);
    watching?.close();
    for (const timer of timers) timer.cancel();
    if (abrupt) output.abort();
    else output.end();
  };
  const close = (): void => finish(false);
  watching = watchObjects(context, apiRequest, stream.sink(send, close), settings.failure);
  output.onGone(() => finish(true));
  output.head(stream.contentType, settings.warnings ?? []);
  const { options } = watching;
  if (options.timeoutSeconds < 0) {
    close();
    return;
  }
  const begun = (): void => {
    settings.begun?.();
    if (options.sendInitialEvents === true && options.allowWatchBookmarks) settings.listed?.();
  };
  output.begin(stream.beginning()).then(begun, (error: unknown) => {
    context.logger.error('a watch could not begin', { error: String(error) });
    finish(true);
  });
  open.add(close);
  if (finished) return;
  const { clock } = context;
  const timeout =
    options.timeoutSeconds > 0
      ? options.timeoutSeconds * 1000
      : (settings.minTimeoutMs ?? minTimeoutMs) * (1 + context.random());
  timers.add(clock.after(timeout, close));
  // Upstream's watches of events tell no bookmark but that of their beginning.
  if (!options.allowWatchBookmarks || isEvents(apiRequest)) return;
  const bookmark = (): void => {
    const revision = watching.revision();
    if (revision > watching.began) send(stream.bookmark(revision, false));
  };
  let periodic = clock.after(bookmarkMs, function again() {
    bookmark();
    timers.delete(periodic);
    periodic = clock.after(bookmarkMs, again);
    timers.add(periodic);
  });
  timers.add(periodic);
  if (timeout > lastBookmarkMs) timers.add(clock.after(timeout - lastBookmarkMs, bookmark));
  if (options.sendInitialEvents !== true) return;
  const first = clock.after(firstBookmarkMs, () => {
    timers.delete(first);
    if (watching.lastChange() > watching.began) bookmark();
  });
  timers.add(first);
}

/** Frames events in the form one client asked for; equal forms share their bytes. */
class WatchStream {
  readonly contentType: string;
  readonly #context: RegistryContext;
  readonly #resource: ServedResource;
  readonly #negotiated: Negotiated;
  readonly #includeObject: string;
  /** Names the form; '' for the stored bytes as they are. */
  readonly #form: string;
  readonly #events: WatchCounts | undefined;
  #columnsSent = false;
  /** What the watch begins with, until it has begun: objects, and the revision of a bookmark at their end. */
  #initial: (Iterable<Entry | undefined> | number)[] | undefined = [];

  constructor(
    context: RegistryContext,
    request: ApiRequest,
    negotiated: Negotiated,
    events: WatchCounts | undefined,
  ) {
    this.#events = events;
    this.#context = context;
    this.#resource = request.resource;
    this.#negotiated = negotiated;
    this.#includeObject = request.query['includeObject'] ?? '';
    if (negotiated.as === 'Table') checkIncludeObject(this.#includeObject);
    this.contentType =
      negotiated.format === 'protobuf'
        ? 'application/vnd.kubernetes.protobuf;stream=watch'
        : 'application/json';
    const { as, asVersion, format } = negotiated;
    const version = this.#resource.direct ? '' : this.#resource.apiVersion;
    this.#form =
      as === '' && format === 'json' && version === ''
        ? ''
        : `${format} ${as} ${asVersion} ${version} ${as === 'Table' ? this.#includeObject : ''}`;
  }

  sink(send: (frame: Buffer) => void, close: () => void): WatchSink {
    return this.#negotiated.as === 'PartialObjectMetadataList'
      ? this.#without(send, close)
      : this.#with(send, close);
  }

  /** No event has the form of a list: upstream ends such a watch at the first one. */
  #without(send: (frame: Buffer) => void, close: () => void): WatchSink {
    // Not before the head was sent.
    const end = (): void => queueMicrotask(close);
    return {
      ...this.#with(send, close),
      changed: end,
      initial: (entries) => {
        for (const entry of entries) if (entry !== undefined) return end();
      },
      initialDone: end,
    };
  }

  #with(send: (frame: Buffer) => void, close: () => void): WatchSink {
    return {
      changed: (type, event, entry) => {
        const frame = this.#shared(type, event, entry);
        this.#count(frame.length);
        send(frame);
      },
      initial: (entries) => {
        if (this.#initial !== undefined) this.#initial.push(entries);
        else for (const entry of entries) if (entry !== undefined) send(this.#frame('ADDED', entry));
      },
      initialDone: (revision) => {
        if (this.#initial !== undefined) this.#initial.push(revision);
        else send(this.bookmark(revision, true));
      },
      ended: close,
      failed: (error: StatusError) => {
        send(this.#frameObject('ERROR', error.status));
        close();
      },
    };
  }

  /** The frames of what was there when the watch began, in slices; to be sent before any other. */
  *beginning(): Generator<Buffer> {
    const initial = this.#initial ?? [];
    this.#initial = undefined;
    const out = new SliceWriter();
    let work = 0;
    let empty = true;
    for (const part of initial) {
      if (typeof part === 'number') {
        out.bytes(this.bookmark(part, true));
        empty = false;
        continue;
      }
      for (const entry of part) {
        if (entry === undefined) work += refusalWork;
        else work += this.#begin(out, entry);
        empty &&= entry === undefined;
        if (out.full) yield out.take();
        else if (work >= workAtOnce) yield nothing;
        else continue;
        work = 0;
      }
    }
    if (!empty) yield out.take();
  }

  #count(bytes: number): void {
    if (this.#events === undefined) return;
    this.#events.total.value++;
    this.#events.sizes.observe(bytes);
  }

  /** Gives what it cost beyond copying, in the measure of `workAtOnce`. */
  #begin(out: SliceWriter, entry: Entry): number {
    this.#count(entry.value.length);
    if (this.#form !== '') {
      out.bytes(this.#frame('ADDED', entry));
      return 3 * entry.value.length;
    }
    out.ascii('{"type":"ADDED","object":');
    for (const piece of entry.pieces()) out.bytes(piece);
    out.ascii('}\n');
    return 0;
  }

  /** Says up to which revision everything was sent. */
  bookmark(revision: number, initialEventsEnd: boolean): Buffer {
    const metadata: KubeObject['metadata'] = { resourceVersion: String(revision) };
    if (initialEventsEnd) metadata.annotations = { 'k8s.io/initial-events-end': 'true' };
    return this.#frameObject('BOOKMARK', this.#transform(emptyObject(this.#resource, metadata)));
  }

  #shared(type: string, event: CacheEvent, entry: Entry): Buffer {
    if (this.#negotiated.as === 'Table' && !this.#columnsSent) return this.#frame(type, entry);
    const key = `${type} ${this.#form}`;
    let frame = event.frames.get(key);
    if (frame === undefined) {
      frame = this.#frame(type, entry);
      event.frames.set(key, frame);
    }
    return frame;
  }

  #frame(type: string, entry: Entry): Buffer {
    if (this.#form === '') {
      return Buffer.concat([Buffer.from(`{"type":"${type}","object":`), ...entry.pieces(), frameEnd]);
    }
    return this.#frameObject(type, this.#transform(fromStored(this.#resource, entry.object)));
  }

  #transform(object: KubeObject): object {
    const { as, asVersion } = this.#negotiated;
    const version = `meta.k8s.io/${asVersion}`;
    if (as === 'PartialObjectMetadata') return partialObject(object, version);
    if (as !== 'Table') return object;
    const table = tableOf(
      this.#resource,
      object,
      version,
      this.#includeObject,
      this.#context.clock.now(),
    ) as { columnDefinitions: unknown; rows: unknown };
    // The columns come with the first event only.
    if (this.#columnsSent) table.columnDefinitions = null;
    this.#columnsSent = true;
    return table;
  }

  #frameObject(type: string, object: object): Buffer {
    if (this.#negotiated.format !== 'protobuf') {
      return Buffer.from(`{"type":"${type}","object":${goJson(object)}}\n`);
    }
    return toProtobufFrame(type, object);
  }
}

const nothing = Buffer.alloc(0);
/** To parse an object that is not selected, as far as it needs that, in the measure of `workAtOnce`. */
const refusalWork = 2 * 1024;
const frameEnd = Buffer.from('}\n');
