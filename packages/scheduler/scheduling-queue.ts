import { type Clock, type Timer, writeJson } from '@coxswain/machinery';
import type { ClusterEvent, Plugin } from './framework.ts';
import { type Pod, podKey, podPriority } from './types.ts';

/** 1 s doubling to 10 s, as upstream's podInitialBackoffSeconds and podMaxBackoffSeconds. */
const initialBackoffMs = 1_000;
const maxBackoffMs = 10_000;
/** A pod that no event has woken is tried again after 5 min all the same. */
const unschedulableForMs = 5 * 60_000;

interface Entry {
  pod: Pod;
  /** When the pod first came in: order among equal priorities. */
  readonly since: number;
  readonly sequence: number;
  attempts: number;
  /** Not before this time may the pod be tried again. */
  notBefore: number;
  /** Names of the plugins that refused it last. */
  refusedBy: ReadonlySet<string>;
  where: 'active' | 'backoff' | 'unschedulable' | 'gated' | 'in-flight';
  /** An event that concerns the pod came while it was in flight. */
  woken: boolean;
  timer: Timer | undefined;
}

/**
 * Pods that wait for a node. The most important first, then the longest waiting. A pod that fitted nowhere
 * waits until an event that one of its refusing plugins cares about, then for its back-off.
 */
export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #heap: Entry[] = [];
  readonly #wakes = new Map<ClusterEvent, Set<string>>();
  readonly #gates: readonly Plugin[];
  readonly #onActive: () => void;
  #sequence = 0;

  /** @param onActive called when a pod has become ready to be tried */
  constructor(plugins: readonly Plugin[], clock: Clock, onActive: () => void) {
    this.#clock = clock;
    this.#onActive = onActive;
    this.#gates = plugins.filter((plugin) => plugin.preEnqueue);
    for (const plugin of plugins) {
      for (const event of plugin.wakes ?? []) {
        this.#wakes.set(event, (this.#wakes.get(event) ?? new Set()).add(plugin.name));
      }
    }
  }

  /** How many pods wait, by where they wait. */
  counts(): Record<Entry['where'], number> {
    const counts = { active: 0, backoff: 0, unschedulable: 0, gated: 0, 'in-flight': 0 };
    for (const entry of this.#entries.values()) counts[entry.where]++;
    return counts;
  }

  /** A pod without a node was added or changed. */
  set(pod: Pod): void {
    const key = podKey(pod);
    const entry = this.#entries.get(key);
    if (!entry) {
      const fresh: Entry = {
        pod,
        since: this.#clock.now(),
        sequence: this.#sequence++,
        attempts: 0,
        notBefore: 0,
        refusedBy: new Set(),
        where: 'gated',
        woken: false,
        timer: undefined,
      };
      this.#entries.set(key, fresh);
      this.#enqueue(fresh);
      return;
    }
    const relevant = specChanged(entry.pod, pod);
    entry.pod = pod;
    if (!relevant) return;
    if (entry.where === 'in-flight') entry.woken = true;
    else if (entry.where === 'gated' || entry.where === 'unschedulable') this.#enqueue(entry);
  }

  delete(pod: Pod): void {
    const entry = this.#entries.get(podKey(pod));
    if (!entry) return;
    entry.timer?.cancel();
    this.#entries.delete(podKey(pod));
  }

  /** The next pod to try; undefined when none is ready. It is in flight until `done` or `requeue`. */
  pop(): Pod | undefined {
    for (let entry = heapPop(this.#heap); entry; entry = heapPop(this.#heap)) {
      // Entries that left while they waited in the heap are passed over.
      if (entry.where !== 'active' || this.#entries.get(podKey(entry.pod)) !== entry) continue;
      entry.where = 'in-flight';
      entry.attempts++;
      entry.woken = false;
      return entry.pod;
    }
    return undefined;
  }

  /** The pod was bound, or is gone. */
  done(pod: Pod): void {
    this.delete(pod);
  }

  /** The pod fitted nowhere; `refusedBy` decides which events wake it. Empty: an error, so only back off. */
  requeue(pod: Pod, refusedBy: ReadonlySet<string>): void {
    const entry = this.#entries.get(podKey(pod));
    if (!entry) return;
    entry.refusedBy = refusedBy;
    entry.notBefore =
      this.#clock.now() + Math.min(initialBackoffMs * 2 ** (entry.attempts - 1), maxBackoffMs);
    if (refusedBy.size === 0 || entry.woken) {
      this.#enqueue(entry);
      return;
    }
    entry.where = 'unschedulable';
    entry.timer?.cancel();
    entry.timer = this.#clock.after(unschedulableForMs, () => this.#enqueue(entry));
  }

  /** Something in the cluster changed: pods that it may help are tried again after their back-off. */
  wake(event: ClusterEvent): void {
    const plugins = this.#wakes.get(event);
    if (!plugins) return;
    for (const entry of this.#entries.values()) {
      if (entry.where === 'in-flight') entry.woken = true;
      else if (entry.where === 'unschedulable' && !entry.refusedBy.isDisjointFrom(plugins))
        this.#enqueue(entry);
    }
  }

  close(): void {
    for (const entry of this.#entries.values()) entry.timer?.cancel();
    this.#entries.clear();
    this.#heap.length = 0;
  }

  #enqueue(entry: Entry): void {
    entry.timer?.cancel();
    entry.timer = undefined;
    if (this.#gates.some((plugin) => plugin.preEnqueue?.(entry.pod))) {
      entry.where = 'gated';
      return;
    }
    const wait = entry.notBefore - this.#clock.now();
    if (wait > 0) {
      entry.where = 'backoff';
      entry.timer = this.#clock.after(wait, () => this.#enqueue(entry));
      return;
    }
    entry.where = 'active';
    heapPush(this.#heap, entry);
    this.#onActive();
  }
}

/** Whether the change may make the pod schedulable: not one of its status alone. */
function specChanged(before: Pod, after: Pod): boolean {
  if (before.metadata.uid !== after.metadata.uid || before.metadata.generation !== after.metadata.generation)
    return true;
  return (
    writeJson(before['spec']) !== writeJson(after['spec']) ||
    JSON.stringify(before.metadata.labels) !== JSON.stringify(after.metadata.labels)
  );
}

function before(a: Entry, b: Entry): boolean {
  const byPriority = podPriority(b.pod) - podPriority(a.pod);
  return (byPriority || a.since - b.since || a.sequence - b.sequence) < 0;
}

function heapPush(heap: Entry[], entry: Entry): void {
  let i = heap.push(entry) - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!before(entry, heap[parent] as Entry)) break;
    heap[i] = heap[parent] as Entry;
    i = parent;
  }
  heap[i] = entry;
}

function heapPop(heap: Entry[]): Entry | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (heap.length === 0 || !last) return top;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1] as Entry, heap[child] as Entry)) child++;
    if (!before(heap[child] as Entry, last)) break;
    heap[i] = heap[child] as Entry;
    i = child;
  }
  heap[i] = last;
  return top;
}
