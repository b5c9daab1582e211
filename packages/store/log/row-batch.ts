import type { LogRow } from './sqlite-log.ts';

/** Rows in a form that goes to another thread with one copy of the values. */
export interface RowBatch {
  readonly keys: readonly string[];
  /** For each row: revision, create revision, due time, length of the value (-1: deleted). */
  readonly numbers: Float64Array;
  /** The values one after another, in memory of both threads. */
  readonly values: Uint8Array;
}

const columns = 4;

/** @param room gives memory of at least that size; it is the batch's until the other thread has answered */
export function packRows(rows: readonly LogRow[], room: (size: number) => Uint8Array): RowBatch {
  let size = 0;
  for (const row of rows) size += row.value?.length ?? 0;
  const values = room(size).subarray(0, size);
  const numbers = new Float64Array(rows.length * columns);
  const keys: string[] = [];
  let at = 0;
  for (const [i, row] of rows.entries()) {
    const { revision, createRevision, due, key, value } = row;
    keys.push(key);
    const base = i * columns;
    numbers[base] = revision;
    numbers[base + 1] = createRevision;
    numbers[base + 2] = due;
    numbers[base + 3] = value?.length ?? -1;
    if (value === undefined) continue;
    values.set(value, at);
    at += value.length;
  }
  return { keys, numbers, values };
}

export function unpackRows(batch: RowBatch): LogRow[] {
  const { keys, numbers, values } = batch;
  let at = 0;
  return keys.map((key, i) => {
    const base = i * columns;
    const revision = numbers[base]!;
    const createRevision = numbers[base + 1]!;
    const due = numbers[base + 2]!;
    const length = numbers[base + 3]!;
    const value = length < 0 ? undefined : values.subarray(at, at + length);
    at += Math.max(0, length);
    return { revision, key, value, createRevision, due };
  });
}
