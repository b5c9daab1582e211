import type { Client } from '@coxswain/client';
import type { Informer } from '@coxswain/controller';
import { deepEqual, isAlreadyExists, isNotFound, type KubeObject, type Selector } from '@coxswain/machinery';
import { claimObjects, controllerOf, controllerRef } from './claim.ts';
import { controllerRevisions } from './resources.ts';

export const revisionHashLabel = 'controller-revision-hash';

/** Whose revisions are kept. */
export interface RevisionOwner {
  readonly object: KubeObject;
  readonly apiVersion: string;
  readonly kind: string;
  readonly selector: Selector;
  readonly recheck: () => Promise<KubeObject>;
  /** The hash that names a revision of the owner's present template. */
  readonly hash: (collisionCount: number | undefined) => string;
}

/** The part of an owner that a revision keeps: its pod template, in place of the whole one. */
export function revisionData(owner: KubeObject): Record<string, unknown> {
  return { spec: { template: { ...owner['spec'].template, $patch: 'replace' } } };
}

/** Whether the revision keeps the owner's present template. */
export function keepsTemplate(owner: KubeObject, revision: KubeObject): boolean {
  return deepEqual(revision['data'], revisionData(owner));
}

/** The revisions that belong to the owner; orphans that it selects are adopted. */
export function claimRevisions(
  owner: RevisionOwner,
  informer: Informer,
  client: Client,
): Promise<KubeObject[]> {
  const { namespace, uid } = owner.object.metadata;
  const candidates = informer.lister
    .list(namespace)
    .filter((revision) => (controllerOf(revision)?.uid ?? uid) === uid);
  const { apiVersion, kind, selector, recheck } = owner;
  return claimObjects(
    { owner: owner.object, apiVersion, kind, selector, recheck },
    candidates,
    client.resource(controllerRevisions, namespace),
  );
}

/** Ordered by revision, then age, then name. */
export function byRevision(a: KubeObject, b: KubeObject): number {
  const age = (object: KubeObject): string => object.metadata.creationTimestamp ?? '';
  return (
    Number(a['revision']) - Number(b['revision']) ||
    (age(a) < age(b) ? -1 : age(a) > age(b) ? 1 : 0) ||
    ((a.metadata.name as string) < (b.metadata.name as string) ? -1 : 1)
  );
}

export function maxRevision(revisions: readonly KubeObject[]): number {
  return revisions.reduce((max, revision) => Math.max(max, Number(revision['revision'])), 0);
}

/** A revision that is not created yet. */
export function newRevision(
  owner: RevisionOwner,
  revision: number,
  collisionCount: number | undefined,
): KubeObject {
  const { object } = owner;
  const hash = owner.hash(collisionCount);
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${object.metadata.name}-${hash}`,
      namespace: object.metadata.namespace as string,
      labels: { ...object['spec'].template.metadata?.labels, [revisionHashLabel]: hash },
      annotations: { ...object.metadata.annotations },
      ownerReferences: [controllerRef(object, owner.apiVersion, owner.kind)],
    },
    data: revisionData(object),
    revision,
  };
}

/** Another template has the name that this one would get: a new collision count gives another name. */
export class RevisionCollision extends Error {
  override readonly name = 'RevisionCollision';
  readonly code = 'REVISION_COLLISION';
}

/** Creates the revision, or gives the equal one that is there. Throws `RevisionCollision`. */
export async function createRevision(client: Client, revision: KubeObject): Promise<KubeObject> {
  const resource = client.resource(controllerRevisions, revision.metadata.namespace);
  try {
    return await resource.create(revision);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const held = await resource.get(revision.metadata.name as string);
    if (deepEqual(held['data'], revision['data'])) return held;
    throw new RevisionCollision(`controller revision "${revision.metadata.name}" keeps another template`);
  }
}

/** Deletes the oldest revisions that are not in use until `limit` of those are left; all stay when it is negative. */
export async function truncateHistory(
  client: Client,
  revisions: readonly KubeObject[],
  limit: number,
  inUse: (revision: KubeObject) => boolean,
): Promise<void> {
  if (limit < 0) return;
  const unused = revisions.filter((revision) => !inUse(revision)).sort(byRevision);
  for (const revision of unused.slice(0, Math.max(0, unused.length - limit))) {
    const { name, namespace } = revision.metadata as { name: string; namespace: string };
    try {
      await client.resource(controllerRevisions, namespace).delete(name);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
