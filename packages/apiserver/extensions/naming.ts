import type { apiextensionsv1 } from '@coxswain/api';
import { deepEqual, goQuote } from '@coxswain/machinery';
import { type Condition, conditionOf, type Definition, isSameCondition, isTrue } from './definition.ts';
import type { StatusChange } from './definition-status.ts';

type Names = apiextensionsv1.CustomResourceDefinitionNames;
type SingleName = 'plural' | 'singular' | 'kind' | 'listKind';

const single: readonly SingleName[] = ['plural', 'singular', 'kind', 'listKind'];

/**
 * Which of the names a definition asks for it gets. The first one that asks for a name keeps it.
 * @param group all definitions of its group, itself as well: what is its own name of one sort is none of another
 * @returns undefined where nothing changes: names that are accepted as they are asked for are not looked at again
 */
export function acceptNames(definition: Definition, group: readonly Definition[]): StatusChange | undefined {
  const wanted = definition.spec.names;
  const before = definition.status?.acceptedNames ?? { plural: '', kind: '' };
  if (sameNames(wanted, before)) return undefined;
  const { accepted, conflict } = claim(wanted, before, namesOf(group));
  const named: Condition = conflict ?? {
    type: 'NamesAccepted',
    status: 'True',
    reason: 'NoConflicts',
    message: 'no conflicts found',
  };
  const isKnown = isSameCondition(conditionOf(definition, 'NamesAccepted'), named);
  if (isKnown && deepEqual(before, accepted)) return undefined;
  return { acceptedNames: accepted, conditions: [named, establishedOnceNamed(definition, named)] };
}

/** Once established, a definition stays so whatever its names come to. */
function establishedOnceNamed(definition: Definition, named: Condition): Condition {
  const type = 'Established';
  const status = 'False';
  if (named.status === 'True' && !isTrue(definition, type)) {
    return { type, status, reason: 'Installing', message: 'the initial names have been accepted' };
  }
  const there = conditionOf(definition, type);
  return there ?? { type, status, reason: 'NotAccepted', message: 'not all names are accepted' };
}

interface NamesInUse {
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

function namesOf(group: readonly Definition[]): NamesInUse {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const { status } of group) {
    const { plural = '', singular = '', shortNames, kind = '', listKind = '' } = status?.acceptedNames ?? {};
    for (const name of [plural, singular, ...(shortNames ?? [])]) resources.add(name);
    for (const name of [kind, listKind]) kinds.add(name);
  }
  return { resources, kinds };
}

function claim(
  wanted: Names,
  before: Names,
  used: NamesInUse,
): { readonly accepted: Names; readonly conflict: Condition | undefined } {
  const accepted = { ...before } as { -readonly [K in keyof Names]: Names[K] };
  let conflict: Condition | undefined;
  const refuse = (reason: string, names: readonly string[]): void => {
    const texts = names.map((name) => `${goQuote(name)} is already in use`);
    const message = texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`;
    // Of several, the last is told.
    conflict = { type: 'NamesAccepted', status: 'False', reason, message };
  };
  const take = (member: SingleName, names: ReadonlySet<string>, reason: string): void => {
    const name = wanted[member] ?? '';
    if (name !== (before[member] ?? '') && names.has(name)) refuse(reason, [name]);
    else accepted[member] = name;
  };
  take('plural', used.resources, 'PluralConflict');
  take('singular', used.resources, 'SingularConflict');
  const own = new Set(before.shortNames ?? []);
  const taken = (wanted.shortNames ?? []).filter((name) => !own.has(name) && used.resources.has(name));
  if (taken.length > 0) refuse('ShortNamesConflict', [...new Set(taken)]);
  else takeList(accepted, wanted, 'shortNames');
  take('kind', used.kinds, 'KindConflict');
  take('listKind', used.kinds, 'ListKindConflict');
  takeList(accepted, wanted, 'categories');
  return { accepted, conflict };
}

function takeList(
  accepted: { -readonly [K in keyof Names]: Names[K] },
  wanted: Names,
  member: 'shortNames' | 'categories',
): void {
  const names = wanted[member];
  if (names === undefined) delete accepted[member];
  else accepted[member] = names;
}

function sameNames(a: Names, b: Names): boolean {
  return (
    single.every((member) => (a[member] ?? '') === (b[member] ?? '')) &&
    deepEqual(a.shortNames ?? [], b.shortNames ?? []) &&
    deepEqual(a.categories ?? [], b.categories ?? [])
  );
}
