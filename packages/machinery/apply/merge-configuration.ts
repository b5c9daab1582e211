import type { TypeFact } from '../facts.ts';
import type { KubeObject } from '../meta.ts';
import { type Atom, atomOfType, settle } from './atom.ts';
import { mergeTyped } from './merge-typed.ts';
import { faultsText, typedFaults } from './validate-typed.ts';

/**
 * An object with a partial one merged into it as an apply would: by the lists' keys, what is partial wins. Nobody
 * becomes owner of anything.
 * @throws Error when the partial object does not fit the type, or would replace a whole where a part is said
 */
export function mergeConfiguration(type: TypeFact, object: KubeObject, partial: unknown): KubeObject {
  const atom = atomOfType(type);
  const faults = typedFaults(atom, partial);
  if (faults.length > 0) {
    throw new Error(`failed to convert patch object to typed object: ${faultsText(faults)}`);
  }
  const atomic = atomicPaths(atom, partial, '');
  if (atomic.length > 0) {
    const paths = atomic.join(', ');
    throw new Error(`invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${paths}`);
  }
  return mergeTyped(atom, object, partial) as KubeObject;
}

/** Where the value has lists, maps and structs that are only ever replaced as a whole. */
function atomicPaths(unsettled: Atom, value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const atom = settle(unsettled, value);
  if (atom.kind === 'list') {
    const own = atom.relation === 'atomic' ? [path] : [];
    if (!Array.isArray(value)) return own;
    return [...own, ...value.flatMap((item, i) => atomicPaths(atom.items, item, `${path}[${i}]`))];
  }
  if (atom.kind !== 'map') return [];
  const members = Object.entries(value).flatMap(([name, member]) => {
    const field = atom.fields.get(name);
    return field === undefined ? [] : atomicPaths(field, member, `${path}.${name}`);
  });
  return atom.atomic ? [path, ...members] : members;
}
