import type { ControllerContext } from './context.ts';
import { messageOf } from './pod-control.ts';

/** Calls `work` now and every `periodMs` until the signal aborts; a failure is logged and tried again in turn. */
export async function runPeriodically(
  { clock, logger }: Pick<ControllerContext, 'clock' | 'logger'>,
  name: string,
  periodMs: number,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
    } catch (error) {
      if (signal.aborted) return;
      logger.warn('periodic work failed', { controller: name, error: messageOf(error) });
    }
    // Only an abort ends the sleep early, and the loop's condition sees it.
    await clock.sleep(periodMs, signal).catch(() => undefined);
  }
}
