import { goQuote } from '@coxswain/machinery';
import type { PolicyRule } from './policy-rule.ts';

/** Rules of one verb on one resource (and name) or URL: each is covered by one rule or by none. */
function breakdown(rule: PolicyRule): PolicyRule[] {
  const out: PolicyRule[] = [];
  for (const group of rule.apiGroups ?? []) {
    for (const resource of rule.resources ?? []) {
      for (const verb of rule.verbs) {
        const atom = { verbs: [verb], apiGroups: [group], resources: [resource] };
        if (!rule.resourceNames?.length) out.push(atom);
        for (const name of rule.resourceNames ?? []) out.push({ ...atom, resourceNames: [name] });
      }
    }
  }
  for (const verb of rule.verbs) {
    for (const url of rule.nonResourceURLs ?? []) out.push({ verbs: [verb], nonResourceURLs: [url] });
  }
  return out;
}

function hasAll(set: readonly string[] | undefined, items: readonly string[] | undefined): boolean {
  return (items ?? []).every((item) => set?.includes(item));
}

function resourcesCover(owned: readonly string[] = [], asked: readonly string[] = []): boolean {
  if (owned.includes('*')) return true;
  return asked.every((item) => {
    const slash = item.indexOf('/');
    return owned.includes(item) || (slash >= 0 && owned.includes(`*${item.slice(slash)}`));
  });
}

function urlsCover(owned: readonly string[] = [], asked: readonly string[] = []): boolean {
  return asked.every((url) =>
    owned.some((own) => own === url || (own.endsWith('*') && url.startsWith(own.slice(0, -1)))),
  );
}

function covers(owned: PolicyRule, atom: PolicyRule): boolean {
  const anyName = !owned.resourceNames?.length;
  return (
    (owned.verbs.includes('*') || hasAll(owned.verbs, atom.verbs)) &&
    (owned.apiGroups?.includes('*') || hasAll(owned.apiGroups, atom.apiGroups)) &&
    resourcesCover(owned.resources, atom.resources) &&
    urlsCover(owned.nonResourceURLs, atom.nonResourceURLs) &&
    (anyName || (atom.resourceNames !== undefined && hasAll(owned.resourceNames, atom.resourceNames)))
  );
}

/** The atomic parts of `asked` that no rule of `owned` covers; empty when all of it is held. */
export function uncovered(owned: readonly PolicyRule[], asked: readonly PolicyRule[]): PolicyRule[] {
  return asked.flatMap(breakdown).filter((atom) => !owned.some((rule) => covers(rule, atom)));
}

/** Joins atomic rules of one resource and name into one with all their verbs. */
function compact(rules: readonly PolicyRule[]): PolicyRule[] {
  const out: PolicyRule[] = [];
  const simple = new Map<string, { verbs: string[] }>();
  for (const rule of rules) {
    if (rule.nonResourceURLs?.length) {
      out.push(rule);
      continue;
    }
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames]);
    const known = simple.get(key);
    if (known !== undefined) known.verbs.push(...rule.verbs);
    else {
      const joined = { ...rule, verbs: [...rule.verbs] };
      simple.set(key, joined);
      out.push(joined);
    }
  }
  return out;
}

function describe(rule: PolicyRule): string {
  const fields: [string, readonly string[] | undefined][] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ];
  const parts = fields.flatMap(([label, items]) =>
    items?.length ? [`${label}:[${items.map(goQuote).join(' ')}]`] : [],
  );
  return `{${parts.join(', ')}}`;
}

/** Rules as the text of a refused escalation lists them: compact, sorted, one a line. */
export function describeRules(rules: readonly PolicyRule[]): string {
  return [...new Set(compact(rules).map(describe))].sort().join('\n');
}
