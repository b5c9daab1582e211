import type { UserInfo } from '../contract.ts';
import { asAuthenticated } from '../users.ts';
import { agnosticAudiences, type TokenAuthentication, type TokenAuthenticator } from './token.ts';

/** Users of `--token-auth-file` by their token. */
export class StaticTokens implements TokenAuthenticator {
  readonly #users: ReadonlyMap<string, UserInfo>;
  readonly #audiences: readonly string[];

  constructor(users: ReadonlyMap<string, UserInfo>, audiences: readonly string[]) {
    this.#users = new Map([...users].map(([token, user]) => [token, asAuthenticated(user)]));
    this.#audiences = audiences;
  }

  authenticateToken(token: string, asked?: readonly string[]): TokenAuthentication | undefined {
    const user = this.#users.get(token);
    if (user === undefined) return undefined;
    const audiences = agnosticAudiences(this.#audiences, asked);
    return audiences === undefined ? undefined : { user, audiences };
  }
}

/** A token file is not what it should be. */
class TokenFileError extends Error {
  override readonly name = 'TokenFileError';
  readonly code = 'TOKEN_FILE_MALFORMED';
}

/**
 * Reads the CSV of `--token-auth-file`: `token,user,uid` and optionally `"group1,group2"`.
 * Lines without a token are left out, as upstream does.
 * @throws {TokenFileError} on a line with fewer than three columns
 */
export function parseTokenFile(text: string): Map<string, UserInfo> {
  const users = new Map<string, UserInfo>();
  for (const record of parseCsv(text)) {
    if (record.length < 3) {
      throw new TokenFileError(
        `reading token file: must have at least 3 columns (token, user name, user uid), found ${record.length}`,
      );
    }
    const [token = '', name = '', uid = '', groups = ''] = record;
    if (token === '' || users.has(token)) continue;
    users.set(token, {
      name,
      ...(uid === '' ? {} : { uid }),
      groups: groups === '' ? [] : groups.split(','),
    });
  }
  return users;
}

/** Records of an RFC 4180 text; lines that begin with `#` are comments, empty ones are left out. */
function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const fields: string[] = [];
    const field = /\s*(?:"((?:[^"]|"")*)"|([^,]*))(,|$)/y;
    for (let more = true; more; ) {
      const match = field.exec(line);
      if (match === null) throw new TokenFileError('reading token file: a quoted column does not end');
      fields.push(match[1] === undefined ? (match[2] ?? '').trim() : match[1].replaceAll('""', '"'));
      more = match[3] === ',';
    }
    records.push(fields);
  }
  return records;
}
