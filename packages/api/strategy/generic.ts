import type { KubeObject } from '@coxswain/machinery';
import type { Json } from '../validation/values.ts';

/** Carries a member over from the stored object, also when it was not there. */
export function carryOver(object: Json, old: Json, member: string): void {
  if (old[member] === undefined) delete object[member];
  else object[member] = old[member];
}

/** Counts a change of the desired state. */
export function bumpGeneration(object: KubeObject, old: KubeObject): void {
  object.metadata.generation = (old.metadata.generation ?? 0) + 1;
}

/** The metadata rules of every update: an update cannot undo a deletion nor turn back time. */
export function prepareMetaForUpdate(object: KubeObject, old: KubeObject): void {
  const meta = object.metadata;
  const before = old.metadata;
  if (before.generation === undefined) delete meta.generation;
  else meta.generation = before.generation;
  if (meta.uid === undefined || meta.uid === '') {
    if (before.uid !== undefined) meta.uid = before.uid;
  }
  if (before.creationTimestamp !== undefined) meta.creationTimestamp = before.creationTimestamp;
  if (before.deletionTimestamp !== undefined) meta.deletionTimestamp = before.deletionTimestamp;
  if (before.deletionGracePeriodSeconds !== undefined && meta.deletionGracePeriodSeconds === undefined) {
    meta.deletionGracePeriodSeconds = before.deletionGracePeriodSeconds;
  }
}

/** A new object is not being deleted. */
export function prepareMetaForCreate(object: KubeObject): void {
  delete object.metadata.deletionTimestamp;
  delete object.metadata.deletionGracePeriodSeconds;
  delete object.metadata.selfLink;
}

/** As `keepSpec`, and the labels too. */
export function keepSpecAndLabels(object: KubeObject, old: KubeObject): void {
  carryOver(object, old, 'spec');
  carryOver(object.metadata, old.metadata, 'labels');
}

/** ResetObjectMetaForStatus: a writer of the status changes nothing of the metadata. */
export function resetMetaForStatus(object: KubeObject, old: KubeObject): void {
  for (const member of ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const) {
    carryOver(object.metadata, old.metadata, member);
  }
}
