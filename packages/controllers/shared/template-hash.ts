import { goDump } from '@coxswain/api';

import { safeName } from './safe-name.ts';

const template = 'io.k8s.api.core.v1.PodTemplateSpec';

/**
 * ComputeHash: the short name of a pod template, FNV-1a over the dump of the Go struct as upstream has it; a new
 * `collisionCount` gives another one.
 */
export function templateHash(spec: Record<string, unknown>, collisionCount: number | undefined): string {
  let hash = addBytes(0x811c9dc5, Buffer.from(goDump(spec, template)));
  if (collisionCount !== undefined) {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32LE(collisionCount >>> 0);
    hash = addBytes(hash, bytes);
  }
  return safeName(hash);
}

function addBytes(hash: number, bytes: Buffer): number {
  let sum = hash;
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193);
  return sum;
}
