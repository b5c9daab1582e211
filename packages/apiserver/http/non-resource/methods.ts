import type { Request } from '../reply.ts';
import { methodNotAllowed } from '../status-errors.ts';

/** @throws 405 unless the request only reads */
export function onlyReads(request: Request): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
}

/** Refuses HEAD too, which the router of the API's own paths does not know. @throws 405 */
export function onlyGet(request: Request): void {
  if (request.method !== 'GET') throw methodNotAllowed();
}
