import { byteOrder, parseFieldSelector, parseLabelSelector, SelectorParseError } from '@coxswain/machinery';
import type { Attributes } from '../../contract.ts';

/** authorization.k8s.io/v1 SubjectAccessReviewSpec; empty fields are absent. */
export interface ReviewSpec {
  readonly resourceAttributes?: Readonly<Record<string, any>>;
  readonly nonResourceAttributes?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  readonly uid?: string;
}

/** One requirement of a selector, as reviews have it. */
interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** The review's spec of a request, members in upstream's order. */
export function reviewSpec(a: Attributes): ReviewSpec {
  const { name: user, uid = '', groups, extra } = a.user;
  return {
    ...(a.resourceRequest
      ? { resourceAttributes: resourceAttributes(a) }
      : { nonResourceAttributes: filled({ path: a.path, verb: a.verb }) }),
    ...filled({ user }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(extra === undefined || Object.keys(extra).length === 0 ? {} : { extra: sorted(extra) }),
    ...filled({ uid }),
  };
}

/** As Go writes a map. */
function sorted(extra: NonNullable<ReviewSpec['extra']>): NonNullable<ReviewSpec['extra']> {
  const names = Object.keys(extra);
  if (names.length < 2) return extra;
  return Object.fromEntries(names.sort(byteOrder).map((name) => [name, extra[name] as readonly string[]]));
}

function resourceAttributes(a: Attributes): Record<string, unknown> {
  const { namespace, verb, group, version, resource, subresource, name } = a;
  const fields = a.fieldSelector === undefined ? [] : fieldRequirements(a.fieldSelector);
  const labels = a.labelSelector === undefined ? [] : labelRequirements(a.labelSelector);
  return {
    ...filled({ namespace, verb, group, version, resource, subresource, name }),
    ...(fields.length === 0 ? {} : { fieldSelector: { requirements: fields } }),
    ...(labels.length === 0 ? {} : { labelSelector: { requirements: labels } }),
  };
}

function fieldRequirements(text: string): readonly Requirement[] {
  return orNone(() =>
    parseFieldSelector(text).requirements.map(({ field, operator, value }) => ({
      key: field,
      operator: operator === '=' ? 'In' : 'NotIn',
      values: [value],
    })),
  );
}

const labelOperators: Readonly<Record<string, string>> = {
  '=': 'In',
  '==': 'In',
  in: 'In',
  '!=': 'NotIn',
  notin: 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
};

/** Those that a review can say; the others (greater, less) are left out, which asks for more. */
function labelRequirements(text: string): readonly Requirement[] {
  return orNone(() =>
    parseLabelSelector(text).requirements.flatMap(({ key, operator, values }) => {
      const said = labelOperators[operator];
      if (said === undefined) return [];
      return [{ key, operator: said, ...(values.length === 0 ? {} : { values }) }];
    }),
  );
}

/** A selector that cannot be read restricts nothing; the request itself is refused for it later. */
function orNone(parse: () => readonly Requirement[]): readonly Requirement[] {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SelectorParseError) return [];
    throw error;
  }
}

/** Members that Go's omitempty keeps. */
function filled(members: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== ''));
}
