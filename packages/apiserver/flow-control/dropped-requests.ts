import type { Clock } from '@coxswain/machinery';

/** Seconds; upstream's bounds. */
const shortest = 1;
const longest = 32;

interface Level {
  retryAfter: number;
  /** The second in which it was last raised. */
  raised: number;
  second: number;
  count: number;
  /** Drops of earlier seconds, oldest first. */
  history: { readonly second: number; readonly count: number }[];
}

/**
 * How long clients of an overloaded level are told to stay away: twice as long while it drops three requests a second,
 * a second less when it drops fewer than one.
 */
export class DroppedRequests {
  readonly #clock: Clock;
  readonly #levels = new Map<string, Level>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  record(name: string): void {
    const second = Math.floor(this.#clock.now() / 1000);
    const level = this.#levels.get(name);
    if (level === undefined) {
      this.#levels.set(name, { retryAfter: shortest, raised: 0, second, count: 1, history: [] });
      return;
    }
    if (second !== level.second) {
      level.history.push({ second: level.second, count: level.count });
      level.history = level.history.filter((past) => second - past.second <= longest);
      level.second = second;
      level.count = 0;
      adjust(level, second);
    }
    level.count++;
  }

  /** Seconds. */
  retryAfter(name: string): number {
    return this.#levels.get(name)?.retryAfter ?? shortest;
  }
}

function adjust(level: Level, second: number): void {
  const { retryAfter } = level;
  const dropped = level.history
    .filter((past) => second - past.second <= retryAfter)
    .reduce((sum, { count }) => sum + count, 0);
  if (second - level.raised >= retryAfter && dropped >= 3 * retryAfter) {
    level.retryAfter = Math.min(longest, retryAfter * 2);
    level.raised = second;
  } else if (dropped < retryAfter && retryAfter > shortest) level.retryAfter--;
}
