import { jsonFault } from '@coxswain/api';
import { goQuote } from '@coxswain/machinery';
import { TokenError } from '../token.ts';
import { type CompactJwt, decodeBase64Url, jsonKind } from './compact-jwt.ts';

/** The protected header and the signature of a token. */
export interface JoseParts {
  /** '' where the header does not say. */
  readonly algorithm: string;
  readonly keyId: string;
  /** It names extensions that must be understood, and none is. */
  readonly critical: boolean;
  readonly signature: Buffer;
}

/** @throws {TokenError} in the words of upstream's library */
export function readJose({ header, signature }: CompactJwt): JoseParts {
  const members = membersOf(bytesOf(header).toString('utf8'));
  const text = (name: string, what: string): string => {
    const value = members[name];
    if (value === undefined || value === null) return '';
    if (typeof value === 'string') return value;
    const shown = goQuote(JSON.stringify(value));
    throw malformed(
      `failed to unmarshal ${what}: json: cannot unmarshal ${jsonKind(value)} into Go value of type string: ${shown}`,
    );
  };
  const algorithm = text('alg', 'algorithm');
  const keyId = text('kid', 'key ID');
  text('nonce', 'nonce');
  return { algorithm, keyId, critical: members['crit'] !== undefined, signature: bytesOf(signature) };
}

function bytesOf(part: string): Buffer {
  // Blanks are passed over here, though not in the payload.
  const decoded = decodeBase64Url(part.replace(/\s/g, ''));
  if ('fault' in decoded) throw malformed(decoded.fault);
  return decoded.bytes;
}

function membersOf(text: string): Readonly<Record<string, unknown>> {
  if (text === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed(jsonFault(text) ?? 'it is no JSON');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as object as never;
  if (value === null) return {};
  throw malformed(`json: cannot unmarshal ${jsonKind(value)} into Go value of type jose.rawHeader`);
}

function malformed(why: string): TokenError {
  return new TokenError(`oidc: verify token: oidc: malformed jwt: ${why}`);
}
