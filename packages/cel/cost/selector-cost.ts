import { add, fixed, listCost, type Range, scale, structCost, traversalFactor } from './range.ts';

/** A requirement takes two characters at least. */
const requirementsPerCharacter = 0.5;

/** What parsing a selector of a length costs: the walk, and what each requirement is made of. */
export function selectorCost(length: Range): Range {
  const requirements = scale(length, requirementsPerCharacter);
  return add(
    add(fixed(listCost), scale(length, traversalFactor)),
    scale(requirements, listCost + structCost),
  );
}
