import type { Claims } from '@coxswain/pki';

/** A compact JWT (RFC 7515) whose payload can be read; nothing of it is verified. */
export interface CompactJwt {
  /** Whom it claims to be from; '' where it does not say. Google's short name is its URL. */
  readonly issuer: string;
  /** The parts as they were sent. */
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
  readonly claims: Claims;
}

const googleIssuer = 'accounts.google.com';

/** Takes a token apart as far as tells its issuer; or tells why it is none, in upstream's words. */
export function readCompactJwt(token: string): CompactJwt | { readonly fault: string } {
  if (token.trimStart().startsWith('{')) return { fault: 'token is not compact JWT' };
  const parts = token.split('.');
  if (parts.length !== 3) return { fault: 'malformed token' };
  const [header, payload, signature] = parts as [string, string, string];
  const decoded = decodeBase64Url(payload);
  if ('fault' in decoded) return { fault: `error decoding token: ${decoded.fault}` };
  const claims = parse(decoded.bytes.toString('utf8'));
  if (claims === undefined) return { fault: 'while unmarshaling token: it is no JSON object' };
  const { iss } = claims;
  if (iss !== undefined && iss !== null && typeof iss !== 'string') {
    return {
      fault: `while unmarshaling token: json: cannot unmarshal ${jsonKind(iss)} into Go struct field .iss of type string`,
    };
  }
  const issuer = iss === googleIssuer ? `https://${googleIssuer}` : (iss ?? '');
  return { issuer, header, payload, signature, claims };
}

/** null stands for no claims, as in Go. */
function parse(text: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (value === null) return {};
    return typeof value === 'object' && !Array.isArray(value) ? (value as Claims) : undefined;
  } catch {
    return undefined;
  }
}

/** Base64 of URLs without padding; Go passes over line breaks. */
export function decodeBase64Url(text: string): { readonly bytes: Buffer } | { readonly fault: string } {
  const bad = text.search(/[^A-Za-z0-9_\-\r\n]/);
  const size = text.replace(/[\r\n]/g, '').length;
  const offset = bad >= 0 ? bad : size % 4 === 1 ? text.length - 1 : -1;
  if (offset >= 0) return { fault: `illegal base64 data at input byte ${offset}` };
  return { bytes: Buffer.from(text, 'base64url') };
}

/** How Go names the kind of a JSON value. */
export function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
