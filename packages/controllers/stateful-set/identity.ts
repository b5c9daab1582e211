import type { KubeObject } from '@coxswain/machinery';
import { controllerRef } from '../shared/claim.ts';
import { revisionHashLabel } from '../shared/controller-revisions.ts';

type Template = Readonly<Record<string, any>>;

export const apiVersion = 'apps/v1';
export const kind = 'StatefulSet';

const podNameLabel = 'statefulset.kubernetes.io/pod-name';
const podIndexLabel = 'apps.kubernetes.io/pod-index';

export function replicasOf(set: KubeObject): number {
  return set['spec'].replicas ?? 1;
}

export function startOrdinal(set: KubeObject): number {
  return set['spec'].ordinals?.start ?? 0;
}

/** The name of the set that the pod's name is of, and its number; undefined when the name has none. */
function parentAndOrdinal(pod: KubeObject): { parent: string; ordinal: number } | undefined {
  const match = /^(.*)-(\d+)$/.exec(pod.metadata.name ?? '');
  return match ? { parent: match[1] as string, ordinal: Number(match[2]) } : undefined;
}

export function isMemberOf(set: KubeObject, pod: KubeObject): boolean {
  return parentAndOrdinal(pod)?.parent === set.metadata.name;
}

export function ordinalOf(pod: KubeObject): number {
  return parentAndOrdinal(pod)?.ordinal ?? -1;
}

export function isInRange(set: KubeObject, ordinal: number): boolean {
  const start = startOrdinal(set);
  return ordinal >= start && ordinal < start + replicasOf(set);
}

export function revisionOf(pod: KubeObject): string {
  return pod.metadata.labels?.[revisionHashLabel] ?? '';
}

/** A revision of a set: its name and the pod template that it keeps. */
export interface SetRevision {
  readonly name: string;
  readonly template: Template;
}

export function setRevision(revision: KubeObject): SetRevision {
  const { $patch: _, ...template } = revision['data'].spec.template;
  return { name: revision.metadata.name as string, template };
}

/** The pod of this number, not created yet. */
export function newStatefulPod(set: KubeObject, revision: SetRevision, ordinal: number): KubeObject {
  const { template } = revision;
  const name = `${set.metadata.name}-${ordinal}`;
  return withStorage(
    set,
    withIdentity({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace: set.metadata.namespace as string,
        labels: { ...template['metadata']?.labels, [revisionHashLabel]: revision.name },
        annotations: { ...template['metadata']?.annotations },
        finalizers: [...(template['metadata']?.finalizers ?? [])],
        ownerReferences: [controllerRef(set, apiVersion, kind)],
      },
      spec: { ...template['spec'], hostname: name, subdomain: set['spec'].serviceName ?? '' },
    }),
  );
}

export function claimName(set: KubeObject, template: KubeObject, ordinal: number): string {
  return `${template.metadata.name}-${set.metadata.name}-${ordinal}`;
}

function identityLabels(pod: KubeObject): Record<string, string> {
  return { [podNameLabel]: pod.metadata.name as string, [podIndexLabel]: String(ordinalOf(pod)) };
}

/** The pod with the labels that name it. */
export function withIdentity(pod: KubeObject): KubeObject {
  return {
    ...pod,
    metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, ...identityLabels(pod) } },
  };
}

export function hasIdentity(pod: KubeObject): boolean {
  const labels = pod.metadata.labels ?? {};
  return Object.entries(identityLabels(pod)).every(([key, value]) => labels[key] === value);
}

/** The pod with a volume for each of the set's claims. */
export function withStorage(set: KubeObject, pod: KubeObject): KubeObject {
  const claims: readonly KubeObject[] = set['spec'].volumeClaimTemplates ?? [];
  if (claims.length === 0) return pod;
  const own = claims.map((claim) => ({
    name: claim.metadata.name as string,
    persistentVolumeClaim: { claimName: claimName(set, claim, ordinalOf(pod)), readOnly: false },
  }));
  const others = (pod['spec'].volumes ?? []).filter(
    (volume: { name: string }) => !own.some((mine) => mine.name === volume.name),
  );
  return { ...pod, spec: { ...pod['spec'], volumes: [...own, ...others] } };
}

export function hasStorage(set: KubeObject, pod: KubeObject): boolean {
  const claims: readonly KubeObject[] = set['spec'].volumeClaimTemplates ?? [];
  return claims.every((claim) =>
    (pod['spec'].volumes ?? []).some(
      (volume: Template) =>
        volume['name'] === claim.metadata.name &&
        volume['persistentVolumeClaim']?.claimName === claimName(set, claim, ordinalOf(pod)),
    ),
  );
}
