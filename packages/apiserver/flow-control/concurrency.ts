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
      const upper = percent === undefined ? serverSeats : nominal + Math.round((nominal * percent) / 100);
      return [level.name, { nominal, lower: nominal - lendable, upper }];
    }),
  );
}

/** What one level would take in a distribution. */
export interface SeatClaim {
  readonly lower: number;
  readonly upper: number;
  readonly target: number;
}

/**
 * Distributes seats so that each level gets the same fraction of its target, within its bounds.
 * @returns the fraction and each level's part in the order of the claims; the parts add up to `seats` where the
 * bounds allow it
 */
export function distribute(
  seats: number,
  claims: readonly SeatClaim[],
): { readonly fraction: number; readonly parts: number[] } {
  const part = (claim: SeatClaim, fraction: number): number =>
    Math.min(claim.upper, Math.max(claim.lower, fraction * claim.target));
  const total = (fraction: number): number => claims.reduce((sum, claim) => sum + part(claim, fraction), 0);
  // Between two neighbouring bends the sum is a straight line.
  const bends = claims
    .filter((claim) => claim.target > 0)
    .flatMap((claim) => [claim.lower / claim.target, claim.upper / claim.target])
    .sort((a, b) => a - b);
  let before = 0;
  let fraction = bends.at(-1) ?? 0;
  for (const bend of bends) {
    const [low, high] = [total(before), total(bend)];
    if (high >= seats) {
      fraction = high === low ? bend : before + ((bend - before) * (seats - low)) / (high - low);
      break;
    }
    before = bend;
  }
  fraction = Math.max(0, fraction);
  return { fraction, parts: claims.map((claim) => part(claim, fraction)) };
}
