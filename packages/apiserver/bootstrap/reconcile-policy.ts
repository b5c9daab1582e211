import { copyJson, deepEqual, type KubeObject } from '@coxswain/machinery';
import type { PolicyRule } from '../access/authorization/rbac/policy-rule.ts';
import { uncovered } from '../access/authorization/rbac/rule-cover.ts';
import type { Subject } from '../access/authorization/rbac/subject-index.ts';

/** What is to be done about a bootstrap object that is already there. */
export type Reconciliation =
  | { readonly action: 'keep' }
  | { readonly action: 'update'; readonly object: KubeObject }
  /** A binding's role cannot be changed: delete and create. */
  | { readonly action: 'recreate' };

const keep: Reconciliation = { action: 'keep' };

/** Administrators set these to keep their changes. */
const rbacAutoupdate = 'rbac.authorization.kubernetes.io/autoupdate';
const flowAutoupdate = 'apf.kubernetes.io/autoupdate-spec';

/** Flow control objects whose specification is never anyone's to change. */
const mandatory = ['exempt', 'catch-all'];

/** Compares a bootstrap object with what is there. Permissions that were added stay. */
export function reconcile(wanted: KubeObject, found: KubeObject): Reconciliation {
  switch (wanted.kind) {
    case 'ClusterRole':
    case 'Role':
      return frozen(found) ? keep : reconcileRole(wanted, found);
    case 'ClusterRoleBinding':
    case 'RoleBinding':
      return frozen(found) ? keep : reconcileBinding(wanted, found);
    case 'FlowSchema':
    case 'PriorityLevelConfiguration':
      return reconcileFlowControl(wanted, found);
    default:
      return keep;
  }
}

function frozen(found: KubeObject): boolean {
  return found.metadata.annotations?.[rbacAutoupdate] === 'false';
}

function reconcileRole(wanted: KubeObject, found: KubeObject): Reconciliation {
  const next = withMetadata(wanted, found);
  if (wanted['aggregationRule'] !== undefined) {
    // the rules of such a role are the aggregation controller's
    next['aggregationRule'] = wanted['aggregationRule'];
  } else {
    const has = (found['rules'] ?? []) as PolicyRule[];
    const missing = uncovered(has, (wanted['rules'] ?? []) as PolicyRule[]);
    if (missing.length > 0) next['rules'] = [...has, ...missing];
  }
  return deepEqual(next, found) ? keep : { action: 'update', object: next };
}

function reconcileBinding(wanted: KubeObject, found: KubeObject): Reconciliation {
  if (!deepEqual(wanted['roleRef'], found['roleRef'])) return { action: 'recreate' };
  const next = withMetadata(wanted, found);
  const has = (found['subjects'] ?? []) as Subject[];
  const same = (a: Subject, b: Subject): boolean =>
    a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '');
  const missing = ((wanted['subjects'] ?? []) as Subject[]).filter((s) => !has.some((h) => same(h, s)));
  if (missing.length > 0) next['subjects'] = [...has, ...missing];
  return deepEqual(next, found) ? keep : { action: 'update', object: next };
}

function reconcileFlowControl(wanted: KubeObject, found: KubeObject): Reconciliation {
  const automatic = found.metadata.annotations?.[flowAutoupdate];
  // without the annotation, an object that nobody has touched is still the server's own
  const owned =
    mandatory.includes(wanted.metadata.name ?? '') ||
    automatic === 'true' ||
    (automatic === undefined && found.metadata.generation === 1);
  if (!owned || deepEqual(wanted['spec'], found['spec'])) return keep;
  const next = withMetadata(wanted, found);
  next['spec'] = wanted['spec'];
  return { action: 'update', object: next };
}

/** What is there, with the labels and annotations that are wanted. */
function withMetadata(wanted: KubeObject, found: KubeObject): KubeObject {
  const next = copyJson(found) as KubeObject;
  for (const field of ['labels', 'annotations'] as const) {
    const more = wanted.metadata[field];
    if (more !== undefined) next.metadata[field] = { ...next.metadata[field], ...more };
  }
  return next;
}
