import { parseQuantity, Quantity } from '@coxswain/machinery';
import type { Json } from '../validation/values.ts';

/** What an amount finer than a thousandth has, once it was read. */
const finer = /[un.-]/;
const nanosInMilli = 1_000_000n;

/** SetDefaults_ResourceList: amounts are whole thousandths, rounded up, in place. */
export function roundResourceList(list: Json | undefined): void {
  if (list == null) return;
  for (const name in list) {
    const value: unknown = list[name];
    if (typeof value !== 'string') continue;
    if (!finer.test(value)) continue;
    const quantity = parseQuantity(value);
    if (quantity.nanoValue() % nanosInMilli === 0n) continue;
    list[name] = Quantity.fromMilli(quantity.milliValue(), quantity.format).toString();
  }
}

/** The same for the limits and requests of a container, a pod or a claim. */
export function roundResources(resources: Json | undefined): void {
  if (resources == null) return;
  roundResourceList(resources['limits']);
  roundResourceList(resources['requests']);
}
