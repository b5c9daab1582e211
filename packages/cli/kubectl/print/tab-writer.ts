/** Go's text/tabwriter as kubectl sets it up: at least six wide, three between, widths remembered. */
const minWidth = 6;
const padding = 3;

/** Aligns rows of cells; the last cell of a row is never padded. */
export class TabWriter {
  readonly #write: (text: string) => void;
  readonly #minWidth: number;
  readonly #padding: number;
  readonly #remember: boolean;
  #rows: (readonly string[])[] = [];
  #widths: number[] = [];

  constructor(
    write: (text: string) => void,
    options: { readonly minWidth?: number; readonly padding?: number; readonly remember?: boolean } = {},
  ) {
    this.#write = write;
    this.#minWidth = options.minWidth ?? minWidth;
    this.#padding = options.padding ?? padding;
    this.#remember = options.remember ?? true;
  }

  row(cells: readonly string[]): void {
    this.#rows.push(cells);
  }

  /** Writes what was gathered. */
  flush(): void {
    const rows = this.#rows;
    this.#rows = [];
    if (!this.#remember) this.#widths = [];
    const widths = this.#columnWidths(rows);
    const lines = rows.map((cells, y) =>
      cells
        .map((cell, x) =>
          x === cells.length - 1 ? cell : cell + ' '.repeat((widths[y]?.[x] ?? 0) - width(cell)),
        )
        .join(''),
    );
    if (lines.length > 0) this.#write(`${lines.join('\n')}\n`);
  }

  /** A column is a run of rows that all have the cell and something behind it. */
  #columnWidths(rows: readonly (readonly string[])[]): number[][] {
    const result: number[][] = rows.map(() => []);
    const most = Math.max(0, ...rows.map((cells) => cells.length - 1));
    for (let x = 0; x < most; x++) {
      for (let y = 0; y < rows.length; ) {
        let end = y;
        let widest = Math.max(this.#minWidth, this.#remember ? (this.#widths[x] ?? 0) : 0);
        while (end < rows.length && (rows[end] as readonly string[]).length - 1 > x) {
          widest = Math.max(widest, width(rows[end]?.[x] ?? '') + this.#padding);
          end++;
        }
        for (let i = y; i < end; i++) (result[i] as number[])[x] = widest;
        if (end > y && this.#remember) this.#widths[x] = widest;
        y = end === y ? y + 1 : end;
      }
    }
    return result;
  }
}

function width(text: string): number {
  return [...text].length;
}
