import { CelRuntimeError } from '../issue.ts';

export type Verb = 's' | 'd' | 'f' | 'e' | 'b' | 'x' | 'X' | 'o';

/** A place for an argument in a format. */
export interface FormatClause {
  readonly verb: Verb;
  /** How many digits come after the point. */
  readonly digits: number;
}

const defaultDigits = 6;
/** As many as a double is printed with. */
const mostDigits = 100;

const numbers = ['int', 'uint'];
const reals = ['double', 'string'];
const hexTypes = ['int', 'uint', 'string', 'bytes'];
const hexRule = 'only integers, byte buffers, and strings can be formatted as hex';

/** The types that a clause shows, by the names of values' types, and what is said of others. */
const rules: Readonly<Record<Verb, { readonly types: readonly string[]; readonly rule: string }>> = {
  s: {
    types:
      'list map int uint double bool string google.protobuf.Timestamp bytes google.protobuf.Duration type null_type'.split(
        ' ',
      ),
    rule: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  },
  d: { types: numbers, rule: 'decimal clause can only be used on integers' },
  f: { types: reals, rule: 'fixed-point clause can only be used on doubles' },
  e: { types: reals, rule: 'scientific clause can only be used on doubles' },
  b: { types: [...numbers, 'bool'], rule: 'only integers and bools can be formatted as binary' },
  x: { types: hexTypes, rule: hexRule },
  X: { types: hexTypes, rule: hexRule },
  o: { types: numbers, rule: 'octal clause can only be used on integers' },
};

/** What is wrong with a value of a type for a clause; undefined where nothing is. */
export function wrongArgument(verb: Verb, typeName: string): string | undefined {
  const { types, rule } = rules[verb];
  return types.includes(typeName) ? undefined : `${rule}, was given ${typeName}`;
}

/** The texts of a format and the clauses between them, read when they are asked for. @throws CelRuntimeError */
export function* clausesOf(template: string): Generator<string | FormatClause> {
  let at = 0;
  while (at < template.length) {
    const percent = template.indexOf('%', at);
    if (percent < 0) break;
    if (percent > at) yield template.slice(at, percent);
    at = percent + 1;
    if (template[at] === '%') {
      yield '%';
      at++;
      continue;
    }
    if (at >= template.length) throw new CelRuntimeError('unexpected end of string');
    const precision = /^\.(\d*)/.exec(template.slice(at));
    if (precision !== null) at += precision[0].length;
    const digits = precision === null ? defaultDigits : readDigits(precision[1] ?? '', at >= template.length);
    const verb = String.fromCodePoint(template.codePointAt(at) ?? 0);
    if (!Object.hasOwn(rules, verb)) throw unreadable(`unrecognized formatting clause "${verb}"`);
    yield { verb: verb as Verb, digits };
    at++;
  }
  if (at < template.length) yield template.slice(at);
}

function readDigits(text: string, atEnd: boolean): number {
  const failed = (cause: string): CelRuntimeError => unreadable(`error while parsing precision: ${cause}`);
  if (atEnd) throw failed('could not find end of precision specifier');
  if (text === '') {
    throw failed('error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax');
  }
  const digits = Number(text);
  if (digits > mostDigits) {
    throw failed(`precision ${digits} exceeds maximum allowed precision ${mostDigits}`);
  }
  return digits;
}

function unreadable(cause: string): CelRuntimeError {
  return new CelRuntimeError(`could not parse formatting clause: ${cause}`);
}
