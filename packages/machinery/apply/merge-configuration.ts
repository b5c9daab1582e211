import type { TypeFact } from '../facts.ts';
import type { KubeObject } from '../meta.ts';
import { atomOfType } from './atom.ts';
import { mergeTyped } from './merge-typed.ts';
import { faultsText, typedFaults } from './validate-typed.ts';

/**
 * An object with a partial one merged into it as an apply would: by the lists' keys, what is partial wins. Nobody
 * becomes owner of anything.
 * @throws Error when the partial object does not fit the type
 */
export function mergeConfiguration(type: TypeFact, object: KubeObject, partial: unknown): KubeObject {
  const atom = atomOfType(type);
  const faults = typedFaults(atom, partial);
  if (faults.length > 0) throw new Error(faultsText(faults));
  return mergeTyped(atom, object, partial) as KubeObject;
}
