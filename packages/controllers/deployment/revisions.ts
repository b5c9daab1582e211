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

/** An int64, so more than a number holds; 0 for what is none. */
export function revisionOf(object: KubeObject): bigint {
  return parseRevision(object.metadata.annotations?.[revisionAnnotation]);
}

function parseRevision(text: string | undefined): bigint {
  if (text === undefined || !/^[+-]?\d+$/.test(text)) return 0n;
  const revision = BigInt(text.replace(/^\+/, ''));
  return BigInt.asIntN(64, revision) === revision ? revision : 0n;
}

/** The annotations that the new ReplicaSet should have; the same object when nothing changes. */
export function annotationsForNew(
  deployment: KubeObject,
  set: KubeObject | undefined,
  revision: bigint,
): Record<string, string> {
  const before = set?.metadata.annotations ?? {};
  const after: Record<string, string> = { ...before };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!notCopied.has(key)) after[key] = value;
  }
  const held = before[revisionAnnotation];
  if (revision > parseRevision(held)) {
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
