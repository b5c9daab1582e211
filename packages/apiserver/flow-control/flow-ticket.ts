import type { UserInfo } from '../access/contract.ts';
import type { RequestInfo } from '../http/request-info.ts';
import type { Classification, Ticket } from './contract.ts';
import type { Flow } from './flow.ts';
import type { FlowCounters } from './flow-counters.ts';
import { SeatedRequest } from './seated-request.ts';
import type { WorkEstimate } from './work-estimate.ts';

/** Who asks for what, in which flow. */
export interface FlowRequestFacts {
  readonly flow: Flow;
  readonly user: UserInfo;
  readonly info: RequestInfo;
}

/** What tickets tell their flow control. */
export interface TicketOwner {
  passedOver(flow: Flow): void;
  /** The last request of a level that is no longer configured has ended. */
  drained(): void;
}

/** A request of a flow: waiting, or with its seats. */
export class FlowTicket extends SeatedRequest implements Ticket {
  readonly facts: FlowRequestFacts;
  readonly #owner: TicketOwner;
  readonly #counters: FlowCounters;

  constructor(
    owner: TicketOwner,
    facts: FlowRequestFacts,
    counters: FlowCounters,
    estimate: WorkEstimate,
    now: number,
  ) {
    super(estimate, now);
    this.#owner = owner;
    this.facts = facts;
    this.#counters = counters;
  }

  get classification(): Classification {
    return this.facts.flow.schema.classification;
  }

  /** It has its seats. */
  runs(): void {
    const counters = this.#counters;
    counters.dispatched.value++;
    counters.queued?.waited.observe((this.started - this.arrived) / 1000);
    counters.executing.value++;
    counters.executingSeats.value += this.seats;
  }

  release(now: number): void {
    const { level } = this.facts.flow.schema;
    const counters = this.#counters;
    counters.executing.value--;
    const execution = this.facts.info.verb === 'watch' ? counters.watchExecution : counters.execution;
    execution.observe((now - this.started) / 1000);
    level.queues.finish(this, now);
    if (level.quiescing && level.idle) this.#owner.drained();
  }

  override passedOver(): void {
    this.#owner.passedOver(this.facts.flow);
  }

  override leftSeats(): void {
    this.#counters.executingSeats.value -= this.seats;
  }
}
