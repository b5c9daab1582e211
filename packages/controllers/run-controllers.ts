import type { Client } from '@coxswain/client';
import {
  type ControllerEntry,
  type ControllerSettings,
  controllerCatalogue,
  enabledControllers,
} from './catalogue.ts';
import type { ControllerContext } from './shared/context.ts';
import { messageOf } from './shared/pod-control.ts';

/** A controller that failed is started again after this long. */
const restartAfterMs = 5_000;

export interface RunOptions {
  /** As `--controllers` takes it. */
  readonly list: readonly string[];
  readonly settings: ControllerSettings;
  /** A client that acts as the service account of this name in kube-system; absent: all act as the context's. */
  readonly clientFor?: (serviceAccount: string) => Client;
}

/**
 * Runs the controllers that the list enables until the signal aborts and their work under way has ended.
 * @throws UnknownControllerError
 */
export async function runControllers(
  context: ControllerContext,
  options: RunOptions,
  signal: AbortSignal,
): Promise<void> {
  const { list, settings, clientFor } = options;
  const controllers = enabledControllers(list).flatMap((name) => {
    const { serviceAccount, make } = controllerCatalogue[name] as ControllerEntry;
    const client = (serviceAccount === '' ? undefined : clientFor?.(serviceAccount)) ?? context.client;
    const controller = make({ ...context, client }, settings);
    return controller ? [controller] : [];
  });
  context.informers.start(signal);
  try {
    await context.informers.whenSynced(signal);
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  await Promise.all(
    controllers.map(async (controller) => {
      while (!signal.aborted) {
        try {
          await controller.run(signal);
        } catch (error) {
          if (signal.aborted) return;
          context.logger.error('controller failed', { controller: controller.name, error: messageOf(error) });
          await context.clock.sleep(restartAfterMs, signal).catch(() => undefined);
        }
      }
    }),
  );
}
