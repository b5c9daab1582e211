import {
  humanDuration,
  type KubeObject,
  type LabelSelector,
  selectorFromLabelSelector,
} from '@coxswain/machinery';

/** How long ago an RFC 3339 time was; `<unknown>` where there is none. */
export function since(time: string | undefined | null, now: number): string {
  return time === undefined || time === null ? '<unknown>' : humanDuration(now - Date.parse(time));
}

export function age(object: KubeObject, now: number): string {
  return since(object.metadata.creationTimestamp, now);
}

export function nameOf(object: KubeObject): string {
  return object.metadata.name ?? '';
}

/** `a=1,b=2`, or `<none>`. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const keys = Object.keys(labels ?? {}).sort();
  return keys.length === 0 ? '<none>' : keys.map((key) => `${key}=${labels?.[key]}`).join(',');
}

/** A metav1.LabelSelector as a selector's text; `<none>` where it is absent or empty. */
export function selectorText(selector: unknown): string {
  try {
    const text = selectorFromLabelSelector(
      selector as Parameters<typeof selectorFromLabelSelector>[0],
    ).toString();
    return text === '' ? '<none>' : text;
  } catch {
    // What validation let through long ago may no longer be valid; a table still has to show the row.
    return '<error>';
  }
}

/** A selector as Go prints the structure. */
export function selectorStruct({ matchLabels, matchExpressions }: LabelSelector): string {
  const labels = Object.entries(matchLabels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${value},`);
  const expressions = (matchExpressions ?? []).map(
    ({ key, operator, values }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${(values ?? []).join(' ')}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}

interface Named {
  readonly name?: string;
  readonly image?: string;
}

/** The cells of a template's containers: names and images. */
export function containerCells(
  podSpec: { readonly containers?: readonly Named[] } | undefined,
): [string, string] {
  const containers = podSpec?.containers ?? [];
  return [containers.map((c) => c.name ?? '').join(','), containers.map((c) => c.image ?? '').join(',')];
}

/** The first `max` of them; what is left out is counted. */
export function someOf(list: readonly string[], max: number, separator = ','): string {
  const shown = list.slice(0, max).join(separator);
  return list.length > max ? `${shown} + ${list.length - max} more...` : shown;
}

/** `<none>` in place of nothing. */
export function orNone(text: string | undefined | null): string {
  return text === undefined || text === null || text === '' ? '<none>' : text;
}

/** Addresses of a load balancer: each once, sorted. */
export function loadBalancerText(
  status: { readonly ingress?: readonly { ip?: string; hostname?: string }[] } | undefined,
): string {
  const addresses = new Set<string>();
  for (const { ip, hostname } of status?.ingress ?? []) {
    if (ip) addresses.add(ip);
    else if (hostname) addresses.add(hostname);
  }
  return [...addresses].sort().join(',');
}
