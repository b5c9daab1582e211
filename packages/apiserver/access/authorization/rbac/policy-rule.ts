import type { Attributes } from '../../contract.ts';

/** rbac/v1 PolicyRule. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

interface Grant {
  /** `undefined`: every verb. */
  readonly verbs: ReadonlySet<string> | undefined;
  /** `undefined`: every name, and requests without one. */
  readonly names: ReadonlySet<string> | undefined;
}

/** Rules of one role, made quick to ask: grants by group and resource, wildcards standing for themselves. */
export class CompiledRules {
  readonly #groups = new Map<string, Map<string, Grant[]>>();
  readonly #urls: { readonly verbs: Grant['verbs']; readonly url: string }[] = [];

  constructor(rules: readonly PolicyRule[]) {
    for (const rule of rules) this.#add(rule);
  }

  allows(a: Attributes): boolean {
    if (!a.resourceRequest) return this.#allowsUrl(a);
    return allowsIn(this.#groups.get(a.group), a) || allowsIn(this.#groups.get('*'), a);
  }

  #add(rule: PolicyRule): void {
    const verbs = rule.verbs?.includes('*') ? undefined : new Set(rule.verbs);
    for (const url of rule.nonResourceURLs ?? []) this.#urls.push({ verbs, url });
    const names = rule.resourceNames?.length ? new Set(rule.resourceNames) : undefined;
    for (const group of rule.apiGroups ?? []) {
      const resources = this.#groups.get(group) ?? new Map<string, Grant[]>();
      this.#groups.set(group, resources);
      for (const resource of rule.resources ?? []) {
        const grants = resources.get(resource) ?? [];
        grants.push({ verbs, names });
        resources.set(resource, grants);
      }
    }
  }

  #allowsUrl(a: Attributes): boolean {
    return this.#urls.some(
      ({ verbs, url }) => (verbs === undefined || verbs.has(a.verb)) && urlMatches(url, a.path),
    );
  }
}

function allowsIn(resources: ReadonlyMap<string, readonly Grant[]> | undefined, a: Attributes): boolean {
  if (resources === undefined) return false;
  if (granted(resources.get('*'), a)) return true;
  if (a.subresource === '') return granted(resources.get(a.resource), a);
  return (
    granted(resources.get(`${a.resource}/${a.subresource}`), a) ||
    granted(resources.get(`*/${a.subresource}`), a)
  );
}

function granted(grants: readonly Grant[] | undefined, a: Attributes): boolean {
  if (grants === undefined) return false;
  for (const { verbs, names } of grants) {
    if ((verbs === undefined || verbs.has(a.verb)) && (names === undefined || names.has(a.name))) return true;
  }
  return false;
}

/** `*` is everything, `/a/*` everything that begins so. */
function urlMatches(pattern: string, path: string): boolean {
  if (pattern === '*' || pattern === path) return true;
  // upstream trims every trailing star and compares the prefix
  return pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, ''));
}

const compiled = new WeakMap<object, CompiledRules>();

/** The compiled rules of a role object, made once an object. */
export function rulesOf(role: { readonly [field: string]: any }): CompiledRules {
  let rules = compiled.get(role);
  if (rules === undefined) {
    rules = new CompiledRules(role['rules'] ?? []);
    compiled.set(role, rules);
  }
  return rules;
}
