import { deepEqual, type KubeObject } from '@coxswain/machinery';
import { byCreation, desiredAnnotation, maxAnnotation } from './arithmetic.ts';

export const hashLabel = 'pod-template-hash';
export const revisionAnnotation = 'deployment.kubernetes.io/revision';
const historyAnnotation = 'deployment.kubernetes.io/revision-history';
/** A longer history is cut at its front. */
const historyLimit = 2000;

/** Annotations that belong to the deployment or to one ReplicaSet and are not copied between them. */
const notCopied = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maxAnnotation,
  'deprecated.deployment.rollback.to',
]);

/** rand.SafeEncodeString: no vowels, so that no words come out. */
const safeAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** A short name for a pod template; a new `collisionCount` gives another one. */
export function templateHash(template: unknown, collisionCount: number | undefined): string {
  const text = `${canonical(template)}${collisionCount ?? ''}`;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return [...String(hash >>> 0)]
    .map((digit) => safeAlphabet[digit.charCodeAt(0) % safeAlphabet.length])
    .join('');
}

/** JSON with sorted members, so that equal templates give equal texts. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, v]) => v !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`).join(',')}}`;
}

/** Whether two templates make the same pods: the hash label does not count. */
export function equalTemplates(a: Readonly<Record<string, any>>, b: Readonly<Record<string, any>>): boolean {
  const bare = (template: Readonly<Record<string, any>>): unknown => {
    const { [hashLabel]: _, ...labels } = template['metadata']?.labels ?? {};
    return { ...template, metadata: { ...template['metadata'], labels } };
  };
  return deepEqual(bare(a), bare(b));
}

/** The ReplicaSet of the deployment's present template: the oldest, should there be several. */
export function findNewReplicaSet(
  deployment: KubeObject,
  sets: readonly KubeObject[],
): KubeObject | undefined {
  return [...sets]
    .sort(byCreation)
    .find((set) => equalTemplates(set['spec'].template, deployment['spec'].template));
}

export function revisionOf(object: KubeObject): number {
  return Number(object.metadata.annotations?.[revisionAnnotation] ?? 0) || 0;
}

/** The annotations that the new ReplicaSet should have; the same object when nothing changes. */
export function annotationsForNew(
  deployment: KubeObject,
  set: KubeObject | undefined,
  revision: number,
): Record<string, string> {
  const before = set?.metadata.annotations ?? {};
  const after: Record<string, string> = { ...before };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!notCopied.has(key)) after[key] = value;
  }
  const held = before[revisionAnnotation];
  if (revision > Number(held ?? 0)) {
    after[revisionAnnotation] = String(revision);
    if (held !== undefined) {
      let history = before[historyAnnotation] ? `${before[historyAnnotation]},${held}` : held;
      while (history.length > historyLimit && history.includes(','))
        history = history.slice(history.indexOf(',') + 1);
      after[historyAnnotation] = history;
    }
  }
  return after;
}
