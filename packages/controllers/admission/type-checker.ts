import { allResources } from '@coxswain/api';
import {
  CelCompileError,
  type CelType,
  celTypeOfFact,
  celTypes,
  type Declarations,
  declarationsOf,
  Expression,
} from '@coxswain/cel';
import { type KubeObject, parseApiVersion } from '@coxswain/machinery';

/** A part of a policy's status: an expression that does not fit the types it is about. */
export interface ExpressionWarning {
  readonly fieldRef: string;
  readonly warning: string;
}

/** A kind that expressions are checked against. */
export interface KnownKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly resource: string;
  readonly type: CelType | undefined;
}

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly apiVersions?: readonly string[];
  readonly resources?: readonly string[];
}

/** As many kinds of one rule as are checked. */
const maxTypes = 10;

/**
 * Checks the expressions of a ValidatingAdmissionPolicy against the types of the objects that it is for.
 * @param others the kinds that are not built in, as far as the policy speaks of their groups
 */
export function checkTypes(policy: KubeObject, others: readonly KnownKind[]): ExpressionWarning[] {
  const spec = policy['spec'] ?? {};
  const kinds = [...builtInKinds(), ...others];
  const objects = matchedKinds((spec.matchConstraints?.resourceRules ?? []) as Rule[], kinds);
  const paramKind = spec.paramKind as { apiVersion: string; kind: string } | null | undefined;
  const params = paramKind == null ? undefined : kindOf(paramKind, kinds)?.type;
  const warnings: ExpressionWarning[] = [];
  const check = (source: string, fieldRef: string): void => {
    const found = objects.flatMap((object) => {
      const fault = faultOf(source, object.type ?? celTypes.dyn, params, spec.variables ?? []);
      return fault === undefined ? [] : [`${shown(object)}: ${fault}\n`];
    });
    if (found.length > 0) warnings.push({ fieldRef, warning: found.join('\n') });
  };
  ((spec.validations ?? []) as Record<string, string | undefined>[]).forEach((one, i) => {
    check(one['expression'] ?? '', `spec.validations[${i}].expression`);
    const message = one['messageExpression'] ?? '';
    if (message !== '') check(message, `spec.validations[${i}].messageExpression`);
  });
  return warnings;
}

function faultOf(
  source: string,
  object: CelType,
  params: CelType | undefined,
  variables: readonly { readonly name: string; readonly expression: string }[],
): string | undefined {
  const options = { params: params !== undefined };
  const declared = (own: Readonly<Record<string, CelType>>): Declarations =>
    declarationsOf(options, own, { object, params });
  const types: Record<string, CelType> = {};
  for (const { name, expression } of variables) {
    const made = compile(expression, declared({ ...types }));
    types[name] = made instanceof Expression ? made.type : celTypes.dyn;
  }
  const made = compile(source, declared(types));
  return made instanceof Expression ? undefined : made;
}

/** The expression, or what is wrong with it. */
function compile(source: string, declarations: Declarations): Expression | string {
  try {
    return new Expression(source, declarations);
  } catch (error) {
    if (error instanceof CelCompileError) return error.message;
    throw error;
  }
}

/** As Go prints a kind with its group and version. */
function shown({ group, version, kind }: KnownKind): string {
  return `${group}/${version}, Kind=${kind}`;
}

function* builtInKinds(): Iterable<KnownKind> {
  for (const { group, version, kind, resource, type } of allResources()) {
    yield { group, version, kind, resource, type: celTypeOfFact(type) };
  }
}

/** The groups and versions that a policy names and that are not built in. */
export function otherVersions(policy: KubeObject): readonly { group: string; version: string }[] {
  const spec = policy['spec'] ?? {};
  const named: { group: string; version: string }[] = [];
  for (const { apiGroups = [], apiVersions = [] } of (spec.matchConstraints?.resourceRules ?? []) as Rule[]) {
    for (const group of apiGroups) for (const version of apiVersions) named.push({ group, version });
  }
  const { apiVersion } = spec.paramKind ?? {};
  if (typeof apiVersion === 'string') named.push(parseApiVersion(apiVersion));
  const builtIn = new Set(allResources().map(({ group, version }) => `${group}/${version}`));
  const others = new Map(
    named
      .filter(
        ({ group, version }) => !`${group}${version}`.includes('*') && !builtIn.has(`${group}/${version}`),
      )
      .map((one) => [`${one.group}/${one.version}`, one]),
  );
  return [...others.values()];
}

function kindOf(
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  kinds: readonly KnownKind[],
): KnownKind | undefined {
  const { group, version } = parseApiVersion(apiVersion);
  return kinds.find((one) => one.group === group && one.version === version && one.kind === kind);
}

/** The kinds that rules name without any wildcard, in the order of their names. */
function matchedKinds(rules: readonly Rule[], kinds: readonly KnownKind[]): KnownKind[] {
  const found = new Set<KnownKind>();
  for (const { apiGroups = [], apiVersions = [], resources = [] } of rules) {
    if ([...apiGroups, ...apiVersions].some((name) => name.includes('*'))) continue;
    const plain = resources.filter((name) => !/[*/]/.test(name));
    const matched = kinds.filter(
      (one) =>
        one.type !== undefined &&
        apiGroups.includes(one.group) &&
        apiVersions.includes(one.version) &&
        plain.includes(one.resource),
    );
    for (const one of matched.slice(0, maxTypes)) found.add(one);
  }
  return [...found].sort(
    (a, b) => compare(a.group, b.group) || compare(a.version, b.version) || compare(a.kind, b.kind),
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
