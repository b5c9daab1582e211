import { canonicalQuantity, parseQuantity } from '@coxswain/machinery';
import type { Json } from '../validation/values.ts';

const micro = 'u'.charCodeAt(0);
const nano = 'n'.charCodeAt(0);

/** SetDefaults_ResourceList: amounts are whole thousandths, rounded up, in place. */
export function roundResourceList(list: Json | undefined): void {
  if (list == null) return;
  for (const name in list) {
    const value: unknown = list[name];
    if (typeof value !== 'string') continue;
    // in canonical form only these two suffixes are finer than a thousandth
    const suffix = value.charCodeAt(value.length - 1);
    if (suffix !== micro && suffix !== nano) continue;
    list[name] = canonicalQuantity(`${parseQuantity(value).milliValue()}m`);
  }
}

/** The same for the limits and requests of a container, a pod or a claim. */
export function roundResources(resources: Json | undefined): void {
  if (resources == null) return;
  roundResourceList(resources['limits']);
  roundResourceList(resources['requests']);
}
