import type { Counter, MetricsRegistry } from '@coxswain/machinery';
import type { UserInfo } from '../access/contract.ts';
import type { RequestInfo } from '../http/request-info.ts';
import { isReadOnly, type RequestLimiter, type Ticket, TooManyRequests } from './contract.ts';

/** Nobody who may do everything is turned away. */
const privileged = 'system:masters';

/** The plain limit of `--enable-priority-and-fairness=false`: so many reads and so many writes at once. */
export class MaxInFlight implements RequestLimiter {
  readonly #reads: Lane;
  readonly #writes: Lane;

  /** @param reads @param writes how many at once; 0: any number */
  constructor(reads: number, writes: number, metrics: MetricsRegistry) {
    const dropped = droppedRequests(metrics);
    this.#reads = new Lane(reads, dropped.with('readOnly'));
    this.#writes = new Lane(writes, dropped.with('mutating'));
  }

  admit(user: UserInfo, info: RequestInfo): Ticket {
    // Only what lasts is left out, and a watch lasts.
    if (info.verb === 'watch') return unlimited;
    return (isReadOnly(info.verb) ? this.#reads : this.#writes).enter(user);
  }
}

/** Requests that were turned away. */
function droppedRequests(metrics: MetricsRegistry) {
  return metrics.counter({
    name: 'apiserver_dropped_requests_total',
    help: 'Requests that were told to try again later.',
    labels: ['request_kind'],
  });
}

/** The ticket of a request that nothing limits. */
export const unlimited: Ticket = { classification: undefined, release() {} };

class Lane implements Ticket {
  readonly classification = undefined;
  readonly #limit: number;
  readonly #dropped: Counter;
  #count = 0;

  constructor(limit: number, dropped: Counter) {
    this.#limit = limit;
    this.#dropped = dropped;
  }

  enter(user: UserInfo): Ticket {
    if (this.#limit === 0) return unlimited;
    if (this.#count >= this.#limit) {
      if (user.groups.includes(privileged)) return unlimited;
      this.#dropped.inc();
      throw new TooManyRequests(1, undefined);
    }
    this.#count++;
    return this;
  }

  release(): void {
    this.#count--;
  }
}
