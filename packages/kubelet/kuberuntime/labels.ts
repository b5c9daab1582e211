import { createHash } from 'node:crypto';
import { writeJson } from '@coxswain/machinery';
import type { Container, Pod } from '../types.ts';

/** Labels and annotations that upstream's kubelet leaves on sandboxes and containers, and finds them by. */
export const podNameLabel = 'io.kubernetes.pod.name';
export const podNamespaceLabel = 'io.kubernetes.pod.namespace';
export const podUidLabel = 'io.kubernetes.pod.uid';
export const containerNameLabel = 'io.kubernetes.container.name';

const hashAnnotation = 'io.kubernetes.container.hash';
const restartCountAnnotation = 'io.kubernetes.container.restartCount';
const messagePathAnnotation = 'io.kubernetes.container.terminationMessagePath';
const messagePolicyAnnotation = 'io.kubernetes.container.terminationMessagePolicy';
const portsAnnotation = 'io.kubernetes.container.ports';
const preStopAnnotation = 'io.kubernetes.container.preStopHandler';
const deletionGraceAnnotation = 'io.kubernetes.pod.deletionGracePeriod';
const terminationGraceAnnotation = 'io.kubernetes.pod.terminationGracePeriod';

export function sandboxLabels(pod: Pod): Record<string, string> {
  return {
    ...pod.metadata.labels,
    [podNameLabel]: pod.metadata.name ?? '',
    [podNamespaceLabel]: pod.metadata.namespace ?? '',
    [podUidLabel]: pod.metadata.uid ?? '',
  };
}

export function containerLabels(pod: Pod, container: Container): Record<string, string> {
  return {
    [podNameLabel]: pod.metadata.name ?? '',
    [podNamespaceLabel]: pod.metadata.namespace ?? '',
    [podUidLabel]: pod.metadata.uid ?? '',
    [containerNameLabel]: container.name,
  };
}

export function containerAnnotations(
  pod: Pod,
  container: Container,
  restartCount: number,
): Record<string, string> {
  const { deletionGracePeriodSeconds } = pod.metadata;
  const { terminationGracePeriodSeconds } = pod.spec;
  return {
    [hashAnnotation]: containerHash(container),
    [restartCountAnnotation]: String(restartCount),
    [messagePathAnnotation]: container.terminationMessagePath ?? '/dev/termination-log',
    [messagePolicyAnnotation]: container.terminationMessagePolicy ?? 'File',
    ...(deletionGracePeriodSeconds === undefined
      ? {}
      : { [deletionGraceAnnotation]: String(deletionGracePeriodSeconds) }),
    ...(terminationGracePeriodSeconds === undefined
      ? {}
      : { [terminationGraceAnnotation]: String(terminationGracePeriodSeconds) }),
    ...(container.lifecycle?.preStop === undefined
      ? {}
      : { [preStopAnnotation]: writeJson({ lifecycle: { preStop: container.lifecycle.preStop } }) }),
    ...(container.ports === undefined || container.ports.length === 0
      ? {}
      : { [portsAnnotation]: JSON.stringify(container.ports) }),
  };
}

/** Changes when a running container no longer is what the spec says; only the image can change. */
export function containerHash(container: Container): string {
  return createHash('sha256')
    .update(JSON.stringify([container.name, container.image ?? '']))
    .digest('hex')
    .slice(0, 8);
}

/** What the annotations of a container tell after a restart of the kubelet. */
export interface AnnotatedInfo {
  readonly hash: string;
  readonly restartCount: number;
  readonly terminationMessagePath: string;
  readonly terminationMessagePolicy: string;
  /** Seconds; absent unless the container was made with it. */
  readonly terminationGracePeriod?: number;
  readonly deletionGracePeriod?: number;
  /** Absent when the container has no hook. */
  readonly preStop?: NonNullable<Container['lifecycle']>['preStop'];
}

export function readAnnotations(annotations: Readonly<Record<string, string>>): AnnotatedInfo {
  const deletion = annotations[deletionGraceAnnotation];
  const termination = annotations[terminationGraceAnnotation];
  const preStop = annotations[preStopAnnotation];
  return {
    hash: annotations[hashAnnotation] ?? '',
    restartCount: Number(annotations[restartCountAnnotation] ?? 0),
    terminationMessagePath: annotations[messagePathAnnotation] ?? '',
    terminationMessagePolicy: annotations[messagePolicyAnnotation] ?? 'File',
    ...(deletion === undefined ? {} : { deletionGracePeriod: Number(deletion) }),
    ...(termination === undefined ? {} : { terminationGracePeriod: Number(termination) }),
    ...(preStop === undefined ? {} : { preStop: JSON.parse(preStop).lifecycle.preStop }),
  };
}
