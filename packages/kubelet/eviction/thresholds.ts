import { parseQuantity } from '@coxswain/machinery';

/** What is measured, by upstream's names. */
export type Signal =
  | 'memory.available'
  | 'nodefs.available'
  | 'nodefs.inodesFree'
  | 'imagefs.available'
  | 'pid.available';

export type PressureCondition = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure';

/** How much there is of a thing, and how much is left. */
export interface Observation {
  readonly available: number;
  readonly capacity: number;
}

/** Evict when less than this is left. */
export interface Threshold {
  readonly signal: Signal;
  /** As it was given: a quantity or a percentage of the capacity. */
  readonly text: string;
}

/** The node's condition, and the resource that events and statuses name. */
export const signals: Readonly<Record<Signal, { condition: PressureCondition; resource: string }>> = {
  'memory.available': { condition: 'MemoryPressure', resource: 'memory' },
  'nodefs.available': { condition: 'DiskPressure', resource: 'ephemeral-storage' },
  'nodefs.inodesFree': { condition: 'DiskPressure', resource: 'inodes' },
  'imagefs.available': { condition: 'DiskPressure', resource: 'ephemeral-storage' },
  'pid.available': { condition: 'PIDPressure', resource: 'pids' },
};

/**
 * Upstream keeps 10 % of the disk free; here nodes often share a big one with other work, and a share of it is no
 * measure: an absolute amount is.
 */
export const defaultThresholds: Readonly<Partial<Record<Signal, string>>> = {
  'memory.available': '100Mi',
  'nodefs.available': '1Gi',
  'nodefs.inodesFree': '1%',
  'imagefs.available': '1Gi',
};

export function parseThresholds(given: Readonly<Record<string, string>>): readonly Threshold[] {
  return Object.entries(given).map(([signal, text]) => {
    if (!(signal in signals)) throw new Error(`unsupported eviction signal "${signal}"`);
    return { signal: signal as Signal, text };
  });
}

/** The amount that a threshold stands for. */
export function thresholdAmount({ text }: Threshold, capacity: number): number {
  if (text.endsWith('%')) return (capacity * Number(text.slice(0, -1))) / 100;
  return Number(parseQuantity(text).value());
}

/** The thresholds that are passed. */
export function passedThresholds(
  thresholds: readonly Threshold[],
  observations: ReadonlyMap<Signal, Observation>,
): readonly Threshold[] {
  return thresholds.filter((threshold) => {
    const observed = observations.get(threshold.signal);
    return observed !== undefined && observed.available < thresholdAmount(threshold, observed.capacity);
  });
}
