import type { KubeObject } from '@coxswain/machinery';

type Node = Pick<KubeObject, 'metadata'>;

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

interface Term {
  readonly matchExpressions?: readonly Requirement[];
  readonly matchFields?: readonly Requirement[];
}

/** core/v1 NodeSelector: terms are alternatives, the requirements of a term hold together. */
export function matchesNodeSelector(
  selector: { readonly nodeSelectorTerms: readonly Term[] },
  node: Node,
): boolean {
  return selector.nodeSelectorTerms.some((term) => matchesNodeTerm(term, node));
}

/** A term without requirements matches nothing. */
export function matchesNodeTerm(term: Term, node: Node): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length + fields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  return (
    expressions.every((r) => matchesRequirement(r, labels[r.key])) &&
    fields.every((r) => matchesRequirement(r, r.key === 'metadata.name' ? node.metadata.name : undefined))
  );
}

function matchesRequirement(requirement: Requirement, value: string | undefined): boolean {
  const { operator, values = [] } = requirement;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt': {
      if (value === undefined || !/^-?\d+$/.test(value) || !/^-?\d+$/.test(values[0] ?? '')) return false;
      const difference = BigInt(value) - BigInt(values[0] as string);
      return operator === 'Gt' ? difference > 0n : difference < 0n;
    }
    default:
      return false;
  }
}

/** Whether the pod's nodeSelector and required node affinity let it run on the node. */
export function matchesPodNodeAffinity(pod: { readonly [field: string]: any }, node: Node): boolean {
  const spec = pod['spec'];
  const labels = node.metadata.labels ?? {};
  for (const key in spec.nodeSelector) if (labels[key] !== spec.nodeSelector[key]) return false;
  const needed = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return needed === undefined || matchesNodeSelector(needed, node);
}
