import { type ControllerSettings, controllerCatalogue, enabledControllers } from './catalogue.ts';
import type { ControllerContext } from './shared/context.ts';
import { messageOf } from './shared/pod-control.ts';

/** A controller that failed is started again after this long. */
const restartAfterMs = 5_000;

/**
 * Runs the controllers that the list enables until the signal aborts and their work under way has ended.
 * @param list as `--controllers` takes it
 * @throws UnknownControllerError
 */
export async function runControllers(
  context: ControllerContext,
  list: readonly string[],
  settings: ControllerSettings,
  signal: AbortSignal,
): Promise<void> {
  const controllers = enabledControllers(list).flatMap((name) => {
    const controller = controllerCatalogue[name]?.(context, settings);
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
