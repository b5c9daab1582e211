import { deepEqual, type KubeObject } from '@coxswain/machinery';

/** What a role or binding of a file needs done to the one of the cluster. */
export interface Reconciled {
  readonly operation: 'none' | 'create' | 'update' | 'recreate';
  /** As it is to be stored. */
  readonly object: KubeObject;
  /** The object of the cluster says that it is not to be reconciled: nothing is done. */
  readonly protected: boolean;
  readonly missingRules: readonly Rule[];
  readonly extraRules: readonly Rule[];
  readonly missingSubjects: readonly Subject[];
  readonly extraSubjects: readonly Subject[];
}

interface Rule {
  readonly verbs: readonly string[];
}

interface Subject {
  readonly kind: string;
  readonly name: string;
}

const nothing = { missingRules: [], extraRules: [], missingSubjects: [], extraSubjects: [] };

/**
 * Brings a role's rules and selectors of aggregation to those of `expected`.
 * @param remove also what `expected` does not have
 */
export async function reconcileRole(
  existing: KubeObject | undefined,
  expected: KubeObject,
  remove: boolean,
): Promise<Reconciled> {
  const wanted: readonly Rule[] = expected['rules'] ?? [];
  if (existing === undefined) {
    return { ...nothing, operation: 'create', object: expected, protected: false, missingRules: wanted };
  }
  const { uncoveredRules } = await import('@coxswain/apiserver');
  const held: readonly Rule[] = existing['rules'] ?? [];
  const missingRules = uncoveredRules(held, wanted);
  const aggregated = [expected, existing].every((role) => role['aggregationRule'] !== undefined);
  const extraRules = aggregated ? [] : uncoveredRules(wanted, held);
  const rules = union(held, wanted, missingRules, extraRules, remove);
  const selectors = (role: KubeObject): readonly object[] =>
    role['aggregationRule']?.clusterRoleSelectors ?? [];
  const clusterRoleSelectors = union(
    selectors(existing),
    selectors(expected),
    without(selectors(expected), selectors(existing)),
    without(selectors(existing), selectors(expected)),
    remove,
  );
  const object: Record<string, unknown> = { ...withMetadata(existing, expected), rules };
  if (expected['aggregationRule'] === undefined) delete object['aggregationRule'];
  else object['aggregationRule'] = { ...existing['aggregationRule'], clusterRoleSelectors };
  return { ...nothing, ...outcome(existing, object as unknown as KubeObject), missingRules, extraRules };
}

/**
 * Brings a binding's subjects to those of `expected`; one to another role must be made anew.
 * @param remove also subjects that `expected` does not have
 */
export function reconcileBinding(
  existing: KubeObject | undefined,
  expected: KubeObject,
  remove: boolean,
): Reconciled {
  const wanted: readonly Subject[] = expected['subjects'] ?? [];
  if (existing === undefined) {
    return { ...nothing, operation: 'create', object: expected, protected: false, missingSubjects: wanted };
  }
  if (!deepEqual(existing['roleRef'], expected['roleRef'])) {
    return { ...nothing, operation: 'recreate', object: expected, protected: isProtected(existing) };
  }
  const held: readonly Subject[] = existing['subjects'] ?? [];
  const missingSubjects = without(wanted, held);
  const extraSubjects = without(held, wanted);
  const subjects = union(held, wanted, missingSubjects, extraSubjects, remove);
  const object = { ...withMetadata(existing, expected), subjects } as KubeObject;
  return { ...nothing, ...outcome(existing, object), missingSubjects, extraSubjects };
}

function outcome(
  existing: KubeObject,
  object: KubeObject,
): Pick<Reconciled, 'operation' | 'object' | 'protected'> {
  const same = ['metadata', 'rules', 'subjects', 'aggregationRule'].every((field) =>
    deepEqual(existing[field] ?? [], object[field] ?? []),
  );
  return { operation: same ? 'none' : 'update', object, protected: isProtected(existing) };
}

function isProtected({ metadata }: KubeObject): boolean {
  return metadata.annotations?.['rbac.authorization.kubernetes.io/autoupdate'] === 'false';
}

function union<T>(
  held: readonly T[],
  wanted: readonly T[],
  missing: readonly T[],
  extra: readonly T[],
  remove: boolean,
): readonly T[] {
  if (!remove) return [...held, ...missing];
  return missing.length > 0 || extra.length > 0 ? wanted : held;
}

function without<T>(items: readonly T[], others: readonly T[]): T[] {
  return items.filter((item) => !others.some((other) => deepEqual(other, item)));
}

/** Labels and annotations that the cluster's object has go before those of the file. */
function withMetadata(existing: KubeObject, expected: KubeObject): KubeObject {
  const merged = (field: 'labels' | 'annotations'): object => {
    const both = { ...expected.metadata[field], ...existing.metadata[field] };
    return Object.keys(both).length === 0 ? {} : { [field]: both };
  };
  return { ...existing, metadata: { ...existing.metadata, ...merged('labels'), ...merged('annotations') } };
}
