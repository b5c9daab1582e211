import { contextTag, type Element, readText } from './der.ts';

/** Tags of the kinds of GeneralName (RFC 5280, 4.2.1.6) that certificates of a cluster carry. */
export const generalNameTag = {
  email: contextTag(1, false),
  dns: contextTag(2, false),
  uri: contextTag(6, false),
  ip: contextTag(7, false),
} as const;

/** Network bytes as the shortest text of an address. */
export function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[i * 2]! << 8) | bytes[i * 2 + 1]!).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** A DNS name or an IP address; nothing for other kinds. */
export function readGeneralName(name: Element): string[] {
  if (name.tag === generalNameTag.dns) return [readText(name)];
  return name.tag === generalNameTag.ip ? [ipText(name.contents)] : [];
}
