import type { Issue } from '../issue.ts';
import type { Comprehension, ComprehensionKind, Expr } from './syntax-tree.ts';

class MacroFault extends Error {
  readonly issue: Issue;

  constructor(at: number, message: string) {
    super(message);
    this.issue = { at, message };
  }
}

export function isMacroFault(fault: unknown): fault is { readonly issue: Issue } {
  return fault instanceof MacroFault;
}

const comprehensions: Readonly<Record<string, ComprehensionKind>> = {
  all: 'all',
  exists: 'exists',
  exists_one: 'existsOne',
  existsOne: 'existsOne',
  map: 'map',
  filter: 'filter',
  transformList: 'transformList',
  transformMap: 'transformMap',
  transformMapEntry: 'transformMapEntry',
  sortBy: 'sortBy',
};

/** What a macro stands for; undefined where the call is none. */
export function expandMacro(
  name: string,
  target: Expr | undefined,
  args: readonly Expr[],
  at: number,
): Expr | undefined {
  if (target === undefined)
    return name === 'has' && args.length === 1 ? expandHas(args[0] as Expr, at) : undefined;
  if ((name === 'optMap' || name === 'optFlatMap') && args.length === 2) {
    const [variable, body] = args as [Expr, Expr];
    return {
      op: 'optionalMap',
      at,
      flat: name === 'optFlatMap',
      operand: target,
      variable: variableName(variable, `${name}() variable name must be a simple identifier`),
      body,
    };
  }
  const kind = Object.hasOwn(comprehensions, name) ? comprehensions[name] : undefined;
  // Under its newer name there is only the one with two variables.
  if (name === 'existsOne' && args.length === 2) return undefined;
  return kind === undefined ? undefined : expandComprehension(kind, target, args, at);
}

function expandHas(argument: Expr, at: number): Expr {
  if (argument.op !== 'select' || argument.optional) {
    throw new MacroFault(argument.at, 'invalid argument to has() macro');
  }
  return { ...argument, at, test: true };
}

function expandComprehension(
  kind: ComprehensionKind,
  range: Expr,
  args: readonly Expr[],
  at: number,
): Comprehension | undefined {
  const make = (variables: readonly Expr[], body: Expr, filter?: Expr): Comprehension => ({
    op: 'comprehension',
    at,
    kind,
    range,
    variables: variables.map((one) => variableName(one, 'argument must be a simple name')),
    filter,
    body,
  });
  if (kind === 'sortBy' && args.length === 2 && !isSortable(range)) {
    throw new MacroFault(
      range.at,
      'sortBy can only be applied to a list, identifier, comprehension, call or select expression',
    );
  }
  const [a, b, c, d] = args as [Expr, Expr, Expr, Expr];
  switch (kind) {
    case 'map':
      if (args.length === 2) return make([a], b);
      return args.length === 3 ? make([a], c, b) : undefined;
    case 'filter':
    case 'sortBy':
      return args.length === 2 ? make([a], b) : undefined;
    case 'transformList':
    case 'transformMap':
    case 'transformMapEntry':
      if (args.length === 3) return make([a, b], c);
      return args.length === 4 ? make([a, b], d, c) : undefined;
    default:
      if (args.length === 2) return make([a], b);
      return args.length === 3 ? make([a, b], c) : undefined;
  }
}

/** What may be a list by how it is written. */
function isSortable({ op }: Expr): boolean {
  return op !== 'literal' && op !== 'map' && op !== 'struct';
}

function variableName(expr: Expr, message: string): string {
  if (expr.op !== 'identifier') throw new MacroFault(expr.at, message);
  return expr.name;
}
