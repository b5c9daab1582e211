/** How a quantity prints: `1Gi`, `1e9` or `1G`. */
export type QuantityFormat = 'BinarySI' | 'DecimalExponent' | 'DecimalSI';

/** The text is no quantity; the message is upstream's. */
export class QuantityParseError extends Error {
  override readonly name = 'QuantityParseError';
  readonly code = 'QUANTITY_INVALID';
}

const formatWrong =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const suffixWrong = "unable to parse quantity's suffix";

const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
/** The power of ten that each suffix stands for. */
export const decimalSuffixes: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const decimalByExponent = new Map(Object.entries(decimalSuffixes).map(([suffix, power]) => [power, suffix]));

/** Quantities are exact to 1e-9; finer digits round up. */
const nano = 1_000_000_000n;
/** Where upstream caps binary quantities: at the largest int64. */
const largest = (2n ** 63n - 1n) * nano;

/** An exact amount with its notation: resource.Quantity. Immutable. */
export class Quantity {
  readonly #nanos: bigint;
  readonly format: QuantityFormat;
  /** The text that it was read from, where that is what upstream writes again. */
  readonly #text: string | undefined;

  /** @param nanos the amount in units of 1e-9 */
  constructor(nanos: bigint, format: QuantityFormat = 'DecimalSI', text?: string) {
    this.#nanos = nanos;
    this.format = format;
    this.#text = text;
  }

  static fromValue(value: bigint | number, format: QuantityFormat = 'DecimalSI'): Quantity {
    return new Quantity(BigInt(value) * nano, format);
  }

  static fromMilli(milli: bigint | number, format: QuantityFormat = 'DecimalSI'): Quantity {
    return new Quantity(BigInt(milli) * 1_000_000n, format);
  }

  get isZero(): boolean {
    return this.#nanos === 0n;
  }

  /** -1, 0 or 1. */
  get sign(): -1 | 0 | 1 {
    return this.#nanos === 0n ? 0 : this.#nanos < 0n ? -1 : 1;
  }

  /** Negative, zero or positive, as this is less than, equal to or more than `other`. */
  compare(other: Quantity): number {
    return this.#nanos < other.#nanos ? -1 : this.#nanos > other.#nanos ? 1 : 0;
  }

