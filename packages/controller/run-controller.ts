import { type Logger, silentLogger } from '@coxswain/machinery';
import type { Reconcile, WorkQueue } from './contract.ts';

export interface ControllerOptions {
  readonly name: string;
  /** No key is reconciled before all of these have listed. */
  readonly informers: readonly { whenSynced(signal?: AbortSignal): Promise<void> }[];
  readonly queue: WorkQueue;
  readonly reconcile: Reconcile;
  /** How many keys at once. */
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly logger?: Logger;
}

/** Runs a controller until the signal aborts and the running reconciles have ended. Start the informers yourself. */
export async function runController(options: ControllerOptions): Promise<void> {
  const { name, informers, queue, reconcile, workers, signal } = options;
  const logger = (options.logger ?? silentLogger).child({ controller: name });
  try {
    await Promise.all(informers.map((informer) => informer.whenSynced(signal)));
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  logger.debug('controller started', { workers });
  await queue.run(reconcile, { workers, signal });
  logger.debug('controller stopped');
}
