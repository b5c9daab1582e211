const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;

/** A whole number of 64 bits: a number where that is exact, else a bigint. Equal ones are of the same type. */
export type Int64 = number | bigint;

/** The number that a text of digits stands for; undefined where it is no whole number or needs more than 64 bits. */
export function int64(text: string): Int64 | undefined {
  return /^-?\d+$/.test(text) ? int64Of(BigInt(text)) : undefined;
}

/** The same of an exact number. */
export function int64Of(exact: bigint): Int64 | undefined {
  if (exact < int64Min || exact > int64Max) return undefined;
  const double = Number(exact);
  return Number.isSafeInteger(double) ? double : exact;
}

/** Whether Go reads a JSON value as an integer: what does not fit into 64 bits becomes a floating point number. */
export function isInt64(value: unknown): value is Int64 {
  if (typeof value === 'bigint') return true;
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 63;
}
