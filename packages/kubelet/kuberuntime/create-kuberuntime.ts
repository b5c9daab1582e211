import type { EventRecorder } from '@coxswain/controller';
import type { Runtime } from '@coxswain/cri';
import type { Clock, Logger } from '@coxswain/machinery';
import { ImageManager } from '../images/image-manager.ts';
import { HookRunner, simulatedHooks } from '../lifecycle/hook-runner.ts';
import type { MachineInfo } from '../node/machine-info.ts';
import { ContainerKiller } from './container-killer.ts';
import { ContainerStarter } from './container-starter.ts';
import type { ProbeVerdicts } from './pod-actions.ts';
import { PodKiller } from './pod-killer.ts';
import { PodSyncer } from './pod-syncer.ts';
import type { ReasonCache } from './reason-cache.ts';
import { StartGate } from './start-gate.ts';

/** What brings pods up and down in the runtime. */
export interface Kuberuntime {
  readonly syncer: PodSyncer;
  readonly podKiller: PodKiller;
  readonly images: ImageManager;
  /** Forgets back-offs that have run out. */
  readonly gc: () => void;
}

/** Puts the parts together that speak to the runtime. */
export function createKuberuntime(parts: {
  readonly runtime: Runtime;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly machine: MachineInfo;
  readonly simulated: boolean;
  readonly reasons: ReasonCache;
  readonly probes: ProbeVerdicts;
  readonly seccompRoot: string;
  readonly onResized: (containerId: string) => void;
}): Kuberuntime {
  const { runtime, recorder, clock, logger, machine, simulated, reasons, probes, seccompRoot } = parts;
  const hooks = simulated ? simulatedHooks(clock) : new HookRunner(runtime, clock);
  const killer = new ContainerKiller({ runtime, recorder, hooks, clock, logger });
  const podKiller = new PodKiller(runtime, killer);
  // Starting waits for the disk and the kernel as much as for the processor.
  const gate = new StartGate(simulated ? Number.POSITIVE_INFINITY : Math.max(4, machine.cpus * 3));
  const images = new ImageManager(runtime, clock);
  const starter = new ContainerStarter({
    gate,
    runtime,
    images,
    recorder,
    hooks,
    killer,
    logger,
    surroundings: { nodeMemoryBytes: machine.memoryBytes, seccompRoot },
  });
  const syncer = new PodSyncer({
    runtime,
    gate,
    recorder,
    starter,
    killer,
    podKiller,
    reasons,
    probes,
    onResized: parts.onResized,
    clock,
    logger,
  });
  const gc = (): void => {
    syncer.gc();
    images.gc();
  };
  return { syncer, podKiller, images, gc };
}
