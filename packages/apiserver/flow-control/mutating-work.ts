import type { RequestInfo } from '../http/request-info.ts';
import { durationOnSeats, seatWork } from './seat-work.ts';
import { oneSeat, type WorkEstimate } from './work-estimate.ts';

/** So many watchers take a seat for so long when they are told of a change, as upstream counts. */
const watchesPerSeat = 10;
const eventMs = 5;
/** No write takes more seats. */
const widestWrite = 10;

/** Whether it is one of the requests whose events cost something. */
export function tellsWatchers({ verb, resource, subresource }: RequestInfo): boolean {
  switch (verb) {
    case 'create':
    case 'update':
    case 'patch':
    case 'delete':
      // A token is no change of its account.
      return resource !== 'serviceaccounts' || subresource !== 'token';
    default:
      return false;
  }
}

/**
 * What a write costs that so many watchers are told of: on no more seats than its level has for one, for longer.
 * @param levelMaximum the most seats of a request of the level; 0: nothing is said
 */
export function mutatingWork(watches: number, levelMaximum: number): WorkEstimate {
  if (watches < watchesPerSeat) return oneSeat;
  const most = levelMaximum === 0 ? widestWrite : Math.min(levelMaximum, widestWrite);
  const seats = Math.ceil(watches / watchesPerSeat);
  const finalSeats = Math.min(seats, most);
  return {
    initialSeats: 1,
    finalSeats,
    additionalMs: durationOnSeats(seatWork(seats, eventMs), finalSeats),
  };
}
