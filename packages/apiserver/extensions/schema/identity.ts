import { goMapJson } from '@coxswain/machinery';

/** A text that two values share when they are equal, and only then. */
export function identityOf(value: unknown): string {
  return typeof value === 'object' ? goMapJson(value) : `${typeof value} ${value}`;
}
