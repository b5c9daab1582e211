import type { RuntimeService } from '@coxswain/cri';
import type { RuntimePod } from '../pleg/runtime-pod.ts';

/** Removes the ended containers of that name, all but the newest so many: `kubectl logs --previous` reads it. */
export async function removeDeadContainers(
  runtime: RuntimeService,
  pod: RuntimePod,
  name: string,
  keep: number,
): Promise<void> {
  const dead = pod.containers.filter(
    (c) => c.name === name && (c.state === 'exited' || c.state === 'created'),
  );
  await Promise.all(dead.slice(keep).map((c) => runtime.removeContainer(c.id)));
}

/** Removes sandboxes that are not ready and hold no container any more, all but the newest. */
export async function removeDeadSandboxes(runtime: RuntimeService, pod: RuntimePod): Promise<void> {
  const used = new Set(pod.containers.map((c) => c.sandboxId));
  const dead = pod.sandboxes.slice(1).filter((s) => s.state === 'SANDBOX_NOTREADY' && !used.has(s.id));
  await Promise.all(dead.map((s) => runtime.removePodSandbox(s.id)));
}
