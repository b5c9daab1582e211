import { goQuote, newBadRequest } from '@coxswain/machinery';
import type { AuthenticationRequest } from '../contract.ts';
import { extraOf, sentHeaders } from '../sent-headers.ts';

/** Whom a request wants to be, as its headers say. */
export interface WantedUser {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

const prefix = 'impersonate-';
const extraPrefix = `${prefix}extra-`;

/**
 * Reads the impersonation headers; `undefined` when there are none.
 * @throws {StatusError} 400 when there is a group, uid or extra, but no user
 */
export function wantedUser(
  request: Pick<AuthenticationRequest, 'headers' | 'rawHeaders'>,
): WantedUser | undefined {
  if (!hasAny(request.headers)) return undefined;
  const headers = sentHeaders(request);
  const all = (header: string): readonly string[] =>
    headers.filter(([name]) => name === `${prefix}${header}`).map(([, value]) => value);
  const [[name = ''], [uid = ''], groups] = [all('user'), all('uid'), all('group')];
  const extra = extraOf(headers, extraPrefix);
  if (name !== '') return { name, uid, groups, extra: extra ?? {} };
  if (uid === '' && groups.length === 0 && extra === undefined) return undefined;
  throw newBadRequest(`requested ${goUser(uid, groups, extra)} without impersonating a user name`);
}

/** Most requests have none, and are not looked at any closer. */
function hasAny(headers: AuthenticationRequest['headers']): boolean {
  for (const name in headers) if (name.startsWith(prefix)) return true;
  return false;
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
