/** What a rule says of one resource (or path) and name. */
export interface CompactRule {
  readonly resource: string;
  readonly urls: readonly string[];
  readonly names: readonly string[];
  readonly verbs: string[];
  readonly order: () => string;
}

/** Rules taken apart to one resource and name each, their verbs joined again; ordered as upstream orders them. */
export function compactRules(rules: readonly any[]): CompactRule[] {
  const byTarget = new Map<string, CompactRule>();
  const add = (group: string, resource: string, names: string[], urls: string[], verbs: string[]): void => {
    // Only rules on resources are joined, as upstream does.
    const key = JSON.stringify(urls.length > 0 ? [byTarget.size, urls] : [group, resource, names]);
    const known = byTarget.get(key);
    if (known !== undefined) {
      known.verbs.push(...verbs.filter((verb) => !known.verbs.includes(verb)));
      return;
    }
    const all = [...verbs];
    const groups = resource === '' ? '' : group;
    const order = (): string =>
      `[${all.join(' ')}],APIGroups:[${groups}],Resources:[${resource}],ResourceNames:[${names}],NonResourceURLs:[${urls}]`;
    byTarget.set(key, { resource: qualified(resource, group), urls, names, verbs: all, order });
  };
  for (const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [], verbs } of rules) {
    for (const group of apiGroups) {
      for (const resource of resources) {
        if (resourceNames.length === 0) add(group, resource, [], [], verbs);
        for (const name of resourceNames) add(group, resource, [name], [], verbs);
      }
    }
    for (const url of nonResourceURLs) add('', '', [], [url], verbs);
  }
  return [...byTarget.values()].sort((a, b) => (a.order() < b.order() ? -1 : 1));
}

function qualified(resource: string, group: string): string {
  if (group === '') return resource;
  const [name, ...rest] = resource.split('/');
  return [`${name}.${group}`, ...rest].join('/');
}
