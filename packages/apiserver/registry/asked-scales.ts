import type { KubeObject } from '@coxswain/machinery';

/** A scale that somebody asked for, and the one that was there. */
interface AskedScale {
  readonly object: KubeObject;
  readonly oldObject: KubeObject;
}

/** The scales that objects about to be written were made of. */
const scales = new WeakMap<KubeObject, AskedScale>();

/**
 * Remembers the scale that an object was made of.
 * @param managers of the new scale
 */
export function rememberScale(
  object: KubeObject,
  scale: KubeObject,
  live: KubeObject,
  managers: KubeObject['metadata']['managedFields'],
): void {
  const { managedFields: _, ...metadata } = scale.metadata;
  const own = managers === undefined ? metadata : { ...metadata, managedFields: managers };
  scales.set(object, { object: { ...scale, metadata: own }, oldObject: live });
}

/** The scale that an object was made of. */
export function askedScale(object: KubeObject): AskedScale {
  const asked = scales.get(object);
  if (asked === undefined) throw new Error(`scaling "${object.metadata.name}": nobody asked for it`);
  return asked;
}
