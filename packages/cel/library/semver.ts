import { FunctionTable } from '../functions.ts';
import { CelRuntimeError } from '../issue.ts';
import type { CelOpaque } from '../values.ts';

const pattern =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*))?(?:\+[0-9A-Za-z.-]+)?$/;

class SemverValue implements CelOpaque {
  readonly typeName = 'kubernetes.Semver';
  readonly numbers: readonly bigint[];
  readonly pre: readonly string[];

  constructor(numbers: readonly bigint[], pre: readonly string[]) {
    this.numbers = numbers;
    this.pre = pre;
  }

  equals(other: CelOpaque): boolean {
    return other instanceof SemverValue && this.compare(other) === 0;
  }

  compare(other: SemverValue): number {
    for (let i = 0; i < 3; i++) {
      const [a, b] = [this.numbers[i] as bigint, other.numbers[i] as bigint];
      if (a !== b) return a < b ? -1 : 1;
    }
    if (this.pre.length === 0 || other.pre.length === 0) return Math.sign(other.pre.length - this.pre.length);
    for (let i = 0; i < Math.max(this.pre.length, other.pre.length); i++) {
      const order = comparePart(this.pre[i], other.pre[i]);
      if (order !== 0) return order;
    }
    return 0;
  }
}

/** Numbers are below names; a shorter list is below a longer one. */
function comparePart(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  const [x, y] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (x && y) return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
  if (x !== y) return x ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function parse(text: string): SemverValue | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  return new SemverValue(match.slice(1, 4).map(BigInt), match[4]?.split('.') ?? []);
}

/** As people write versions: with a `v`, with leading zeros, without the last parts. */
function normalize(text: string): string {
  const [core = '', ...rest] = text.replace(/^v/, '').split(/(?=[-+])/);
  const numbers = core.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (numbers.length < 3) numbers.push('0');
  return numbers.join('.') + rest.join('');
}

function semver(text: string, lenient = false): SemverValue {
  const value = parse(lenient ? normalize(text) : text);
  if (value === undefined) {
    throw new CelRuntimeError(`failed to parse semver: ${JSON.stringify(text)}`);
  }
  return value;
}

const type = 'kubernetes.Semver';

/** Semantic versions. */
export const semverLibrary = new FunctionTable()
  .fn('semver', `string -> ${type}`, (text: string) => semver(text))
  .fn('semver', `string, bool -> ${type}`, semver)
  .fn('isSemver', 'string -> bool', (text: string) => parse(text) !== undefined)
  .fn(
    'isSemver',
    'string, bool -> bool',
    (text: string, lenient: boolean) => parse(lenient ? normalize(text) : text) !== undefined,
  )
  .method('major', `${type} -> int`, (value: SemverValue) => value.numbers[0] as bigint)
  .method('minor', `${type} -> int`, (value: SemverValue) => value.numbers[1] as bigint)
  .method('patch', `${type} -> int`, (value: SemverValue) => value.numbers[2] as bigint)
  .method('isLessThan', `${type}, ${type} -> bool`, (a: SemverValue, b: SemverValue) => a.compare(b) < 0)
  .method('isGreaterThan', `${type}, ${type} -> bool`, (a: SemverValue, b: SemverValue) => a.compare(b) > 0)
  .method('compareTo', `${type}, ${type} -> int`, (a: SemverValue, b: SemverValue) =>
    BigInt(Math.sign(a.compare(b))),
  );
