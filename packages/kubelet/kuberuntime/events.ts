import type { EventRecorder } from '@coxswain/controller';
import type { KubeObject } from '@coxswain/machinery';
import type { Container, Pod } from '../types.ts';

export type EventType = 'Normal' | 'Warning';

/** Records about a pod. */
export function podEvent(
  recorder: EventRecorder,
  pod: Pod,
  type: EventType,
  reason: string,
  message: string,
): void {
  recorder.event(pod as unknown as KubeObject, type, reason, message);
}

/** Records about a container of a pod: the event's object names it by its field path. */
export function containerEvent(
  recorder: EventRecorder,
  pod: Pod,
  container: Pick<Container, 'name'>,
  type: EventType,
  reason: string,
  message: string,
): void {
  const fieldPath = fieldPathOf(pod, container.name);
  const options = fieldPath === undefined ? {} : { fieldPath };
  recorder.event(pod as unknown as KubeObject, type, reason, message, options);
}

/** Records about the node, which upstream's events name by its name in place of its uid. */
export function nodeEvent(
  recorder: EventRecorder,
  nodeName: string,
  type: EventType,
  reason: string,
  message: string,
): void {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName, uid: nodeName } };
  recorder.event(node, type, reason, message);
}

function fieldPathOf(pod: Pod, name: string): string | undefined {
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec;
  if (containers.some((c) => c.name === name)) return `spec.containers{${name}}`;
  if (initContainers.some((c) => c.name === name)) return `spec.initContainers{${name}}`;
  if (ephemeralContainers.some((c) => c.name === name)) return `spec.ephemeralContainers{${name}}`;
  return undefined;
}
