import type { SeatedRequest } from './seated-request.ts';

/** Requests that run, in the order in which they began; each knows its neighbours, so that nothing is looked up. */
export class ExecutingRequests {
  #first: SeatedRequest | undefined;
  #last: SeatedRequest | undefined;
  size = 0;

  add(request: SeatedRequest): void {
    this.size++;
    request.before = this.#last;
    if (this.#last === undefined) this.#first = request;
    else this.#last.after = request;
    this.#last = request;
  }

  /** @param request one of them */
  remove(request: SeatedRequest): void {
    this.size--;
    const { before, after } = request;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    request.before = undefined;
    request.after = undefined;
  }

  *[Symbol.iterator](): Iterator<SeatedRequest> {
    for (let request = this.#first; request !== undefined; request = request.after) yield request;
  }
}
