import { deepEqual, type KubeObject } from '@coxswain/machinery';
import type { PolicyRule } from '../access/authorization/rbac/policy-rule.ts';
import { uncovered } from '../access/authorization/rbac/rule-cover.ts';
import type { Subject } from '../access/authorization/rbac/subject-index.ts';

/** Administrators set these to keep their changes. */
const rbacAutoupdate = 'rbac.authorization.kubernetes.io/autoupdate';
const flowAutoupdate = 'apf.kubernetes.io/autoupdate-spec';

/** What Go's strconv.ParseBool takes for either. */
const truths: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const lies: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** Flow control objects whose specification is never anyone's to change. */
const mandatory = ['exempt', 'catch-all'];

/**
 * What a bootstrap object that is there should become; `undefined` when it is as it should be.
 * Permissions and subjects that were added stay.
 */
export function reconcile(wanted: KubeObject, found: KubeObject): KubeObject | undefined {
  switch (wanted.kind) {
    case 'ClusterRole':
    case 'Role':
      return frozen(found) ? undefined : reconcileRole(wanted, found);
    case 'ClusterRoleBinding':
    case 'RoleBinding':
      return frozen(found) ? undefined : reconcileBinding(wanted, found);
    case 'FlowSchema':
    case 'PriorityLevelConfiguration':
      return reconcileFlowControl(wanted, found);
    default:
      return undefined;
  }
}

function frozen(found: KubeObject): boolean {
  return found.metadata.annotations?.[rbacAutoupdate] === 'false';
}

function reconcileRole(wanted: KubeObject, found: KubeObject): KubeObject | undefined {
  // the rules of an aggregated role are the aggregation controller's
  if (wanted['aggregationRule'] !== undefined) {
    return changed(wanted, found, 'aggregationRule', wanted['aggregationRule']);
  }
  const has = (found['rules'] ?? []) as PolicyRule[];
  const should = (wanted['rules'] ?? []) as PolicyRule[];
  const missing = deepEqual(has, should) ? [] : uncovered(has, should);
  return changed(wanted, found, 'rules', missing.length === 0 ? found['rules'] : [...has, ...missing]);
}

function reconcileBinding(wanted: KubeObject, found: KubeObject): KubeObject | undefined {
  const has = (found['subjects'] ?? []) as Subject[];
  const same = (a: Subject, b: Subject): boolean =>
    a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '');
  const missing = ((wanted['subjects'] ?? []) as Subject[]).filter((s) => !has.some((h) => same(h, s)));
  const subjects = missing.length === 0 ? found['subjects'] : [...has, ...missing];
  const next = changed(wanted, found, 'subjects', subjects);
  // a role reference never changes by a request: upstream deletes and creates, which comes to the same
  if (deepEqual(wanted['roleRef'], found['roleRef'])) return next;
  return { ...(next ?? found), roleRef: wanted['roleRef'] };
}

/** The annotation says whose the specification is, whatever it said before of a mandatory object. */
function reconcileFlowControl(wanted: KubeObject, found: KubeObject): KubeObject | undefined {
  const told = flowAutoupdates(found);
  // without the annotation, an object that nobody has touched is still the server's own
  const owned = mandatory.includes(wanted.metadata.name ?? '') || (told ?? found.metadata.generation === 1);
  const spec = owned ? withOwnShares(wanted, found) : found['spec'];
  if (told === owned && deepEqual(spec, found['spec'])) return undefined;
  const annotations = { ...found.metadata.annotations, [flowAutoupdate]: String(owned) };
  return { ...found, metadata: { ...found.metadata, annotations }, spec };
}

/** Whether a flow control object is kept as the release has it; undefined where it does not say. */
export function flowAutoupdates(found: KubeObject): boolean | undefined {
  const text = found.metadata.annotations?.[flowAutoupdate] ?? '';
  return truths.has(text) ? true : lies.has(text) ? false : undefined;
}

/** Of the exempt level the shares are anybody's to change. */
function withOwnShares(wanted: KubeObject, found: KubeObject): unknown {
  const now = found['spec']?.exempt;
  const spec = wanted['spec'];
  if (wanted.kind !== 'PriorityLevelConfiguration' || spec.exempt === undefined || now === undefined)
    return spec;
  const { nominalConcurrencyShares, lendablePercent } = now;
  return { ...spec, exempt: { ...spec.exempt, nominalConcurrencyShares, lendablePercent } };
}

/** The object with a field's value and the labels and annotations that are wanted; nothing when it has them. */
function changed(
  wanted: KubeObject,
  found: KubeObject,
  field: string,
  value: unknown,
): KubeObject | undefined {
  const labelled = has(found.metadata.labels, wanted.metadata.labels);
  const annotated = has(found.metadata.annotations, wanted.metadata.annotations);
  if (labelled && annotated && deepEqual(found[field], value)) return undefined;
  return {
    ...found,
    metadata: {
      ...found.metadata,
      ...(labelled ? {} : { labels: { ...found.metadata.labels, ...wanted.metadata.labels } }),
      ...(annotated
        ? {}
        : { annotations: { ...found.metadata.annotations, ...wanted.metadata.annotations } }),
    },
    [field]: value,
  };
}

type Texts = Readonly<Record<string, string>> | undefined;

function has(found: Texts, wanted: Texts): boolean {
  return Object.entries(wanted ?? {}).every(([key, value]) => found?.[key] === value);
}
