import { parseQuantity } from '@coxswain/machinery';
import { Failure } from './error-text.ts';
import { JsonPath, relaxedPath } from './jsonpath/evaluate.ts';
import type { Table } from './print/table.ts';

/** Orders values by a field, as `--sort-by` does. Throws `Failure` when no value has the field. */
export function compareBy(field: string): (a: unknown, b: unknown) => number {
  const path = new JsonPath(relaxedPath(field), true);
  const fieldOf = (object: unknown): unknown => path.find(object)[0]?.[0];
  return (a, b) => compareValues(fieldOf(a), fieldOf(b));
}

/** The table with its rows in order of a field of their objects. */
export function sortTable(table: Table, field: string): Table {
  const path = new JsonPath(relaxedPath(field), true);
  const keyed = table.rows.map((row) => ({ row, key: path.find(row.object)[0]?.[0] }));
  if (keyed.length > 0 && keyed.every(({ key }) => key === undefined)) {
    throw new Failure(`couldn't find any field with path "${relaxedPath(field)}" in the list of objects`);
  }
  keyed.sort((a, b) => compareValues(a.key, b.key));
  return { ...table, rows: keyed.map(({ row }) => row) };
}

function compareValues(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [x, y] = [String(a), String(b)];
  const quantities = [quantityOf(x), quantityOf(y)] as const;
  if (quantities[0] && quantities[1]) return quantities[0].compare(quantities[1]);
  return x < y ? -1 : x > y ? 1 : 0;
}

function quantityOf(text: string): ReturnType<typeof parseQuantity> | undefined {
  return /^\d+(?:\.\d+)?(?:[EPTGMk]i?|Ki|m|n|u)?$/.test(text) ? parseQuantity(text) : undefined;
}
