import type { Entry } from '../entry.ts';

/** A part of a list, in the order of the keys. */
export interface Page {
  readonly revision: number;
  readonly entries: readonly Entry[];
  /** There are objects after it, wanted or not; with a limit only. */
  readonly more: boolean;
  /** How many they are; where nothing is left out by a selector. */
  readonly remaining: number;
  /** Objects that were looked at. */
  readonly looked: number;
}

/** What a page is made of. */
export interface PageQuery {
  readonly prefix: string;
  /** Where it begins: the prefix, or what a token says. */
  readonly from: string;
  /** 0 for all. */
  readonly limit: number;
  readonly revision: number;
  /** Absent: all are. */
  readonly wanted: ((entry: Entry) => boolean) | undefined;
}
