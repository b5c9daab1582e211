import { goQuote } from '@coxswain/machinery';
import { FunctionTable } from '../functions.ts';
import { CelRuntimeError } from '../issue.ts';
import type { CelOpaque } from '../values.ts';

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

const digits = /^\d+$/;
const identifier = /^[0-9A-Za-z-]+$/;

/** @throws CelRuntimeError in the words of the library that upstream uses */
function parse(text: string): SemverValue {
  const fail = (message: string): never => {
    throw new CelRuntimeError(message);
  };
  if (text === '') fail('Version string empty');
  const [major = '', minor, ...more] = text.split('.');
  if (minor === undefined || more.length === 0) fail('No Major.Minor.Patch elements found');
  const tail = more.join('.');
  const buildAt = tail.indexOf('+');
  const build = buildAt < 0 ? undefined : tail.slice(buildAt + 1);
  const beforeBuild = buildAt < 0 ? tail : tail.slice(0, buildAt);
  const preAt = beforeBuild.indexOf('-');
  const pre = preAt < 0 ? [] : beforeBuild.slice(preAt + 1).split('.');
  const patch = preAt < 0 ? beforeBuild : beforeBuild.slice(0, preAt);
  const numbers = [
    ['major', major],
    ['minor', minor ?? ''],
    ['patch', patch],
  ].map(([name = '', part = '']) => {
    if (!digits.test(part)) fail(`Invalid character(s) found in ${name} number ${goQuote(part)}`);
    if (part.length > 1 && part.startsWith('0')) {
      const title = name.charAt(0).toUpperCase() + name.slice(1);
      fail(`${title} number must not contain leading zeroes ${goQuote(part)}`);
    }
    return BigInt(part);
  });
  for (const part of pre) {
    if (part === '') fail('Prerelease is empty');
    if (!identifier.test(part)) fail(`Invalid character(s) found in prerelease ${goQuote(part)}`);
    if (digits.test(part) && part.length > 1 && part.startsWith('0')) {
      fail(`Numeric PreRelease version must not contain leading zeroes ${goQuote(part)}`);
    }
  }
  for (const part of build?.split('.') ?? []) {
    if (part === '') fail('Build meta data is empty');
    if (!identifier.test(part)) fail(`Invalid character(s) found in build meta data ${goQuote(part)}`);
  }
  return new SemverValue(numbers, pre);
}

/** As people write versions: with a `v`, with leading zeros, without the last parts. @throws CelRuntimeError */
function normalize(text: string): string {
  const [first = '', second, ...more] = text.replace(/^v/, '').split('.');
  const parts = [first, second, more.length === 0 ? undefined : more.join('.')]
    .filter((part) => part !== undefined)
    .map((part) =>
      part.length > 1
        ? part.replace(/^0+(?=\d)|^0+(?!\d)/, (zeros) => (/^0+\d/.test(part) ? '' : zeros.slice(0, 1)))
        : part,
    );
  if (parts.length < 3 && /[+-]/.test(parts.at(-1) ?? '')) {
    throw new CelRuntimeError('short version cannot contain PreRelease/Build meta data');
  }
  while (parts.length < 3) parts.push('0');
  return parts.join('.');
}

function semver(text: string, lenient = false): SemverValue {
  return parse(lenient ? normalize(text) : text);
}

function isSemver(text: string, lenient = false): boolean {
  try {
    semver(text, lenient);
    return true;
  } catch (error) {
    if (error instanceof CelRuntimeError) return false;
    throw error;
  }
}

const type = 'kubernetes.Semver';

/** Semantic versions. */
export const semverLibrary = new FunctionTable()
  .fn('semver', `string -> ${type}`, (text: string) => semver(text))
  .fn('semver', `string, bool -> ${type}`, semver)
  .fn('isSemver', 'string -> bool', (text: string) => isSemver(text))
  .fn('isSemver', 'string, bool -> bool', isSemver)
  .method('major', `${type} -> int`, (value: SemverValue) => value.numbers[0] as bigint)
  .method('minor', `${type} -> int`, (value: SemverValue) => value.numbers[1] as bigint)
  .method('patch', `${type} -> int`, (value: SemverValue) => value.numbers[2] as bigint)
  .method('isLessThan', `${type}, ${type} -> bool`, (a: SemverValue, b: SemverValue) => a.compare(b) < 0)
  .method('isGreaterThan', `${type}, ${type} -> bool`, (a: SemverValue, b: SemverValue) => a.compare(b) > 0)
  .method('compareTo', `${type}, ${type} -> int`, (a: SemverValue, b: SemverValue) =>
    BigInt(Math.sign(a.compare(b))),
  );
