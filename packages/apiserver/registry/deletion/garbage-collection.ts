import type { KubeObject } from '@coxswain/machinery';
import type { Traits } from '../traits.ts';
import type { DeletionOptions } from './delete-options.ts';

const orphan = 'orphan';
const foreground = 'foregroundDeletion';

/** The finalizers a deletion leaves the object with for the garbage collector; undefined where they stay. */
export function collectionFinalizers(
  traits: Traits,
  object: KubeObject,
  options: DeletionOptions,
): readonly string[] | undefined {
  if (traits.garbageCollection === 'unsupported') return undefined;
  const present = object.metadata.finalizers ?? [];
  const wanted = present.filter((name) => name !== orphan && name !== foreground);
  if (shouldOrphan(traits, present, options)) wanted.push(orphan);
  if (shouldDeleteInForeground(present, options)) wanted.push(foreground);
  const same = wanted.length === present.length && wanted.every((name) => present.includes(name));
  return same ? undefined : wanted;
}

/** An explicit policy goes first, then a finalizer that is there, then the resource's default. */
function shouldOrphan(traits: Traits, present: readonly string[], options: DeletionOptions): boolean {
  if (options.orphanDependents !== undefined) return options.orphanDependents;
  if (options.propagationPolicy !== undefined) return options.propagationPolicy === 'Orphan';
  for (const name of present) {
    if (name === orphan) return true;
    if (name === foreground) return false;
  }
  return traits.garbageCollection === 'orphan';
}

function shouldDeleteInForeground(present: readonly string[], options: DeletionOptions): boolean {
  if (options.orphanDependents !== undefined) return false;
  if (options.propagationPolicy !== undefined) return options.propagationPolicy === 'Foreground';
  for (const name of present) {
    if (name === foreground) return true;
    if (name === orphan) return false;
  }
  return false;
}
