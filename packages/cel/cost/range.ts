import type { CelType } from '../types.ts';

/** A least and a largest number, of size or of cost; sums and products stop at `unbounded`. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** The largest 64-bit number: what nothing bounds. */
export const unbounded = 2 ** 64;

export const unknownSize: Range = { min: 0, max: unbounded };

/** Characters of texts are walked a tenth of a step each; of regular expressions a quarter. */
export const traversalFactor = 0.1;
export const regexFactor = 0.25;
export const listCost = 10;
export const mapCost = 30;
export const structCost = 40;

export const fixed = (size: number): Range => ({ min: size, max: size });

const capped = (value: number): number => Math.min(value, unbounded);

export function add(a: Range, b: Range): Range {
  return { min: capped(a.min + b.min), max: capped(a.max + b.max) };
}

export function multiply(a: Range, b: Range): Range {
  return { min: capped(a.min * b.min), max: capped(a.max * b.max) };
}

/** Rounded up to whole steps. */
export function scale({ min, max }: Range, factor: number): Range {
  return { min: capped(Math.ceil(min * factor)), max: capped(Math.ceil(max * factor)) };
}

export function union(a: Range, b: Range): Range {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

/**
 * How large the value at a path is; undefined where that is not known. The path begins with a variable and goes on
 * with names of fields, `@items`, `@keys` and `@values`.
 */
export type SizeEstimator = (path: readonly string[], type: CelType | undefined) => Range | undefined;
