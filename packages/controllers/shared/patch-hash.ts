import { goMapJson } from '@coxswain/machinery';
import { safeName } from './safe-name.ts';

/**
 * HashControllerRevision: the short name of what a revision keeps, FNV-1 over its JSON as upstream writes it; a new
 * `collisionCount` gives another one.
 */
export function patchHash(data: unknown, collisionCount: number): string {
  return safeName(fnv1(Buffer.from(goMapJson(data) + collisionCount)));
}

/** FNV-1 of 32 bits. */
export function fnv1(bytes: Uint8Array): number {
  let sum = 0x811c9dc5;
  for (const byte of bytes) sum = Math.imul(sum, 0x01000193) ^ byte;
  return sum >>> 0;
}
