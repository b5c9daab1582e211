import { FunctionTable } from '../functions.ts';
import { CelRuntimeError } from '../issue.ts';
import type { CelValue } from '../values.ts';
import { formatText } from './format-text.ts';
import { compileRegex } from './regex.ts';

const points = (text: string): string[] => [...text];

function indexOf(text: string, part: string, from = 0n): bigint {
  const [all, wanted] = [points(text), points(part)];
  if (from < 0n) throw new CelRuntimeError(`index out of range: ${from}`);
  if (wanted.length === 0) return from;
  for (let i = Number(from); i + wanted.length <= all.length; i++) {
    if (wanted.every((char, j) => all[i + j] === char)) return BigInt(i);
  }
  return -1n;
}

function lastIndexOf(text: string, part: string, from?: bigint): bigint {
  const [all, wanted] = [points(text), points(part)];
  const last =
    from === undefined ? all.length - wanted.length : Math.min(Number(from), all.length - wanted.length);
  if (from !== undefined && (from < 0n || from > BigInt(all.length))) {
    throw new CelRuntimeError(`index out of range: ${from}`);
  }
  for (let i = last; i >= 0; i--) if (wanted.every((char, j) => all[i + j] === char)) return BigInt(i);
  return -1n;
}

function substring(text: string, from: bigint, to?: bigint): string {
  const all = points(text);
  const size = BigInt(all.length);
  const end = to ?? size;
  if (from < 0n || from > size) throw new CelRuntimeError(`index out of range: ${from}`);
  if (end < 0n || end > size) throw new CelRuntimeError(`index out of range: ${end}`);
  if (from > end) throw new CelRuntimeError(`invalid substring range. start: ${from}, end: ${end}`);
  return all.slice(Number(from), Number(end)).join('');
}

function split(text: string, separator: string, limit = -1n): CelValue {
  if (limit === 0n) return [];
  const parts = separator === '' ? points(text) : text.split(separator);
  if (limit < 0n || BigInt(parts.length) <= limit) return parts;
  const head = parts.slice(0, Number(limit) - 1);
  return [...head, parts.slice(Number(limit) - 1).join(separator)];
}

function replace(text: string, old: string, by: string, limit = -1n): string {
  if (limit < 0n) return text.replaceAll(old, () => by);
  let rest = text;
  let out = '';
  for (let n = limit; n > 0n; n--) {
    const at = rest.indexOf(old);
    if (at < 0) break;
    out += rest.slice(0, at) + by;
    rest = rest.slice(at + old.length);
  }
  return out + rest;
}

function charAt(text: string, index: bigint): string {
  const all = points(text);
  if (index < 0n || index > BigInt(all.length)) throw new CelRuntimeError(`index out of range: ${index}`);
  return all[Number(index)] ?? '';
}

/** Only ASCII changes, as in Go's ext library. */
const ascii = (text: string, pattern: RegExp, change: (char: string) => string): string =>
  text.replace(pattern, change);

/** Texts: the language's own functions and the strings extension. */
export const stringLibrary = new FunctionTable()
  .method('contains', 'string, string -> bool', (a: string, b: string) => a.includes(b))
  .method('startsWith', 'string, string -> bool', (a: string, b: string) => a.startsWith(b))
  .method('endsWith', 'string, string -> bool', (a: string, b: string) => a.endsWith(b))
  .method('matches', 'string, string -> bool', (a: string, b: string) => compileRegex(b).test(a))
  .fn('matches', 'string, string -> bool', (a: string, b: string) => compileRegex(b).test(a))
  .method('charAt', 'string, int -> string', charAt)
  .method('indexOf', 'string, string -> int', indexOf)
  .method('indexOf', 'string, string, int -> int', indexOf)
  .method('lastIndexOf', 'string, string -> int', lastIndexOf)
  .method('lastIndexOf', 'string, string, int -> int', lastIndexOf)
  .method('lowerAscii', 'string -> string', (a: string) => ascii(a, /[A-Z]/g, (c) => c.toLowerCase()))
  .method('upperAscii', 'string -> string', (a: string) => ascii(a, /[a-z]/g, (c) => c.toUpperCase()))
  .method('replace', 'string, string, string -> string', replace)
  .method('replace', 'string, string, string, int -> string', replace)
  .method('split', 'string, string -> list(string)', split)
  .method('split', 'string, string, int -> list(string)', split)
  .method('substring', 'string, int -> string', substring)
  .method('substring', 'string, int, int -> string', substring)
  .method('trim', 'string -> string', (a: string) => a.trim())
  .method('join', 'list(string) -> string', (a: string[]) => a.join(''))
  .method('join', 'list(string), string -> string', (a: string[], separator: string) => a.join(separator))
  .method('format', 'string, list(dyn) -> string', formatText)
  .fn('strings.quote', 'string -> string', (a: string) => JSON.stringify(a));
