import { jsonFault } from '@coxswain/api';
import { jsonTypeName, newBadRequest } from '@coxswain/machinery';

/** Where a paged list goes on. */
export interface ContinueToken {
  /** Revision of the list; -1: of now, when the one it began with is gone. */
  readonly revision: number;
  /** First key to give, relative to the list's prefix. */
  readonly start: string;
}

/** Upstream's continue token: unpadded base64url of a small JSON document. */
export function encodeContinue(token: ContinueToken): string {
  const json = JSON.stringify({ v: 'meta.k8s.io/v1', rv: token.revision, start: token.start });
  return Buffer.from(json).toString('base64url');
}

/** Reads a token; throws upstream's 400. */
export function decodeContinue(text: string): ContinueToken {
  const bad = text.search(/[^A-Za-z0-9_-]/);
  if (bad >= 0 || text.length % 4 === 1) {
    throw badToken(`illegal base64 data at input byte ${bad >= 0 ? bad : text.length - 1}`);
  }
  const token = parseToken(Buffer.from(text, 'base64url'));
  if (token.v !== 'meta.k8s.io/v1') {
    throw badToken(`server does not recognize this encoded version ${token.v}`);
  }
  if (token.rv === 0) throw badToken('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (token.start === '') throw badToken('encoded start key empty (version meta.k8s.io/v1)');
  const key = token.start.startsWith('/') ? token.start : `/${token.start}`;
  if (!isClean(key)) throw badToken(token.start);
  return { revision: token.rv, start: key.slice(1) };
}

/** Whether a key stays below its prefix: Go's path.Clean would leave it as it is. */
function isClean(key: string): boolean {
  return key === '/' || !/\/(?:\.{0,2})(?:\/|$)/.test(key);
}

type WireToken = Record<'v' | 'start', string> & { readonly rv: number };

function parseToken(bytes: Buffer): WireToken {
  const first = bytes[0];
  // Go's scanner shows the byte that it stops at, which need not be a character.
  if (first !== undefined && first >= 0x80) {
    throw badToken(`invalid character '${quoteByte(first)}' looking for beginning of value`);
  }
  const json = bytes.toString('utf8');
  const fault = jsonFault(json);
  if (fault !== undefined) throw badToken(fault);
  const value: unknown = JSON.parse(json);
  if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
    throw badToken(
      `json: cannot unmarshal ${jsonTypeName(value)} into Go value of type storage.continueToken`,
    );
  }
  const { v = '', rv = 0, start = '' } = (value ?? {}) as Record<string, unknown>;
  const field = (name: string, member: unknown, type: 'string' | 'number', goType: string): void => {
    if (typeof member === type || member === null) return;
    throw badToken(
      `json: cannot unmarshal ${jsonTypeName(member)} into Go struct field continueToken.${name} of type ${goType}`,
    );
  };
  field('v', v, 'string', 'string');
  field('rv', rv, 'number', 'int64');
  field('start', start, 'string', 'string');
  return { v: String(v ?? ''), rv: Number(rv ?? 0), start: String(start ?? '') };
}

function badToken(detail: string): Error {
  return newBadRequest(`invalid continue token: continue key is not valid: ${detail}`);
}

/** A byte beyond ASCII as Go prints it between single quotes. */
function quoteByte(byte: number): string {
  if (byte <= 0xa0 || byte === 0xad) return `\\u${byte.toString(16).padStart(4, '0')}`;
  return String.fromCharCode(byte);
}
