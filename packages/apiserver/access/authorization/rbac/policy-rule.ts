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

/** Rules of one role, made quick to ask: grants by `group/resource`, wildcards standing for themselves. */
export class CompiledRules {
  readonly #grants = new Map<string, Grant[]>();
  readonly #urls: { readonly verbs: Grant['verbs']; readonly url: string }[] = [];

  constructor(rules: readonly PolicyRule[]) {
    for (const rule of rules) this.#add(rule);
  }

  allows(a: Attributes): boolean {
    return a.resourceRequest ? this.#allowsResource(a) : this.#allowsUrl(a);
  }

  #add(rule: PolicyRule): void {
    const verbs = rule.verbs?.includes('*') ? undefined : new Set(rule.verbs);
    for (const url of rule.nonResourceURLs ?? []) this.#urls.push({ verbs, url });
    const names = rule.resourceNames?.length ? new Set(rule.resourceNames) : undefined;
    for (const group of rule.apiGroups ?? []) {
      for (const resource of rule.resources ?? []) {
        const key = `${group} ${resource}`;
        const list = this.#grants.get(key);
        if (list === undefined) this.#grants.set(key, [{ verbs, names }]);
        else list.push({ verbs, names });
      }
    }
  }

  #allowsResource(a: Attributes): boolean {
    const { group, resource, subresource } = a;
    if (subresource === '') {
      return (
        this.#granted(`${group} ${resource}`, a) ||
        this.#granted(`${group} *`, a) ||
        this.#granted(`* ${resource}`, a) ||
        this.#granted('* *', a)
      );
    }
    return (
      this.#granted(`${group} ${resource}/${subresource}`, a) ||
      this.#granted(`${group} *`, a) ||
      this.#granted(`${group} */${subresource}`, a) ||
      this.#granted(`* ${resource}/${subresource}`, a) ||
      this.#granted('* *', a) ||
      this.#granted(`* */${subresource}`, a)
    );
  }

  #granted(key: string, a: Attributes): boolean {
    const grants = this.#grants.get(key);
    if (grants === undefined) return false;
    for (const { verbs, names } of grants) {
      if ((verbs === undefined || verbs.has(a.verb)) && (names === undefined || names.has(a.name)))
        return true;
    }
    return false;
  }

  #allowsUrl(a: Attributes): boolean {
    return this.#urls.some(
      ({ verbs, url }) => (verbs === undefined || verbs.has(a.verb)) && urlMatches(url, a.path),
    );
  }
}

/** `*` is everything, `/a/*` everything that begins so. */
export function urlMatches(pattern: string, path: string): boolean {
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