  add(other: Quantity): Quantity {
    return new Quantity(this.#nanos + other.#nanos, this.isZero ? other.format : this.format);
  }

  subtract(other: Quantity): Quantity {
    return new Quantity(this.#nanos - other.#nanos, this.isZero ? other.format : this.format);
  }

  negate(): Quantity {
    return new Quantity(-this.#nanos, this.format);
  }

  /** The amount in units of 1e-9, exact. */
  nanoValue(): bigint {
    return this.#nanos;
  }

  /** Whole units, rounded away from zero. */
  value(): bigint {
    return roundUp(this.#nanos, nano);
  }

  /** Thousandths, rounded away from zero. */
  milliValue(): bigint {
    return roundUp(this.#nanos, 1_000_000n);
  }

  /** As a floating point number. */
  toNumber(): number {
    return Number(this.#nanos) / 1e9;
  }

  /** The canonical text, or the one that it was read from where upstream keeps that. */
  toString(): string {
    if (this.#text !== undefined) return this.#text;
    const nanos = this.#nanos;
    if (nanos === 0n) return '0';
    // Small and fractional amounts have no exact binary form: they print as decimals.
    const binary =
      this.format === 'BinarySI' && nanos % nano === 0n && (nanos <= -1024n * nano || nanos >= 1024n * nano);
    if (binary) {
      let value = nanos / nano;
      let power = 0;
      while (value % 1024n === 0n) {
        value /= 1024n;
        power++;
      }
      return `${value}${binarySuffixes[power] ?? ''}`;
    }
    let mantissa = nanos;
    let exponent = -9;
    const highest = this.format === 'DecimalExponent' ? Number.POSITIVE_INFINITY : 18;
    while (mantissa % 1000n === 0n && exponent < highest) {
      mantissa /= 1000n;
      exponent += 3;
    }
    if (this.format === 'DecimalExponent') return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`;
    return `${mantissa}${decimalByExponent.get(exponent) ?? ''}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

function roundUp(amount: bigint, unit: bigint): bigint {
  const whole = amount / unit;
  if (whole * unit === amount) return whole;
  return amount < 0n ? whole - 1n : whole + 1n;
}

// Two patterns, since one for all would try each way to share out the digits of a text that ends wrongly.
const numberPattern = /^([+-]?)(\d*)(?:\.(\d*))?/;
const suffixPattern = /^[eEinumkKMGTP]*[-+]?\d*$/;

/** Quantities read before: a cluster names a few hundred of them over and over. */
const known = new Map<string, Quantity>();
const knownLimit = 2_000;
const knownLength = 32;

/** Reads a quantity as upstream's `ParseQuantity`; throws `QuantityParseError`. */
export function parseQuantity(text: string): Quantity {
  let quantity = known.get(text);
  if (quantity === undefined) {
    quantity = parse(text);
    if (known.size >= knownLimit) known.clear();
    if (text.length <= knownLength) known.set(text, quantity);
  }
  return quantity;
}

function parse(text: string): Quantity {
  const match = numberPattern.exec(text) as unknown as [string, string, string, string?];
  const [number, sign, whole, fraction = ''] = match;
  const suffix = text.slice(number.length);
  if (text === '' || !suffixPattern.test(suffix)) throw new QuantityParseError(formatWrong);
  const { base, exponent, format } = readSuffix(suffix);
  const digits = BigInt(`0${whole}${fraction}`);
  const magnitude = scale(digits, fraction.length, base, exponent);
  const most = format === 'BinarySI' ? largest : beyond;
  const capped = magnitude > most ? most : magnitude;
  // A binary amount below one has no binary form.
  const kept = format === 'BinarySI' && capped > 0n && capped < nano ? 'DecimalSI' : format;
  const parts = { whole: whole.replace(/^0+(?=\d)/, '') || '0', fraction, exponent, format };
  return new Quantity(sign === '-' ? -capped : capped, kept, isKept(parts) ? text : undefined);
}

interface Parts {
  readonly whole: string;
  readonly fraction: string;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

/** Digits that upstream multiplies without a care for overflow: decimal ones, and those of a binary amount. */
const decimalDigits = 18;
const binaryDigits = 14;

/** Whether upstream takes a text for canonical and writes it again as it stands, as it does with `1.500` and `+5`. */
function isKept({ whole, fraction, exponent, format }: Parts): boolean {
  const digits = whole + fraction;
  if (format === 'BinarySI') {
    // A power of two takes three decimal digits in ten bits.
    const left = binaryDigits - whole.length - Math.floor((exponent * 3) / 10);
    return fraction === '' && left >= 0 && BigInt(whole) % 8n !== 0n;
  }
  const scale = exponent - fraction.length;
  return (
    digits.length <= decimalDigits &&
    scale >= -9 &&
    scale % 3 === 0 &&
    !digits.endsWith('000') &&
    !digits.startsWith('0')
  );
}

/** A number of as many digits costs a millisecond to read and write; nobody means a larger one. */
const largestPower = 4_000;
const beyond = 10n ** BigInt(largestPower);

/** `digits` * 10^-decimals * base^exponent in nanos, rounded up. */
function scale(digits: bigint, decimals: number, base: 2 | 10, exponent: number): bigint {
  if (digits === 0n) return 0n;
  if (base === 2) return roundUp(digits * nano * 2n ** BigInt(exponent), 10n ** BigInt(decimals));
  const power = exponent + 9 - decimals;
  // Beyond these bounds the result is the largest or the smallest amount, whatever the digits.
  if (power > largestPower) return beyond;
  if (power >= 0) return digits * 10n ** BigInt(power);
  return power < -40_000 ? 1n : roundUp(digits, 10n ** BigInt(-power));
}

interface Scale {
  readonly base: 2 | 10;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

function readSuffix(suffix: string): Scale {
  const decimal = decimalSuffixes[suffix];
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: 'DecimalSI' };
  const binary = binarySuffixes.indexOf(suffix);
  if (binary > 0) return { base: 2, exponent: binary * 10, format: 'BinarySI' };
  if (/^[eE][+-]?\d+$/.test(suffix)) {
    return { base: 10, exponent: Number(suffix.slice(1)), format: 'DecimalExponent' };
  }
  throw new QuantityParseError(suffixWrong);
}

/** The canonical text of a quantity's text: `1024Mi` gives `1Gi`, `0.5` gives `500m`. */
export function canonicalQuantity(text: string): string {
  return parseQuantity(text).toString();
}
