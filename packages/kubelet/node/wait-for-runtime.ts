import { RuntimeError, type RuntimeService, type RuntimeVersion } from '@coxswain/cri';
import type { Clock, Logger } from '@coxswain/machinery';

const retryMs = 250;
/** Told of at the first failure, and then once in so many. */
const tellEvery = 40;

/** Resolves with the runtime's version as soon as it answers: it may start at the same time as the kubelet. */
export async function waitForRuntime(
  runtime: RuntimeService,
  clock: Clock,
  logger: Logger,
  signal: AbortSignal,
): Promise<RuntimeVersion> {
  for (let tries = 0; ; tries++) {
    try {
      const version = await runtime.version(signal);
      // containerd answers before its CRI plugin does.
      await runtime.status(signal);
      return version;
    } catch (error) {
      if (!(error instanceof RuntimeError) || signal.aborted) throw error;
      if (tries % tellEvery === 0) logger.warn('waiting for the container runtime', { error: error.message });
      await clock.sleep(retryMs, signal);
    }
  }
}
