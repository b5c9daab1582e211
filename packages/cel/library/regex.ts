import { FunctionTable } from '../functions.ts';
import { CelRuntimeError } from '../issue.ts';
import { GoRegexError, translateGoRegex } from './go-regex.ts';
import { withoutUnicodeFlag } from './linear-regex.ts';

const compiled = new Map<string, RegExp>();
/** Patterns come from rules, which are few. */
const compiledLimit = 1000;

/** One of Go's regular expressions. @throws CelRuntimeError when it is none */
export function compileRegex(pattern: string): RegExp {
  let regex = compiled.get(pattern);
  if (regex === undefined) {
    regex = toRegExp(pattern);
    if (compiled.size < compiledLimit) compiled.set(pattern, regex);
  }
  return regex;
}

/** What Go says of a pattern that is none; undefined of all others. */
export function regexFault(pattern: string): string | undefined {
  try {
    compileRegex(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof CelRuntimeError) return error.message;
    throw error;
  }
}

function toRegExp(pattern: string): RegExp {
  try {
    const source = translateGoRegex(pattern);
    // Faults are found here: the other form has no such syntax.
    new RegExp(source, 'u');
    return new RegExp(withoutUnicodeFlag(source));
  } catch (error) {
    if (error instanceof GoRegexError) throw new CelRuntimeError(error.message);
    throw new CelRuntimeError(`error parsing regexp: invalid or unsupported syntax: \`${pattern}\``);
  }
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
