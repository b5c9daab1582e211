import type { KubeObject } from '@coxswain/machinery';
import type { LimitItem } from './constraints.ts';

const annotation = 'kubernetes.io/limit-ranger';

type Resources = Record<'requests' | 'limits', Record<string, string> | undefined>;

/** Gives containers the default requests and limits that they lack, and says so in an annotation. */
export function applyLimitDefaults(pod: KubeObject, items: readonly LimitItem[]): void {
  const requests: Record<string, string> = {};
  const limits: Record<string, string> = {};
  for (const item of items) {
    if (item.type !== 'Container') continue;
    Object.assign(requests, item.defaultRequest);
    Object.assign(limits, item.default);
  }
  const notes: string[] = [];
  const merge = (container: Record<string, any>, label: string): void => {
    container['resources'] ??= {};
    const resources: Resources = container['resources'];
    notes.push(...fill(resources, 'requests', requests, `request for ${label} ${container['name']}`));
    notes.push(...fill(resources, 'limits', limits, `limit for ${label} ${container['name']}`));
  };
  for (const container of pod['spec']['containers'] ?? []) merge(container, 'container');
  for (const container of pod['spec']['initContainers'] ?? []) merge(container, 'init container');
  if (notes.length === 0) return;
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    [annotation]: `LimitRanger plugin set: ${notes.join('; ')}`,
  };
}

function fill(
  resources: Resources,
  field: 'requests' | 'limits',
  defaults: Readonly<Record<string, string>>,
  what: string,
): string[] {
  const missing = Object.keys(defaults).filter((name) => resources[field]?.[name] === undefined);
  if (missing.length === 0) return [];
  const list = { ...resources[field] };
  for (const name of missing) list[name] = defaults[name] as string;
  resources[field] = list;
  return [`${missing.sort().join(', ')} ${what}`];
}
