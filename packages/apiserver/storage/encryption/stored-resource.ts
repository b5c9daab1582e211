import { allResources } from '@coxswain/api';
import type { GroupResource } from '@coxswain/machinery';
import { storagePrefix } from '../keys.ts';

const root = '/registry/';

/** Built-in resources by what their keys begin with; made when first asked for. */
let builtIn: Map<string, GroupResource> | undefined;

function builtInResources(): Map<string, GroupResource> {
  const byPrefix = new Map<string, GroupResource>();
  for (const { group, resource } of allResources()) {
    const prefix = storagePrefix({ group, resource });
    // Of groups that share their objects the core one gives the name: events.
    if (!byPrefix.has(prefix) || group === '') byPrefix.set(prefix, { group, resource });
  }
  return byPrefix;
}

/** The resource whose object a key holds; undefined for what servers keep beside objects. */
export function storedResource(key: string): GroupResource | undefined {
  if (!key.startsWith(root)) return undefined;
  builtIn ??= builtInResources();
  const first = key.indexOf('/', root.length);
  const known = builtIn.get(key.slice(0, first + 1));
  if (known !== undefined) return known;
  const second = key.indexOf('/', first + 1);
  if (first < 0 || second < 0) return undefined;
  const nested = builtIn.get(key.slice(0, second + 1));
  if (nested !== undefined) return nested;
  const group = key.slice(root.length, first);
  return group.includes('.') ? { group, resource: key.slice(first + 1, second) } : undefined;
}
