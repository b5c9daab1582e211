import type { Checked } from '../checker.ts';
import { CelRuntimeError, type Issue } from '../issue.ts';
import { clausesOf, type Verb, wrongArgument } from '../library/format-clause.ts';
import type { Expr } from '../syntax/syntax-tree.ts';
import { type CelType, dyn, runtimeTypeText } from '../types.ts';

/** Formats that are written as texts with their arguments, where these do not fit each other. */
export function checkFormats({ calls, types }: Checked): Issue[] {
  const issues: Issue[] = [];
  for (const [call, { name, args }] of calls) {
    const [template, list] = args;
    if (name !== 'format' || template?.op !== 'literal' || typeof template.value !== 'string') continue;
    if (list?.op !== 'list') continue;
    const issue = faultOf(template.value, list.items, call, types);
    if (issue !== undefined) issues.push(issue);
  }
  return issues;
}

function faultOf(
  template: string,
  items: readonly Expr[],
  { at }: Expr,
  types: ReadonlyMap<Expr, CelType>,
): Issue | undefined {
  let next = 0;
  try {
    for (const clause of clausesOf(template)) {
      if (typeof clause === 'string') continue;
      const item = items[next];
      if (item === undefined) return { at, message: `index ${next} out of range` };
      next++;
      const fault = wrongPart(clause.verb, item, types);
      if (fault !== undefined) return fault;
    }
  } catch (error) {
    if (!(error instanceof CelRuntimeError)) throw error;
    return { at, message: error.message };
  }
  if (items.length <= next) return undefined;
  const message = `too many arguments supplied to string.format (expected ${next}, got ${items.length})`;
  return { at, message };
}

/** The first part of an argument that a clause does not show: as texts, literals of lists and maps are shown in depth. */
function wrongPart(verb: Verb, item: Expr, types: ReadonlyMap<Expr, CelType>): Issue | undefined {
  const type = types.get(item) ?? dyn;
  const fault = type.kind === 'dyn' ? undefined : wrongArgument(verb, nameOf(type));
  if (fault !== undefined) return { at: item.at, message: `error during formatting: ${fault}` };
  if (verb !== 's') return undefined;
  for (const part of partsShown(item)) {
    const within = wrongPart(verb, part, types);
    if (within !== undefined) return within;
  }
  return undefined;
}

function partsShown(item: Expr): readonly Expr[] {
  if (item.op === 'list') return item.items;
  return item.op === 'map' ? item.entries.flatMap(({ key, value }) => [key, value]) : [];
}

/** The name of a type without its parameters. */
function nameOf(type: CelType): string {
  switch (type.kind) {
    case 'list':
    case 'map':
    case 'type':
      return type.kind;
    case 'opaque':
      return type.name;
    case 'wrapper':
      return nameOf(type.of);
    default:
      return runtimeTypeText(type);
  }
}
