const newline = 0x0a;

/** Cuts a byte stream into lines wherever its chunks are split; a line is never parsed twice. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  #held: Buffer[] = [];

  /** @param onLine called for each non-empty line, without its newline */
  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      this.#emit(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) this.#held.push(start === 0 ? chunk : chunk.subarray(start));
  }

  /** Whether an unfinished line waits. */
  get pending(): boolean {
    return this.#held.length > 0;
  }

  #emit(tail: Buffer): void {
    let line = tail;
    if (this.#held.length > 0) {
      line = Buffer.concat([...this.#held, tail]);
      this.#held = [];
    }
    if (line.length > 0) this.#onLine(line.toString('utf8'));
  }
}
