import { deepEqual } from '../json/deep-equal.ts';
import type { KubeObject, ManagedFieldsEntry } from '../meta.ts';
import { withManagers } from './track-update.ts';

/**
 * Gives the managers their stored times back when a write changed nothing else, so that it is no write.
 * Called last, after admission.
 */
export function keepManagedTimes(live: KubeObject, updated: KubeObject): KubeObject {
  const before = live.metadata.managedFields;
  const after = updated.metadata.managedFields;
  if (before === after || before === undefined || after === undefined || before.length !== after.length) {
    return updated;
  }
  if (!before.every((entry, i) => sameButTime(entry, after[i] as ManagedFieldsEntry))) return updated;
  return deepEqual(comparable(live), comparable(updated)) ? withManagers(updated, before) : updated;
}

function sameButTime(a: ManagedFieldsEntry, b: ManagedFieldsEntry): boolean {
  if (a === b) return true;
  const { time: _, ...left } = a;
  const { time: __, ...right } = b;
  return deepEqual(left, right);
}

/** Without what an unconditional write may leave out. */
function comparable(object: KubeObject): unknown {
  const { managedFields: _, resourceVersion: __, selfLink: ___, ...metadata } = object.metadata;
  return { ...object, metadata };
}
