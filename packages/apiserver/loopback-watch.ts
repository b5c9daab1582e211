import type { ResourceWatchRequest } from '@coxswain/client';
import type { KubeObject, StatusError } from '@coxswain/machinery';
import type { OpenStreams } from './http/open-streams.ts';
import { shownObject } from './loopback-objects.ts';
import type { ApiRequest, RegistryContext } from './registry/context.ts';
import { type Watching, type WatchSink, watchObjects } from './registry/watch.ts';

/** Bookmarks come about every minute, as over the wire. */
const bookmarkMs = 60_000;

/** A watch of a client of the same process. */
export class LoopbackWatch {
  readonly #context: RegistryContext;
  readonly #request: ApiRequest;
  readonly #asked: ResourceWatchRequest;
  readonly #streams: OpenStreams;
  readonly #timers = new Map<string, { cancel(): void }>();
  /** Settles the promise of the whole watch; absent before `run` and after the end. */
  #settle: ((error?: StatusError) => void) | undefined;
  #watching: Watching | undefined;

  /**
   * @param request the watch as the registry takes it
   * @param asked the same as the client asked for it
   */
  constructor(
    context: RegistryContext,
    request: ApiRequest,
    asked: ResourceWatchRequest,
    streams: OpenStreams,
  ) {
    this.#context = context;
    this.#request = request;
    this.#asked = asked;
    this.#streams = streams;
  }

  /** Tells the client of events; resolves when the client, the server or the time that was asked for ends it. */
  run(): Promise<void> {
    const { signal } = this.#asked;
    return new Promise((resolve, reject) => {
      this.#settle = (error) => (error === undefined ? resolve() : reject(error));
      const watching = watchObjects(this.#context, this.#request, this.#sink());
      this.#watching = watching;
      // Whoever has seen enough may say so while the first events come.
      if (signal?.aborted) this.#end();
      if (this.#settle === undefined) {
        watching.close();
        return;
      }
      signal?.addEventListener('abort', this.#onAbort, { once: true });
      this.#streams.add(this.#onAbort);
      const { timeoutSeconds, allowWatchBookmarks } = watching.options;
      if (timeoutSeconds > 0) this.#after('end', timeoutSeconds * 1000, this.#onAbort);
      if (allowWatchBookmarks) this.#bookmarkLater(watching);
    });
  }

  readonly #onAbort = (): void => this.#end();

  #end(error?: StatusError): void {
    const settle = this.#settle;
    if (settle === undefined) return;
    this.#settle = undefined;
    this.#watching?.close();
    this.#streams.delete(this.#onAbort);
    this.#asked.signal?.removeEventListener('abort', this.#onAbort);
    for (const timer of this.#timers.values()) timer.cancel();
    settle(error);
  }

  #sink(): WatchSink {
    const { resource } = this.#request;
    const { onEvent } = this.#asked;
    return {
      changed: (type, _event, entry) => {
        if (this.#settle !== undefined) onEvent({ type, object: shownObject(resource, entry) });
      },
      initial: (entries) => {
        for (const entry of entries) {
          if (entry !== undefined) onEvent({ type: 'ADDED', object: shownObject(resource, entry) });
        }
      },
      initialDone: (revision) => this.#bookmark(revision, true),
      ended: () => this.#end(),
      failed: (error) => {
        onEvent({ type: 'ERROR', object: error.status });
        this.#end(error);
      },
    };
  }

  #bookmarkLater(watching: Watching): void {
    this.#after('bookmark', bookmarkMs, () => {
      this.#bookmark(watching.revision(), false);
      this.#bookmarkLater(watching);
    });
  }

  #bookmark(revision: number, initial: boolean): void {
    const { fact, apiVersion } = this.#request.resource;
    const metadata: KubeObject['metadata'] = { resourceVersion: String(revision) };
    if (initial) metadata.annotations = { 'k8s.io/initial-events-end': 'true' };
    this.#asked.onEvent({ type: 'BOOKMARK', object: { kind: fact.kind, apiVersion, metadata } });
  }

  #after(name: string, ms: number, then: () => void): void {
    this.#timers.set(name, this.#context.clock.after(ms, then));
  }
}
