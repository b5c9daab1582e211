import { createHash } from 'node:crypto';
import { hostname } from 'node:os';

/** As metrics tell things apart whose names are not to be told. */
export function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** Tells this server from others in metrics. */
export const serverHash = sha256(hostname());
