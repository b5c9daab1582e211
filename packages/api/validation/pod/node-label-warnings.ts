import type { FieldPath } from '@coxswain/machinery';
import type { Json } from '../values.ts';

/** Labels of nodes that have newer names. */
export const deprecatedNodeLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region':
    'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone':
    'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type':
    'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

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
