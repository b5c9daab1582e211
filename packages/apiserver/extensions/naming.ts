import type { apiextensionsv1 } from '@coxswain/api';
import { deepEqual } from '@coxswain/machinery';
import { conditionOf, type Definition, isTrue } from './definition.ts';
import { apiApprovalOf, isProtectedGroup } from './validation/api-approval.ts';
import { caBundleFault } from './validation/ca-bundle.ts';

type Names = apiextensionsv1.CustomResourceDefinitionNames;
export type Condition = Pick<
  apiextensionsv1.CustomResourceDefinitionCondition,
  'type' | 'status' | 'reason' | 'message'
>;

export interface NamingResult {
  readonly acceptedNames: Names;
  readonly conditions: readonly Condition[];
}

/**
 * Which of the names a definition asks for it gets, given the other definitions of its group, and whether it
 * is established by that. The first one that asks for a name keeps it.
 */
export function acceptNames(definition: Definition, others: readonly Definition[]): NamingResult {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const other of others) {
    const names = other.status?.acceptedNames;
    if (names === undefined) continue;
    for (const name of [names.plural, names.singular, ...(names.shortNames ?? [])]) {
      if (name !== undefined && name !== '') resources.add(name);
    }
    for (const name of [names.kind, names.listKind]) if (name !== undefined && name !== '') kinds.add(name);
  }
  const wanted = definition.spec.names;
  const accepted = { ...(definition.status?.acceptedNames ?? { plural: '', kind: '' }) } as {
    -readonly [K in keyof Names]: Names[K];
  };
  let conflict: Condition | undefined;
  const refuse = (reason: string, message: string): void => {
    // Of several, the last is told.
    conflict = { type: 'NamesAccepted', status: 'False', reason, message };
  };
  const take = (
    member: 'plural' | 'singular' | 'kind' | 'listKind',
    used: Set<string>,
    reason: string,
  ): void => {
    const name = wanted[member];
    if (name === undefined) delete (accepted as Partial<Names>)[member];
    else if (name !== accepted[member] && used.has(name)) refuse(reason, `"${name}" is already in use`);
    else accepted[member] = name;
  };
  take('plural', resources, 'PluralConflict');
  take('singular', resources, 'SingularConflict');
  if (!deepEqual(wanted.shortNames ?? [], accepted.shortNames ?? [])) {
    const before = new Set(accepted.shortNames ?? []);
    const taken = (wanted.shortNames ?? []).filter((name) => !before.has(name) && resources.has(name));
    if (taken.length > 0) {
      const texts = taken.map((name) => `"${name}" is already in use`);
      refuse('ShortNamesConflict', texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`);
    } else if (wanted.shortNames === undefined) delete accepted.shortNames;
    else accepted.shortNames = wanted.shortNames;
  }
  take('kind', kinds, 'KindConflict');
  take('listKind', kinds, 'ListKindConflict');
  if (wanted.categories === undefined) delete accepted.categories;
  else accepted.categories = wanted.categories;
  return { acceptedNames: accepted, conditions: conditionsOf(definition, conflict) };
}

function conditionsOf(definition: Definition, conflict: Condition | undefined): readonly Condition[] {
  const named: Condition = conflict ?? {
    type: 'NamesAccepted',
    status: 'True',
    reason: 'NoConflicts',
    message: 'no conflicts found',
  };
  // Once established, a definition stays so whatever its names come to.
  if (isTrue(definition, 'Established')) return [named, conditionOf(definition, 'Established') as Condition];
  const not = (reason: string, message: string): Condition => ({
    type: 'Established',
    status: 'False',
    reason,
    message,
  });
  if (conflict !== undefined) return [named, not('NotAccepted', 'not all names are accepted')];
  const { caBundle } = definition.spec.conversion?.webhook?.clientConfig ?? {};
  if (caBundleFault(caBundle) !== undefined) {
    return [named, not('InvalidCABundle', 'The conversion webhook CABundle is invalid')];
  }
  const message = 'the initial names have been accepted';
  return [named, { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message }];
}

const approvals = {
  missing: { status: 'False', reason: 'MissingAnnotation' },
  bypassed: { status: 'False', reason: 'UnapprovedAnnotation' },
  approved: { status: 'True', reason: 'ApprovedAnnotation' },
  invalid: { status: 'False', reason: 'InvalidAnnotation' },
} as const;

/** The word on groups of the Kubernetes project itself; undefined for all others. */
export function approvalCondition(definition: Definition): Condition | undefined {
  if (!isProtectedGroup(definition.spec.group)) return undefined;
  const { state, text } = apiApprovalOf(definition);
  return { type: 'KubernetesAPIApprovalPolicyConformant', ...approvals[state], message: text };
}
