import type { KubeObject } from '@coxswain/machinery';
import { Failure } from '../error-text.ts';
import type { Info } from '../resource-builder.ts';
import type { Session } from '../session.ts';

/** A pod template that the object had. */
export interface Revision {
  readonly number: number;
  readonly cause: string;
  readonly template: any;
  /** The replica set or controller revision that keeps it. */
  readonly keeper: KubeObject;
}

const revisionAnnotation = 'deployment.kubernetes.io/revision';
const causeAnnotation = 'kubernetes.io/change-cause';

/** The revisions of a deployment, daemon set or stateful set, oldest first. */
export async function revisionsOf(
  session: Session,
  info: Info & { object: KubeObject },
): Promise<Revision[]> {
  const { kind } = info.mapping;
  if (kind === 'Deployment') return replicaSetRevisions(session, info);
  if (kind === 'DaemonSet' || kind === 'StatefulSet') return controllerRevisions(session, info);
  throw new Failure(`no history viewer has been implemented for "${kind}"`);
}

async function ownedBy(session: Session, resource: string, owner: KubeObject): Promise<KubeObject[]> {
  const mapping = await (await session.discovery()).resourceFor(resource);
  const namespace = owner.metadata.namespace;
  const list = await (await session.rest()).list({ mapping, namespace });
  return list.items.filter((item) =>
    item.metadata.ownerReferences?.some((ref) => ref.controller && ref.uid === owner.metadata.uid),
  );
}

async function replicaSetRevisions(
  session: Session,
  { object }: { object: KubeObject },
): Promise<Revision[]> {
  const sets = await ownedBy(session, 'replicasets.apps', object);
  const revisions = sets.map((set) => ({
    number: Number(set.metadata.annotations?.[revisionAnnotation] ?? 0),
    cause: set.metadata.annotations?.[causeAnnotation] ?? '',
    template: set['spec'].template,
    keeper: set,
  }));
  return revisions.filter(({ number }) => number > 0).sort((a, b) => a.number - b.number);
}

async function controllerRevisions(
  session: Session,
  { object }: { object: KubeObject },
): Promise<Revision[]> {
  const kept = await ownedBy(session, 'controllerrevisions.apps', object);
  return kept
    .map((each) => ({
      number: each['revision'] as number,
      cause: each.metadata.annotations?.[causeAnnotation] ?? '',
      template: each['data']?.spec?.template,
      keeper: each,
    }))
    .sort((a, b) => a.number - b.number);
}
