import type { KubeObject } from '@coxswain/machinery';
import { goNumber } from '@coxswain/machinery';
import type { TabWriter } from './tab-writer.ts';

/** meta.k8s.io/v1 Table, as the server renders lists. */
export interface Table {
  readonly kind: 'Table';
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object?: KubeObject }[];
}

export interface TableOptions {
  readonly wide: boolean;
  readonly noHeaders: boolean;
  readonly withNamespace: boolean;
  readonly showLabels: boolean;
  readonly labelColumns: readonly string[];
  /** `pod` or `deployment.apps`: names get it before them. */
  readonly kind?: string;
  /** `EVENT`: before each row, the type of the watch event. */
  readonly eventColumn?: boolean;
}

/** Asks for the Table form, with the plain form as the way out. */
export const acceptTable =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';

/** Prints tables of one resource; the headers once. */
export class TablePrinter {
  readonly #options: TableOptions;
  readonly #tabs: TabWriter;
  #headersPrinted = false;
  /** A watch sends the columns with its first event alone. */
  #columns: Table['columnDefinitions'] = [];

  constructor(tabs: TabWriter, options: TableOptions) {
    this.#options = options;
    this.#tabs = tabs;
  }

  print(table: Table, eventType?: string): void {
    if (table.columnDefinitions?.length > 0) this.#columns = table.columnDefinitions;
    const { wide, withNamespace, showLabels, labelColumns, noHeaders, eventColumn } = this.#options;
    const shown = this.#columns.flatMap((column, i) => (wide || column.priority === 0 ? [i] : []));
    if (!noHeaders && !this.#headersPrinted) {
      this.#tabs.row([
        ...(eventColumn ? ['EVENT'] : []),
        ...(withNamespace ? ['NAMESPACE'] : []),
        ...shown.map((i) => (this.#columns[i]?.name ?? '').toUpperCase()),
        ...labelColumns.map(labelHeader),
        ...(showLabels ? ['LABELS'] : []),
      ]);
      this.#headersPrinted = true;
    }
    for (const row of table.rows) {
      const labels = row.object?.metadata?.labels ?? {};
      this.#tabs.row([
        ...(eventColumn ? [(eventType ?? '').padEnd(8)] : []),
        ...(withNamespace ? [row.object?.metadata?.namespace ?? ''] : []),
        ...shown.map((i) => this.#cell(row.cells[i], this.#columns[i]?.name)),
        ...labelColumns.map((label) => labels[label] ?? ''),
        ...(showLabels ? [formatLabels(labels)] : []),
      ]);
    }
  }

  #cell(value: unknown, column: string | undefined): string {
    const text = cellText(value);
    const { kind } = this.#options;
    return kind !== undefined && column === 'Name' ? `${kind}/${text}` : text;
  }
}

/** One line, without what a terminal would obey. */
function cellText(value: unknown): string {
  if (value === null || value === undefined) return '<none>';
  const text =
    typeof value === 'number' ? goNumber(value) : Array.isArray(value) ? value.join(',') : String(value);
  const line = /^[^\f\n\r]*/.exec(text)?.[0] ?? '';
  const short = line.length < text.length ? `${line}...` : line;
  return short.replaceAll('\x1b', '^[').replaceAll('\r', '\\r');
}

function labelHeader(label: string): string {
  return (label.split('/').at(-1) ?? label).toUpperCase();
}

/** `a=1,b=2` in order of the keys, or `<none>`. */
function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? '<none>' : entries.map(([key, value]) => `${key}=${value}`).join(',');
}
