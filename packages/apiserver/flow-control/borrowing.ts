import { distribute, type SeatLimits } from './concurrency.ts';

/** What a level says for itself when seats are lent and borrowed. */
export interface Borrower {
  readonly exempt: boolean;
  readonly limits: SeatLimits;
  /** The most seats that were asked for in the last period. */
  readonly highWatermark: number;
  /** What it is aimed at. */
  readonly smoothed: number;
  /** Its seats until now. */
  readonly current: number;
}

export interface Loan {
  readonly current: number;
  readonly target: number;
}

export interface Borrowing {
  /** Of their targets that everybody gets; 0 where there is too little to speak of one. */
  readonly fraction: number;
  /** In the order of the borrowers. */
  readonly loans: readonly Loan[];
}

/**
 * Lends the seats of levels that need few to those that need more. Exempt levels take what they need before all
 * others; where too little is left for what the others had in use, each of them has its lower limit and an equal part
 * of what it had above that.
 */
export function borrow(borrowers: readonly Borrower[]): Borrowing {
  const all = borrowers.map((borrower) => ({ ...borrower, least: leastOf(borrower) }));
  const limited = all.filter(({ exempt }) => !exempt);
  const seats = total(all.map(({ limits }) => limits.nominal));
  const left = seats - total(all.filter(({ exempt }) => exempt).map(({ least }) => least));
  const lowers = total(limited.map(({ limits }) => limits.lower));
  const leasts = total(limited.map(({ least }) => least));
  if (left <= leasts) {
    const part = left <= lowers ? 0 : (left - lowers) / (leasts - lowers);
    const loans = all.map(({ exempt, limits, least, smoothed }) => ({
      current: exempt ? least : limits.lower + Math.round((least - limits.lower) * part),
      target: Math.max(least, smoothed),
    }));
    return { fraction: 0, loans };
  }
  const claims = limited.map(({ least, limits, smoothed }) => ({
    lower: least,
    upper: limits.upper,
    target: Math.max(least, smoothed),
  }));
  const distribution = distribute(seats, claims);
  let next = 0;
  const loans = all.map(({ exempt, least, smoothed, current }) => {
    const target = Math.max(least, smoothed);
    if (exempt) return { current: least, target };
    const part = distribution?.parts[next++] ?? current;
    return { current: Math.round(part), target };
  });
  return { fraction: distribution?.fraction ?? 0, loans };
}

/** What a level is not taken below: what it had in use, as far as that is its own. */
function leastOf({ exempt, limits, highWatermark }: Borrower): number {
  const used = exempt ? highWatermark : Math.min(limits.nominal, highWatermark);
  return Math.max(limits.lower, used);
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
