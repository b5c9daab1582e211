import type { RuntimeService } from '@coxswain/cri';
import type { Clock, Logger } from '@coxswain/machinery';
import type { PodCgroups } from '../cm/pod-cgroups.ts';
import type { PodFiles, PodIdentity } from '../host/pod-files.ts';
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
  /** Forgets what has run out. */
  readonly gc: () => void;
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
    const { ready, pleg, workers, volumes, cgroups, runtime, files } = this.#parts;
    this.#parts.gc();
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
    for (const pod of await files.podsWithLogs()) if (gone(pod.uid)) await files.removeLogs(pod);
    await cgroups.removeOrphans((uid) => !gone(uid));
  }

  /**
   * Stops and removes what the runtime has of a pod that is no pod any more.
   *
   * @param known its names, where the runtime may have nothing that tells
   */
  async cleanPod(uid: string, known?: PodIdentity): Promise<void> {
    if (this.#busy.has(uid)) return;
    this.#busy.add(uid);
    try {
      await this.#clean(uid, known);
    } finally {
      this.#busy.delete(uid);
    }
  }

  async #clean(uid: string, known: PodIdentity | undefined): Promise<void> {
    const { runtime, pleg, volumes, files } = this.#parts;
    const pod = pleg.get(uid) ?? (await pleg.refresh(uid));
    await Promise.all(
      pod.containers
        .filter((c) => c.state === 'running')
        .map((c) => runtime.stopContainer(c.id, c.info.terminationGracePeriod ?? orphanGracePeriod)),
    );
    // One by one: a container may have outlived its sandbox.
    for (const container of pod.containers) await runtime.removeContainer(container.id);
    for (const sandbox of pod.sandboxes) {
      if (sandbox.state === 'SANDBOX_READY') await runtime.stopPodSandbox(sandbox.id);
      await runtime.removePodSandbox(sandbox.id);
    }
    await volumes.unmount(uid);
    const identity = known ?? { namespace: pod.namespace, name: pod.name, uid };
    if (identity.name !== '') await files.removeLogs(identity);
    pleg.forget(uid);
  }
}
