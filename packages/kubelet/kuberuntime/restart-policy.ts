import { findContainer, type RuntimeContainer, type RuntimePod } from '../pleg/runtime-pod.ts';
import type { Container, Pod } from '../types.ts';

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

/** An init container that goes on running beside the others: a sidecar. */
export function isRestartableInit(container: Container): boolean {
  return container.restartPolicy === 'Always';
}

/** What holds for the container after this exit; without one, what holds in general. */
export function restartPolicyOf(pod: Pod, container: Container, exit?: RuntimeContainer): RestartPolicy {
  if (exit) {
    for (const rule of container.restartPolicyRules ?? []) {
      const values = rule.exitCodes?.values ?? [];
      const listed = values.includes(exit.exitCode);
      const matches = rule.exitCodes?.operator === 'NotIn' ? !listed : listed;
      if (rule.exitCodes && matches && rule.action === 'Restart') return 'Always';
    }
  }
  return (container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always') as RestartPolicy;
}

/** Whether any container of the pod may be started again after a failure. */
export function restartsOnFailure(pod: Pod): boolean {
  if (pod.spec.restartPolicy !== 'Never') return true;
  return pod.spec.containers.some(
    (c) => (c.restartPolicy ?? 'Never') !== 'Never' || (c.restartPolicyRules ?? []).length > 0,
  );
}

/** Whether a regular container that is not running is to be started. */
export function shouldStart(pod: Pod, container: Container, runtimePod: RuntimePod): boolean {
  if (pod.metadata.deletionTimestamp) return false;
  const last = findContainer(runtimePod, container.name);
  if (last === undefined) return true;
  if (last.state === 'running') return false;
  if (last.state !== 'exited') return true;
  const policy = restartPolicyOf(pod, container, last);
  if (policy === 'Never') return false;
  return !(policy === 'OnFailure' && last.exitCode === 0);
}
