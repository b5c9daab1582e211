import type { ElementTable, Fragment } from './fragment.ts';

/** One fragment that brings what all bring. */
export function mergeFragments(fragments: readonly Fragment[]): Fragment {
  const [first] = fragments;
  if (fragments.length === 1 && first !== undefined) return first;
  const elements = new Map<ElementTable, Map<string, string>>();
  for (const fragment of fragments) {
    for (const [table, entries] of fragment.elements) {
      elements.set(table, new Map([...(elements.get(table) ?? []), ...entries]));
    }
  }
  return {
    chains: new Map(fragments.flatMap((f) => [...f.chains])),
    affinitySets: new Map(fragments.flatMap((f) => [...f.affinitySets])),
    elements,
  };
}
