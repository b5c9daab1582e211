import type { Client } from '@coxswain/client';
import type { EventRecorder, InformerFactory, WorkQueue } from '@coxswain/controller';
import type { Clock, Logger } from '@coxswain/machinery';

/** What every controller is given. */
export interface ControllerContext {
  readonly client: Client;
  /** Shared by all controllers of the process. */
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 0 up to 1. */
  readonly random: () => number;
  /** A queue for the controller of this name. */
  readonly queue: (name: string) => WorkQueue;
  /** A recorder whose events come from this component. */
  readonly recorder: (component: string) => EventRecorder;
}

/**
 * A controller that was made but does not run yet: its informers are known to the factory. `run` is called when
 * they have synced and resolves after the signal aborts and the work under way has ended.
 */
export interface RunnableController {
  readonly name: string;
  run(signal: AbortSignal): Promise<void>;
}
