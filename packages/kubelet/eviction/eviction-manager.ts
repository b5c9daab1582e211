import type { ContainerStats, Runtime } from '@coxswain/cri';
import { type Clock, formatTime, type Logger, parseQuantity } from '@coxswain/machinery';
import { bytes } from '../cm/linux-resources.ts';
import { containerNameLabel, podUidLabel } from '../kuberuntime/labels.ts';
import type { Rejection } from '../pods/admission.ts';
import { isCriticalPod } from '../pods/pod-names.ts';
import type { PodKill } from '../pods/pod-workers.ts';
import { qosOf } from '../pods/qos.ts';
import type { Pod, PodStatus } from '../types.ts';
import { rankForEviction } from './rank-pods.ts';
import {
  type Observation,
  type PressureCondition,
  passedThresholds,
  type Signal,
  signals,
  type Threshold,
  thresholdAmount,
} from './thresholds.ts';

const intervalMs = 10_000;
/** A condition stays for so long after its cause is gone, so that it does not come and go. */
const transitionMs = 300_000;

export interface EvictionParts {
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly thresholds: readonly Threshold[];
  readonly observe: () => Promise<ReadonlyMap<Signal, Observation>>;
  /** Frees disk without evicting anybody. */
  readonly collectImages: () => Promise<void>;
  /** Pods that run. */
  readonly pods: () => readonly Pod[];
  readonly kill: (pod: Pod, kill: PodKill) => void;
  readonly record: (pod: Pod, reason: string, message: string) => void;
  /** The node's conditions have changed. */
  readonly onChange: () => void;
}

/** Watches the machine's memory, disk and processes, and evicts a pod at a time while one of them runs out. */
export class EvictionManager {
  readonly #parts: EvictionParts;
  /** When the cause of a condition was last seen, in ms of the monotonic clock. */
  readonly #lastSeen = new Map<PressureCondition, number>();

  constructor(parts: EvictionParts) {
    this.#parts = parts;
  }

  has(condition: PressureCondition): boolean {
    const seen = this.#lastSeen.get(condition);
    return seen !== undefined && this.#parts.clock.monotonic() - seen < transitionMs;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#parts;
    while (!signal.aborted) {
      await this.synchronize().catch((error) =>
        logger.warn('could not look for shortages of the node', { error: String(error) }),
      );
      await clock.sleep(intervalMs, signal).catch(() => {});
    }
  }

  /** Refuses a pod that would make a shortage worse. */
  admit(pod: Pod): Rejection | undefined {
    const conditions = (['MemoryPressure', 'DiskPressure', 'PIDPressure'] as const).filter((c) =>
      this.has(c),
    );
    if (conditions.length === 0 || isCriticalPod(pod)) return undefined;
    const onlyMemory = conditions.length === 1 && conditions[0] === 'MemoryPressure';
    if (onlyMemory && qosOf(pod) !== 'BestEffort') return undefined;
    return { reason: 'Evicted', message: `The node had condition: [${conditions.join(' ')}]. ` };
  }

  /** One look, and one eviction if need be. */
  async synchronize(): Promise<void> {
    const { clock, thresholds, observe, collectImages, onChange } = this.#parts;
    const before = this.#conditions();
    let observations = await observe();
    let passed = passedThresholds(thresholds, observations);
    for (const { signal } of passed) this.#lastSeen.set(signals[signal].condition, clock.monotonic());
    if (this.#conditions() !== before) onChange();
    if (passed.some((t) => signals[t.signal].condition === 'DiskPressure')) {
      await collectImages();
      observations = await observe();
      passed = passedThresholds(thresholds, observations);
    }
    const [worst] = passed;
    const observed = worst && observations.get(worst.signal);
    if (worst && observed) await this.#evictOne(worst, observed);
  }

  #conditions(): string {
    return ['MemoryPressure', 'DiskPressure', 'PIDPressure']
      .filter((c) => this.has(c as PressureCondition))
      .join();
  }

  async #evictOne(threshold: Threshold, observed: Observation): Promise<void> {
    const { runtime, clock, pods, kill, record, logger } = this.#parts;
    const { resource } = signals[threshold.signal];
    const usageOf = resource === 'memory' ? memoryOf : diskOf;
    const stats = await runtime.listContainerStats();
    const usages = pods().map((pod) => {
      const own = stats.filter((s) => s.labels[podUidLabel] === pod.metadata.uid);
      return { pod, own, used: own.reduce((sum, s) => sum + usageOf(s), 0) };
    });
    const [victim] = rankForEviction(usages, resource);
    if (!victim) {
      logger.warn('nothing can be evicted, though the node runs short', { resource });
      return;
    }
    const { pod } = victim;
    const own = stats.filter((s) => s.labels[podUidLabel] === pod.metadata.uid);
    const amount = quantity(thresholdAmount(threshold, observed.capacity));
    const head = `The node was low on resource: ${resource}. Threshold quantity: ${amount}, available: ${quantity(observed.available)}. `;
    const message = head + own.map((s) => blame(pod, s, resource, usageOf(s))).join('');
    record(pod, 'Evicted', message);
    const now = formatTime(clock.now());
    kill(pod, { gracePeriod: 1, status: (status) => evicted(status, message, now) });
  }
}

function memoryOf(stats: ContainerStats): number {
  return stats.memoryWorkingSetBytes;
}

function diskOf(stats: ContainerStats): number {
  return stats.writableLayerUsedBytes;
}

function blame(pod: Pod, stats: ContainerStats, resource: string, used: number): string {
  const name = stats.labels[containerNameLabel] ?? stats.metadata.name;
  const request = pod.spec.containers.find((c) => c.name === name)?.resources?.requests?.[resource];
  if (used <= bytes(request)) return '';
  return `Container ${name} was using ${quantity(used)}, request is ${request ?? '0'}, has larger consumption of ${resource}. `;
}

function quantity(amount: number): string {
  return parseQuantity(`${Math.floor(amount / 1024)}Ki`).toString();
}

function evicted(status: PodStatus, message: string, now: string): PodStatus {
  const target = { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message };
  const others = (status.conditions ?? []).filter((c) => c.type !== target.type);
  return {
    ...status,
    phase: 'Failed',
    reason: 'Evicted',
    message,
    conditions: [...others, { ...target, lastTransitionTime: now }],
  };
}
