import { goQuote, newBadRequest } from '@coxswain/machinery';
import type { AuthenticationRequest } from '../contract.ts';

/** Whom a request wants to be, as its headers say. */
export interface WantedUser {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

const extraPrefix = 'impersonate-extra-';

/**
 * Reads the impersonation headers; `undefined` when there are none.
 * @throws {StatusError} 400 when there is a group, uid or extra, but no user
 */
export function wantedUser(headers: AuthenticationRequest['headers']): WantedUser | undefined {
  const name = first(headers['impersonate-user']);
  const uid = first(headers['impersonate-uid']);
  const groups = all(headers['impersonate-group']);
  let extra: Record<string, readonly string[]> | undefined;
  for (const header in headers) {
    if (!header.startsWith(extraPrefix)) continue;
    extra ??= {};
    const key = unescapeKey(header.slice(extraPrefix.length));
    extra[key] = [...(extra[key] ?? []), ...all(headers[header])];
  }
  if (name !== '') return { name, uid, groups, extra: extra ?? {} };
  if (uid === '' && groups.length === 0 && extra === undefined) return undefined;
  throw newBadRequest(`requested ${goUser(uid, groups, extra)} without impersonating a user name`);
}

function first(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

/** Node joins repeated headers with `, `; Go keeps them apart. */
function all(value: string | string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : value.split(', ');
}

/** Keys are percent-encoded where a header name could not hold them; a broken encoding is taken as it is. */
function unescapeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** Go's %#v of the user that the headers describe. */
function goUser(
  uid: string,
  groups: readonly string[],
  extra: Readonly<Record<string, readonly string[]>> | undefined,
): string {
  const list = (items: readonly string[]): string => `{${items.map(goQuote).join(', ')}}`;
  const groupText = groups.length === 0 ? '(nil)' : list(groups);
  const entries = Object.entries(extra ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const extraText =
    extra === undefined
      ? '(nil)'
      : `{${entries.map(([key, values]) => `${goQuote(key)}:[]string${list(values)}`).join(', ')}}`;
  return `&user.DefaultInfo{Name:"", UID:${goQuote(uid)}, Groups:[]string${groupText}, Extra:map[string][]string${extraText}}`;
}
