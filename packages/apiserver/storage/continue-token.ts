import { goQuote, newBadRequest } from '@coxswain/machinery';

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
  const bytes = Buffer.from(text, 'base64url');
  let token: { v?: unknown; rv?: unknown; start?: unknown };
  try {
    token = JSON.parse(bytes.toString('utf8')) ?? {};
  } catch {
    const first = bytes[0];
    throw badToken(
      first === undefined || first === 0x7b
        ? 'unexpected end of JSON input'
        : `invalid character '${quoteByte(first)}' looking for beginning of value`,
    );
  }
  if (token.v !== 'meta.k8s.io/v1') {
    throw badToken(`server does not recognize this encoded version ${goQuote(String(token.v ?? ''))}`);
  }
  if (typeof token.rv !== 'number' || token.rv === 0)
    throw badToken('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof token.start !== 'string' || token.start === '') {
    throw badToken('encoded start key empty (version meta.k8s.io/v1)');
  }
  if (token.start.split('/').includes('..')) {
    throw badToken(`encoded start key ${goQuote(token.start)} (version meta.k8s.io/v1)`);
  }
  return { revision: token.rv, start: token.start };
}

function badToken(detail: string): Error {
  return newBadRequest(`invalid continue token: continue key is not valid: ${detail}`);
}

/** A byte as Go prints it between single quotes in JSON errors. */
function quoteByte(byte: number): string {
  if (byte === 0x27) return "\\'";
  if (byte === 0x22) return '"';
  if (byte >= 0x80 && byte < 0xa0) return `\\u${byte.toString(16).padStart(4, '0')}`;
  return goQuote(String.fromCharCode(byte)).slice(1, -1);
}
