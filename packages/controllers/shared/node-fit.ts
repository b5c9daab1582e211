import type { KubeObject } from '@coxswain/machinery';

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

/** Whether the toleration allows for the taint. Source: Toleration.ToleratesTaint. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator ?? 'Equal') {
    case 'Exists':
      return true;
    case 'Equal':
      return (toleration.key ?? '') !== '' && (toleration.value ?? '') === (taint.value ?? '');
    case 'Lt':
    case 'Gt':
      return comparesTo(toleration, taint);
    default:
      return false;
  }
}

/** `Lt`: the taint's number is less than the toleration's; `Gt`: it is more. */
function comparesTo(toleration: Toleration, taint: Taint): boolean {
  const [limit, value] = [toleration.value ?? '', taint.value ?? ''];
  if (!/^-?\d+$/.test(limit) || !/^-?\d+$/.test(value)) return false;
  return toleration.operator === 'Lt' ? BigInt(value) < BigInt(limit) : BigInt(value) > BigInt(limit);
}

/** Whether some taint of these effects is not allowed for. */
export function hasUntolerated(
  node: KubeObject,
  tolerations: readonly Toleration[],
  effects: readonly string[],
): boolean {
  return (node['spec']?.taints ?? []).some(
    (taint: Taint) =>
      effects.includes(taint.effect) && !tolerations.some((toleration) => tolerates(toleration, taint)),
  );
}

interface NodeRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

interface NodeTerm {
  readonly matchExpressions?: readonly NodeRequirement[];
  readonly matchFields?: readonly NodeRequirement[];
}

/** Whether the node has what the pod's node selector and required node affinity ask for. */
export function fitsNodeAffinity(podSpec: Readonly<Record<string, any>>, node: KubeObject): boolean {
  const labels = node.metadata.labels ?? {};
  const selector: Record<string, string> = podSpec['nodeSelector'] ?? {};
  if (Object.entries(selector).some(([key, value]) => labels[key] !== value)) return false;
  const required = podSpec['affinity']?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!required) return true;
  return matchesNodeTerms(required.nodeSelectorTerms ?? [], node);
}

/** Whether one of the terms holds of the node; a term without requirements holds of none. */
export function matchesNodeTerms(terms: readonly NodeTerm[], node: KubeObject): boolean {
  const labels = node.metadata.labels ?? {};
  return terms.some(({ matchExpressions = [], matchFields = [] }) => {
    if (matchExpressions.length + matchFields.length === 0) return false;
    return (
      matchExpressions.every((requirement) => holds(requirement, labels[requirement.key])) &&
      matchFields.every(
        (requirement) => requirement.key === 'metadata.name' && holds(requirement, node.metadata.name),
      )
    );
  });
}

function holds({ operator, values = [] }: NodeRequirement, value: string | undefined): boolean {
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
      const limit = values[0] ?? '';
      if (value === undefined || !/^-?\d+$/.test(value) || !/^-?\d+$/.test(limit)) return false;
      return operator === 'Gt' ? BigInt(value) > BigInt(limit) : BigInt(value) < BigInt(limit);
    }
    default:
      return false;
  }
}
