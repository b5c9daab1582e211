import { goNumber } from '@coxswain/machinery';
import { Failure } from '../error-text.ts';
import { JsonPath, printValue, relaxedPath } from '../jsonpath/evaluate.ts';
import { TabWriter } from './tab-writer.ts';

interface Column {
  readonly header: string;
  readonly path: JsonPath;
}

/** Reads `NAME:.metadata.name,IP:.status.podIP`. Throws `Failure`. */
export function parseColumns(spec: string): Column[] {
  if (spec === '') throw new Failure('custom-columns format specified but no custom columns given');
  return spec.split(',').map((part) => {
    const colon = part.indexOf(':');
    if (colon < 0) {
      throw new Failure(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    }
    return { header: part.slice(0, colon), path: new JsonPath(relaxedPath(part.slice(colon + 1)), true) };
  });
}

/** Reads a template of two lines: headers, and a path below each. */
export function parseColumnsFile(text: string): Column[] {
  const [headers = '', paths = ''] = text.split('\n').filter((line) => line.trim() !== '');
  const names = headers.trim().split(/\s+/);
  const specs = paths.trim().split(/\s+/);
  if (names.length !== specs.length) {
    throw new Failure(
      `number of headers (${names.length}) and field specifications (${specs.length}) don't match`,
    );
  }
  return names.map((header, i) => ({ header, path: new JsonPath(relaxedPath(specs[i] as string), true) }));
}

/** Prints a row an object; the headers first. */
export function printColumns(
  columns: readonly Column[],
  objects: readonly unknown[],
  noHeaders: boolean,
  write: (text: string) => void,
): void {
  const tabs = new TabWriter(write);
  if (!noHeaders) tabs.row(columns.map((column) => column.header));
  for (const object of objects) tabs.row(columns.map((column) => cellOf(column.path, object)));
  tabs.flush();
}

function cellOf(path: JsonPath, object: unknown): string {
  const values = path.find(object)[0] ?? [];
  if (values.length === 0) return '<none>';
  return values.map(printGo).join(',');
}

/** As Go's %v prints it; in loops, as values nest deep. */
function printGo(value: unknown): string {
  if (value === null) return '<nil>';
  if (typeof value === 'number') return goNumber(value);
  if (typeof value !== 'object') return printValue(value);
  let text = '';
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) text += `${i === 0 ? '' : ' '}${printGo(value[i])}`;
    return `[${text}]`;
  }
  for (const key of Object.keys(value).sort()) {
    text += `${text === '' ? '' : ' '}${key}:${printGo((value as Record<string, unknown>)[key])}`;
  }
  return `map[${text}]`;
}
