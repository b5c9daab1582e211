/** Whole hundred-millionths of a seat for a second, upstream's unit: in fractions, equal work would differ by an error. */
const perSeatSecond = 1e8;
const nanosPerMs = 1e6;
const nanosPerSecond = 1e9;

/** The work of so many seats for so long. */
export function seatWork(seats: number, ms: number): number {
  return Math.round((seats * Math.round(ms * nanosPerMs)) / (nanosPerSecond / perSeatSecond));
}

/** How long that work takes on so many seats, in milliseconds; whole nanoseconds. */
export function durationOnSeats(work: number, seats: number): number {
  return Math.trunc((work / seats) * (nanosPerSecond / perSeatSecond)) / nanosPerMs;
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
