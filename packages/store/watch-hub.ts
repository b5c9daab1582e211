import type { StoreEvent, StoreWatch, WatchRequest } from './contract.ts';
import { eventRevision } from './event-log.ts';
import { wholeEvent } from './log/past-key-value.ts';

/** Events of a backlog that are delivered at once: 256 of some 20 µs where values are read. */
const backlogAtOnce = 256;

interface Watcher {
  readonly request: WatchRequest;
  /** Events up to here are not for this watcher. */
  after: number;
  /** Events that wait for the first delivery; absent afterwards. */
  backlog: StoreEvent[] | undefined;
  closed: boolean;
}

/** The watchers of one prefix; they are given the same array of events. */
interface Group {
  readonly prefix: string;
  readonly watchers: Set<Watcher>;
  pending: StoreEvent[];
}

/** Hands events to the watchers of their prefixes; the cost does not grow with the watchers of others. */
export class WatchHub {
  readonly #groups = new Map<string, Group>();
  /** The distinct lengths of prefixes, ascending. */
  #lengths: number[] = [];
  #queue: StoreEvent[] = [];
  #dispatching = false;

  get watchers(): number {
    let count = 0;
    for (const group of this.#groups.values()) count += group.watchers.size;
    return count;
  }

  /**
   * Starts a watch. `backlog` are the events that it missed so far; they are delivered first, after this
   * call has returned.
   */
  add(request: WatchRequest, backlog: StoreEvent[], revision: number): StoreWatch {
    const watcher: Watcher = {
      request,
      after: Math.max(request.afterRevision, revision),
      backlog,
      closed: false,
    };
    const group = this.#groupOf(request.prefix);
    group.watchers.add(watcher);
    queueMicrotask(() => this.#deliverBacklog(group, watcher));
    return { close: () => this.#remove(group, watcher) };
  }

  /** Values may have to be read: others get their turn between the parts of a long backlog. */
  #deliverBacklog(group: Group, watcher: Watcher): void {
    const waiting = watcher.backlog;
    if (watcher.closed || waiting === undefined) return;
    const events = waiting.splice(0, backlogAtOnce);
    if (waiting.length === 0) watcher.backlog = undefined;
    else setImmediate(() => this.#deliverBacklog(group, watcher));
    if (events.length > 0) this.#call(group, watcher, events, wholeEvent);
  }

  /** Delivers events in order. A watcher that writes in turn is served when the others have had this batch. */
  dispatch(events: readonly StoreEvent[]): void {
    for (const event of events) this.#queue.push(event);
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      while (this.#queue.length > 0) {
        const batch = this.#queue;
        this.#queue = [];
        this.#dispatchBatch(batch);
      }
    } finally {
      this.#dispatching = false;
    }
  }

  /** Ends every watch. */
  endAll(error?: Error): void {
    const groups = [...this.#groups.values()];
    this.#groups.clear();
    this.#lengths = [];
    for (const group of groups) {
      for (const watcher of group.watchers) {
        watcher.closed = true;
        watcher.request.onEnd(error);
      }
      group.watchers.clear();
    }
  }

  #dispatchBatch(batch: readonly StoreEvent[]): void {
    const touched: Group[] = [];
    for (const event of batch) {
      const { key } = event.kv;
      for (const length of this.#lengths) {
        if (length > key.length) break;
        const group = this.#groups.get(key.slice(0, length));
        if (group === undefined) continue;
        if (group.pending.length === 0) touched.push(group);
        group.pending.push(event);
      }
    }
    for (const group of touched) {
      const events = group.pending;
      group.pending = [];
      const last = eventRevision(events[events.length - 1]!);
      for (const watcher of group.watchers) this.#deliver(group, watcher, events, last);
    }
  }

  #deliver(group: Group, watcher: Watcher, events: StoreEvent[], last: number): void {
    if (watcher.closed || last <= watcher.after) return;
    const { after } = watcher;
    const fresh = eventRevision(events[0]!) > after ? events : events.filter((e) => eventRevision(e) > after);
    watcher.after = last;
    if (watcher.backlog === undefined) this.#call(group, watcher, fresh);
    else for (const event of fresh) watcher.backlog.push(event);
  }

  /** A watcher that throws has broken its contract, and history may be gone: only that watch ends. */
  #call(
    group: Group,
    watcher: Watcher,
    events: readonly StoreEvent[],
    prepare?: (event: StoreEvent) => StoreEvent,
  ): void {
    try {
      watcher.request.onEvents(prepare === undefined ? events : events.map(prepare));
    } catch (error) {
      this.#remove(group, watcher);
      watcher.request.onEnd(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #groupOf(prefix: string): Group {
    let group = this.#groups.get(prefix);
    if (group === undefined) {
      group = { prefix, watchers: new Set(), pending: [] };
      this.#groups.set(prefix, group);
      this.#measure();
    }
    return group;
  }

  #remove(group: Group, watcher: Watcher): void {
    watcher.closed = true;
    group.watchers.delete(watcher);
    if (group.watchers.size === 0 && this.#groups.get(group.prefix) === group) {
      this.#groups.delete(group.prefix);
      this.#measure();
    }
  }

  #measure(): void {
    const lengths = new Set<number>();
    for (const prefix of this.#groups.keys()) lengths.add(prefix.length);
    this.#lengths = [...lengths].sort((a, b) => a - b);
  }
}
