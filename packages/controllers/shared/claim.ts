import type { ResourceClient } from '@coxswain/client';
import {
  isInvalid,
  isNotFound,
  type KubeObject,
  type OwnerReference,
  type Selector,
} from '@coxswain/machinery';

/** The owner's side of a claim. */
export interface Claimant {
  readonly owner: KubeObject;
  readonly apiVersion: string;
  readonly kind: string;
  readonly selector: Selector;
  /** Reads the owner again from the API: nothing is adopted for an owner that is gone or goes. */
  readonly recheck: () => Promise<KubeObject>;
}

export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((ref) => ref.controller);
}

/** The owner reference that a controller puts on what it creates. */
export function controllerRef(owner: KubeObject, apiVersion: string, kind: string): OwnerReference {
  return {
    apiVersion,
    kind,
    name: owner.metadata.name as string,
    uid: owner.metadata.uid as string,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/**
 * The objects that belong to the claimant: those it controls and selects. Orphans that it selects are adopted,
 * those that it controls but no longer selects are released. Source: ControllerRefManager upstream.
 */
export async function claimObjects(
  claimant: Claimant,
  candidates: readonly KubeObject[],
  client: ResourceClient,
): Promise<KubeObject[]> {
  const { owner, selector } = claimant;
  const claimed: KubeObject[] = [];
  let mayAdopt: Promise<void> | undefined;
  const checkAdoption = async (): Promise<void> => {
    const fresh = await claimant.recheck();
    if (fresh.metadata.uid !== owner.metadata.uid) {
      throw new Error(`original ${claimant.kind} ${owner.metadata.namespace}/${owner.metadata.name} is gone`);
    }
    if (fresh.metadata.deletionTimestamp) throw new Error(`${owner.metadata.name} has just been deleted`);
  };
  for (const object of candidates) {
    const controller = controllerOf(object);
    const selected = selector.matches(object.metadata.labels);
    if (controller) {
      if (controller.uid !== owner.metadata.uid) continue;
      if (selected) claimed.push(object);
      else if (!owner.metadata.deletionTimestamp) await release(claimant, object, client);
      continue;
    }
    if (!selected || owner.metadata.deletionTimestamp || object.metadata.deletionTimestamp) continue;
    mayAdopt ??= checkAdoption();
    await mayAdopt;
    const adopted = await adopt(claimant, object, client);
    if (adopted) claimed.push(adopted);
  }
  return claimed;
}

async function adopt(
  claimant: Claimant,
  object: KubeObject,
  client: ResourceClient,
): Promise<KubeObject | undefined> {
  const { uid, name } = object.metadata;
  const ownerReferences = [controllerRef(claimant.owner, claimant.apiVersion, claimant.kind)];
  try {
    return await client.patch(name as string, 'application/strategic-merge-patch+json', {
      metadata: { ownerReferences, uid },
    });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function release(claimant: Claimant, object: KubeObject, client: ResourceClient): Promise<void> {
  const { uid, name } = object.metadata;
  try {
    await client.patch(name as string, 'application/strategic-merge-patch+json', {
      metadata: { ownerReferences: [{ $patch: 'delete', uid: claimant.owner.metadata.uid }], uid },
    });
  } catch (error) {
    // Gone, or replaced by another object of the name: either way there is nothing to release.
    if (!isNotFound(error) && !isInvalid(error)) throw error;
  }
}
