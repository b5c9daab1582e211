import type { FieldPath } from '@coxswain/machinery';
import type { Json } from '../../values.ts';

const renamed: readonly (readonly [old: string, since: string, stable: string])[] = [
  ['beta.kubernetes.io/arch', 'v1.14', 'kubernetes.io/arch'],
  ['beta.kubernetes.io/os', 'v1.14', 'kubernetes.io/os'],
  ['failure-domain.beta.kubernetes.io/region', 'v1.17', 'topology.kubernetes.io/region'],
  ['failure-domain.beta.kubernetes.io/zone', 'v1.17', 'topology.kubernetes.io/zone'],
  ['beta.kubernetes.io/instance-type', 'v1.17', 'node.kubernetes.io/instance-type'],
];

/** The newer names of labels of nodes. */
export const stableLabels: Readonly<Record<string, string>> = Object.fromEntries(
  renamed.map(([old, , stable]) => [old, stable]),
);

/** What users of labels of nodes that have newer names are told. */
export const deprecatedNodeLabels: Readonly<Record<string, string>> = Object.fromEntries(
  renamed.map(([old, since, stable]) => [old, `deprecated since ${since}; use "${stable}" instead`]),
);

/** GetWarningsForNodeSelectorTerm. */
export function nodeTermWarnings(
  term: Json,
  path: FieldPath,
  warn: (place: FieldPath, message: string) => void,
): void {
  const expressions: readonly Json[] = term['matchExpressions'] ?? [];
  expressions.forEach(({ key }, i) => {
    if (deprecatedNodeLabels[key] == null) return;
    warn(path.child('matchExpressions').index(i).child('key'), `${key} is ${deprecatedNodeLabels[key]}`);
  });
}
