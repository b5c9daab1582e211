import type { LevelConfig } from './config.ts';

/** How many seats a level has by its shares, and what of them may move. */
export interface SeatLimits {
  readonly nominal: number;
  /** What it keeps when others are in need. */
  readonly lower: number;
  /** What it may grow to. */
  readonly upper: number;
}

/** Splits the server's seats among the levels by their shares. */
export function seatLimits(levels: readonly LevelConfig[], serverSeats: number): Map<string, SeatLimits> {
  const shares = levels.reduce((sum, level) => sum + level.shares, 0);
  return new Map(
    levels.map((level) => {
      const nominal = shares === 0 ? 0 : Math.ceil((serverSeats * level.shares) / shares);
      const lendable = Math.round((nominal * level.lendablePercent) / 100);
      const { borrowingLimitPercent: percent } = level;
      const borrowed = percent === undefined ? serverSeats : Math.round((nominal * percent) / 100);
      return [level.name, { nominal, lower: nominal - lendable, upper: nominal + borrowed }];
    }),
  );
}

/** What one level would take in a distribution; `lower` is no more than the others. */
export interface SeatClaim {
  readonly lower: number;
  readonly upper: number;
  readonly target: number;
}

/** What a distribution came to. */
export interface Distribution {
  readonly fraction: number;
  /** In the order of the claims. */
  readonly parts: readonly number[];
}

/** Where nothing is aimed at, the least of something. */
const leastTarget = 0.001;
/** Sums that differ by less are the same. */
const epsilon = 1e-7;

/**
 * Distributes seats so that each level gets the same fraction of its target, within its bounds, and nothing is left.
 * @returns undefined where the bounds do not allow it
 */
export function distribute(seats: number, claims: readonly SeatClaim[]): Distribution | undefined {
  const bounds = claims.map(({ lower, upper, target }) => {
    const aim = Math.max(target, leastTarget);
    return { lower, upper, aim, from: lower / aim, to: upper / aim };
  });
  const [least, most] = [sum(claims.map(({ lower }) => lower)), sum(claims.map(({ upper }) => upper))];
  if (least - seats > epsilon || seats - most > epsilon) return undefined;
  if (seats === 0) return { fraction: 0, parts: claims.map(() => 0) };
  if (least - seats > -epsilon) {
    return {
      fraction: Math.min(...bounds.map(({ from }) => from)),
      parts: claims.map(({ lower }) => lower),
    };
  }
  if (seats - most > -epsilon) {
    return { fraction: Math.max(...bounds.map(({ to }) => to)), parts: claims.map(({ upper }) => upper) };
  }
  const parts = (fraction: number): number[] =>
    bounds.map(({ lower, upper, aim }) => Math.max(lower, Math.min(upper, fraction * aim)));
  // Between two neighbouring bends the sum is a straight line.
  const bends = bounds.flatMap(({ from, to }) => [from, to]).sort((a, b) => a - b);
  let before = bends[0] as number;
  let low = sum(parts(before));
  for (const bend of bends) {
    const high = sum(parts(bend));
    if (high < seats) {
      [before, low] = [bend, high];
      continue;
    }
    const fraction = high === low ? bend : before + ((bend - before) * (seats - low)) / (high - low);
    return { fraction, parts: parts(fraction) };
  }
  return undefined;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
