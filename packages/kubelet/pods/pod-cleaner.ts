import type { RuntimeService } from '@coxswain/cri';
import type { Clock, Logger } from '@coxswain/machinery';
import type { PodCgroups } from '../cm/pod-cgroups.ts';
import type { PodFiles } from '../host/pod-files.ts';
import { removeDeadSandboxes } from '../kuberuntime/dead-containers.ts';
import type { Pleg } from '../pleg/pleg.ts';
import type { VolumeManager } from '../volume/contract.ts';
import type { PodWorkers } from './pod-workers.ts';

/** Between looks for things that no pod owns any more. */
const intervalMs = 60_000;
/** Seconds that a container gets whose pod nobody knows. */
const orphanGracePeriod = 30;

export interface PodCleanerParts {
  readonly runtime: RuntimeService;
  readonly pleg: Pleg;
  readonly workers: PodWorkers;
  readonly volumes: VolumeManager;
  readonly files: PodFiles;
  readonly cgroups: PodCgroups;
  readonly clock: Clock;
  readonly logger: Logger;
  /** All pods of this node are known. */
  readonly ready: () => boolean;
}

/** Takes away what is left of pods that are gone. */
export class PodCleaner {
  readonly #parts: PodCleanerParts;
  readonly #busy = new Set<string>();

  constructor(parts: PodCleanerParts) {
    this.#parts = parts;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#parts;
    while (!signal.aborted) {
      await clock.sleep(intervalMs, signal).catch(() => {});
      if (signal.aborted) return;
      await this.cleanAll().catch((error) => logger.warn('could not clean up', { error: String(error) }));
    }
  }

  /** Looks at everything that the node has. Does nothing until all pods are known. */
  async cleanAll(): Promise<void> {
    const { ready, pleg, workers, volumes, cgroups, runtime } = this.#parts;
    if (!ready()) return;
    for (const uid of pleg.uids()) {
      if (!workers.knows(uid)) await this.cleanPod(uid);
      else {
        const pod = pleg.get(uid);
        if (pod) await removeDeadSandboxes(runtime, pod);
      }
    }
    const gone = (uid: string): boolean => !workers.knows(uid) && pleg.get(uid) === undefined;
    for (const uid of await volumes.podUids()) if (gone(uid)) await volumes.unmount(uid);
    await cgroups.removeOrphans((uid) => !gone(uid));
  }

  /** Stops and removes what the runtime has of a pod that is no pod any more. */
  async cleanPod(uid: string): Promise<void> {
    if (this.#busy.has(uid)) return;
    this.#busy.add(uid);
    try {
      await this.#clean(uid);
    } finally {
      this.#busy.delete(uid);
    }
  }

  async #clean(uid: string): Promise<void> {
    const { runtime, pleg, volumes, files } = this.#parts;
    const pod = await pleg.refresh(uid);
    await Promise.all(
      pod.containers
        .filter((c) => c.state === 'running')
        .map((c) => runtime.stopContainer(c.id, c.info.terminationGracePeriod ?? orphanGracePeriod)),
    );
    for (const sandbox of pod.sandboxes) {
      await runtime.stopPodSandbox(sandbox.id);
      await runtime.removePodSandbox(sandbox.id);
    }
    await volumes.unmount(uid);
    if (pod.name !== '') await files.removeLogs({ namespace: pod.namespace, name: pod.name, uid });
    await pleg.refresh(uid);
  }
}
