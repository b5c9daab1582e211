import { FunctionTable } from '../functions.ts';
import { CelRuntimeError } from '../issue.ts';

const compiled = new Map<string, RegExp>();
/** Patterns come from rules, which are few. */
const compiledLimit = 1000;

const classes: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: '\\t ',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** One of Go's regular expressions. @throws CelRuntimeError when it is none */
export function compileRegex(pattern: string): RegExp {
  let regex = compiled.get(pattern);
  if (regex === undefined) {
    regex = toRegExp(pattern);
    if (compiled.size < compiledLimit) compiled.set(pattern, regex);
  }
  return regex;
}

function toRegExp(pattern: string): RegExp {
  let flags = '';
  let source = pattern;
  const inline = /^\(\?([ims]+)\)/.exec(source);
  if (inline !== null) {
    flags = inline[1] as string;
    source = source.slice(inline[0].length);
  }
  source = source
    .replaceAll('\\A', '^')
    .replaceAll('\\z', '$')
    .replaceAll('(?P<', '(?<')
    .replace(/\[:(\w+):\]/g, (all, name: string) => classes[name] ?? all);
  for (const mode of [`${flags}u`, flags]) {
    try {
      return new RegExp(source, mode);
    } catch {
      // The stricter mode refuses escapes that Go allows; the older one is tried next.
    }
  }
  throw new CelRuntimeError(`error parsing regexp: \`${pattern}\``);
}

function findAll(text: string, pattern: string, limit = -1n): string[] {
  const { source, flags } = compileRegex(pattern);
  const found: string[] = [];
  for (const [match] of text.matchAll(new RegExp(source, `${flags}g`))) {
    if (limit >= 0n && BigInt(found.length) >= limit) break;
    found.push(match);
  }
  return found;
}

/** `find` and `findAll`. */
export const regexLibrary = new FunctionTable()
  .method(
    'find',
    'string, string -> string',
    (text: string, pattern: string) => findAll(text, pattern, 1n)[0] ?? '',
  )
  .method('findAll', 'string, string -> list(string)', findAll)
  .method('findAll', 'string, string, int -> list(string)', findAll);
