import type { UserInfo } from '../access/contract.ts';

const userHeader = 'x-remote-user';
const groupHeader = 'x-remote-group';
const uidHeader = 'x-remote-uid';
const extraPrefix = 'x-remote-extra-';

/** A header that tells a server behind a front proxy who asks: clients must not set them. */
export function isIdentityHeader(name: string): boolean {
  return name === userHeader || name === groupHeader || name === uidHeader || name.startsWith(extraPrefix);
}

/** Who asks, for a server that knows this one by its client certificate. */
export function identityHeaders(user: UserInfo): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { [userHeader]: user.name };
  if (user.uid !== undefined && user.uid !== '') headers[uidHeader] = user.uid;
  if (user.groups.length > 0) headers[groupHeader] = [...user.groups];
  for (const [key, values] of Object.entries(user.extra ?? {})) {
    if (values.length > 0) headers[extraPrefix + escapeKey(key)] = [...values];
  }
  return headers;
}

/** What may stand in the name of a header (RFC 9110, token), but for the percent sign. */
const legal = /[!#$&'*+\-.^_`|~0-9A-Za-z]/;

function escapeKey(key: string): string {
  let escaped = '';
  for (const byte of Buffer.from(key)) {
    const char = String.fromCharCode(byte);
    escaped += legal.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}
