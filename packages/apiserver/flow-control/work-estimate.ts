/** What a request is taken to cost before it has begun. */
export interface WorkEstimate {
  /** While it is served. */
  readonly initialSeats: number;
  /** When it was answered, for `additionalMs`. */
  readonly finalSeats: number;
  readonly additionalMs: number;
}

/** What most requests cost. */
export const oneSeat: WorkEstimate = { initialSeats: 1, finalSeats: 0, additionalMs: 0 };

/** The seats a request holds from its start to its end. */
export function maxSeats({ initialSeats, finalSeats }: WorkEstimate): number {
  return initialSeats >= finalSeats ? initialSeats : finalSeats;
}
