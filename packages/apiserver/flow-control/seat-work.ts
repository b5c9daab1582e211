/** Whole hundred-millionths of a seat for a second, upstream's unit: in fractions, equal work would differ by an error. */
const perSeatMs = 1e5;
const perSeatSecond = perSeatMs * 1000;

/** The work of so many seats for so long. */
export function seatWork(seats: number, ms: number): number {
  return Math.round(seats * ms * perSeatMs);
}

/** How long that work takes on so many seats, in milliseconds; whole nanoseconds. */
export function durationOnSeats(work: number, seats: number): number {
  return Math.trunc((work / seats / perSeatMs) * 1e6) / 1e6;
}

/** Seat-seconds as a number, as metrics tell them. */
export function seatSeconds(work: number): number {
  return work / perSeatSecond;
}

/** Seat-seconds as upstream's dumps print them. */
export function formatSeatSeconds(work: number): string {
  const whole = Math.floor(work / perSeatSecond);
  return `${whole}.${String(work - whole * perSeatSecond).padStart(8, '0')}ss`;
}
