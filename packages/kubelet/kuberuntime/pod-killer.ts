import { isRuntimeNotFound, type RuntimeService } from '@coxswain/cri';
import type { RuntimeContainer, RuntimePod } from '../pleg/runtime-pod.ts';
import type { Pod } from '../types.ts';
import type { ContainerKiller } from './container-killer.ts';

/** Stops all of a pod: its containers side by side (sidecars after the others), then its sandboxes. */
export class PodKiller {
  readonly #runtime: RuntimeService;
  readonly #containers: ContainerKiller;

  constructor(runtime: RuntimeService, containers: ContainerKiller) {
    this.#runtime = runtime;
    this.#containers = containers;
  }

  /** @param gracePeriodOverride seconds; absent: the pod's own */
  async kill(pod: Pod, runtimePod: RuntimePod, gracePeriodOverride?: number): Promise<void> {
    const running = runtimePod.containers.filter((c) => c.state === 'running' || c.state === 'unknown');
    const sidecarNames = (pod.spec.initContainers ?? [])
      .filter((c) => c.restartPolicy === 'Always')
      .map((c) => c.name);
    const sidecars = running.filter((c) => sidecarNames.includes(c.name));
    const others = running.filter((c) => !sidecarNames.includes(c.name));
    await this.#all(pod, others, runtimePod, gracePeriodOverride);
    // The last one that was started goes first, each after the one before has gone.
    sidecars.sort((a, b) => sidecarNames.indexOf(b.name) - sidecarNames.indexOf(a.name));
    for (const sidecar of sidecars) await this.#all(pod, [sidecar], runtimePod, gracePeriodOverride);
    await Promise.all(runtimePod.sandboxes.map((s) => this.#stopSandbox(s.id)));
  }

  async #all(
    pod: Pod,
    containers: readonly RuntimeContainer[],
    runtimePod: RuntimePod,
    gracePeriodOverride: number | undefined,
  ): Promise<void> {
    await Promise.all(
      containers.map((c) =>
        this.#containers.kill({
          pod,
          containerId: c.id,
          name: c.name,
          message: '',
          reason: 'Unknown',
          podIp: runtimePod.ips[0] ?? '',
          ...(gracePeriodOverride === undefined ? {} : { gracePeriodOverride }),
        }),
      ),
    );
  }

  async #stopSandbox(id: string): Promise<void> {
    try {
      await this.#runtime.stopPodSandbox(id);
    } catch (error) {
      if (!isRuntimeNotFound(error)) throw error;
    }
  }
}
