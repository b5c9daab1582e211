/**
 * Loaded into a server under test by `--import`: measures for how long its event loop is held at a time. The first
 * signal SIGUSR2 writes the figures since the last one to the file that `COXSWAIN_LOOP_PROBE` names.
 *
 * A turn of the loop is measured in wall time and in CPU time of the main thread: the second does not grow when other
 * programs want the processor too.
 */

import { renameSync, writeFileSync } from 'node:fs';
import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/** What the probe writes. Milliseconds; the longest turns come with the time at which they ended. */
export interface LoopReport {
  readonly turns: number;
  readonly wall: LoopTimes;
  readonly cpu: LoopTimes;
  readonly longest: readonly { readonly cpu: number; readonly wall: number; readonly endedAt: number }[];
  readonly memory: NodeJS.MemoryUsage;
  /** Milliseconds of collections of garbage, by their kind. */
  readonly garbage: Readonly<
    Record<string, { readonly count: number; readonly sum: number; readonly max: number }>
  >;
  /** Turns by their length in CPU milliseconds: below 1, 2, 5, 10, 20, 50, 100 and above. */
  readonly histogram: readonly number[];
}

export interface LoopTimes {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export const histogramBounds: readonly number[] = [1, 2, 5, 10, 20, 50, 100];
const longestKept = 40;
/** A timer comes round once a turn of the loop, and at most so often: turns that are shorter count as one. */
const intervalMs = 1;

const kinds: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weak callbacks',
};

class LoopProbe {
  readonly #file: string;
  #wall: number[] = [];
  #cpu: number[] = [];
  #longest: { cpu: number; wall: number; endedAt: number }[] = [];
  #garbage: Record<string, { count: number; sum: number; max: number }> = {};
  #wallAt = milliseconds();
  #cpuAt = cpuMilliseconds();

  constructor(file: string) {
    this.#file = file;
    process.on('SIGUSR2', () => this.#write());
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        // Entries of this type have it; their type does not say so.
        const { duration, detail } = entry as PerformanceEntry & {
          readonly detail: { readonly kind: number };
        };
        const kind = kinds[detail.kind] ?? 'other';
        const { count, sum, max } = this.#garbage[kind] ?? { count: 0, sum: 0, max: 0 };
        this.#garbage[kind] = { count: count + 1, sum: sum + duration, max: Math.max(max, duration) };
      }
    }).observe({ entryTypes: ['gc'] });
    setInterval(() => {
      const wallAt = milliseconds();
      const cpuAt = cpuMilliseconds();
      this.#note(cpuAt - this.#cpuAt, wallAt - this.#wallAt, wallAt);
      this.#wallAt = wallAt;
      this.#cpuAt = cpuAt;
    }, intervalMs).unref();
  }

  #note(cpu: number, wall: number, endedAt: number): void {
    this.#wall.push(wall);
    // The kernel may add what a thread used in steps of its own.
    const held = Math.min(cpu, wall);
    this.#cpu.push(held);
    if (held < (this.#longest.at(-1)?.cpu ?? 0) && this.#longest.length >= longestKept) return;
    this.#longest.push({ cpu: held, wall, endedAt });
    this.#longest.sort((a, b) => b.cpu - a.cpu);
    this.#longest.length = Math.min(this.#longest.length, longestKept);
  }

  #write(): void {
    const report: LoopReport = {
      turns: this.#cpu.length,
      wall: times(this.#wall),
      cpu: times(this.#cpu),
      longest: this.#longest,
      memory: process.memoryUsage(),
      garbage: this.#garbage,
      histogram: histogram(this.#cpu),
    };
    this.#wall = [];
    this.#cpu = [];
    this.#longest = [];
    this.#garbage = {};
    // Whoever waits for the file finds all of it.
    writeFileSync(`${this.#file}.part`, JSON.stringify(report));
    renameSync(`${this.#file}.part`, this.#file);
    this.#wallAt = milliseconds();
    this.#cpuAt = cpuMilliseconds();
  }
}

/** Of the monotonic clock, as the times of CPU profiles are. */
function milliseconds(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function cpuMilliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function times(values: readonly number[]): LoopTimes {
  const sorted = Float64Array.from(values).sort();
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1) };
}

function histogram(values: readonly number[]): number[] {
  const counts = new Array<number>(histogramBounds.length + 1).fill(0);
  for (const value of values) {
    const bound = histogramBounds.findIndex((limit) => value < limit);
    counts[bound < 0 ? histogramBounds.length : bound]!++;
  }
  return counts;
}

const file = process.env['COXSWAIN_LOOP_PROBE'];
if (isMainThread && file !== undefined) new LoopProbe(file);
