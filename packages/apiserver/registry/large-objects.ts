import { finish, inTurns, nextTurn, type Steps } from '@coxswain/machinery';
import type { Entry } from '../storage/entry.ts';
import type { ApiRequest } from './context.ts';

/** From so many bytes on an object is worked on in several turns of the event loop: 128 KB take some 10 ms in all. */
const largeFrom = 128 * 1024;

/** Whether what a request brings, or what is there, is so large that others get their turn between parts of the work. */
function isLarge({ body }: ApiRequest, current?: Entry): boolean {
  if (body !== undefined && 'bytes' in body && body.bytes.length >= largeFrom) return true;
  return current !== undefined && isLargeEntry(current);
}

/** Whether an object that is stored is so large. */
export function isLargeEntry({ value }: Entry): boolean {
  return value.length >= largeFrom;
}

/** Lets others have their turn between two parts of the work on a large object; undefined for all other objects. */
export function turnOfOthers(request: ApiRequest, current?: Entry): Promise<void> | undefined {
  return isLarge(request, current) ? nextTurn() : undefined;
}

/** Does all steps: at once, or in turns of their own for a large object. */
export function takeSteps<T>(steps: Steps<T>, request: ApiRequest, current?: Entry): T | Promise<T> {
  return isLarge(request, current) ? nextTurn().then(() => inTurns(steps)) : finish(steps);
}
