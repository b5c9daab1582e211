import type { KubeObject } from '@coxswain/machinery';

/** core/v1 Pod and Node as the scheduler reads them: JSON from the API server, frozen. */
export type Pod = KubeObject;
export type Node = KubeObject;

/** `namespace/name`. */
export function podKey(pod: Pod): string {
  return `${pod.metadata.namespace}/${pod.metadata.name}`;
}

/** Pod priority; 0 where admission has set none. */
export function podPriority(pod: Pod): number {
  return pod['spec'].priority ?? 0;
}

/** Whether the pod has ended and so uses nothing any more. */
export function isTerminated(pod: Pod): boolean {
  const phase = pod['status']?.phase;
  return phase === 'Succeeded' || phase === 'Failed';
}
