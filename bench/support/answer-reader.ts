/** Reads one answer of HTTP/1.1 as its bytes come, each byte once. */
export class AnswerReader {
  status = 0;
  readonly #body: Buffer[] = [];
  /** Bytes that are not read yet: part of a head or of a chunk's length. */
  #rest: Buffer | undefined;
  #state: 'head' | 'sized' | 'chunk-head' | 'chunk' | 'chunk-end' | 'done' = 'head';
  /** Bytes of the body or chunk still to come. */
  #left = 0;

  /** Takes bytes; gives the body when it is complete. */
  add(data: Buffer): Buffer | undefined {
    let bytes = this.#rest === undefined ? data : Buffer.concat([this.#rest, data]);
    this.#rest = undefined;
    for (;;) {
      const next = this.#step(bytes);
      if (next === undefined) {
        if (bytes.length > 0) this.#rest = bytes;
        return undefined;
      }
      bytes = next;
      if (this.#state === 'done') {
        return this.#body.length === 1 ? this.#body[0] : Buffer.concat(this.#body);
      }
    }
  }

  /** Gives what is left to read; undefined when more bytes must come first. */
  #step(bytes: Buffer): Buffer | undefined {
    switch (this.#state) {
      case 'head':
        return this.#readHead(bytes);
      case 'chunk-head': {
        const line = bytes.indexOf('\r\n');
        if (line < 0) return undefined;
        this.#left = Number.parseInt(bytes.toString('latin1', 0, line), 16);
        this.#state = this.#left === 0 ? 'chunk-end' : 'chunk';
        return bytes.subarray(line + 2);
      }
      case 'chunk-end':
        if (bytes.length < 2) return undefined;
        this.#state = this.#left === 0 ? 'done' : 'chunk-head';
        return bytes.subarray(2);
      default:
        return this.#readBody(bytes);
    }
  }

  #readHead(bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const head = bytes.toString('latin1', 0, end);
    this.status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    this.#left = Number(length ?? 0);
    this.#state = length === undefined ? 'chunk-head' : this.#left === 0 ? 'done' : 'sized';
    return bytes.subarray(end + 4);
  }

  #readBody(bytes: Buffer): Buffer | undefined {
    if (bytes.length === 0) return undefined;
    const part = bytes.subarray(0, this.#left);
    this.#body.push(part);
    this.#left -= part.length;
    if (this.#left === 0) {
      this.#state = this.#state === 'sized' ? 'done' : 'chunk-end';
      // The end of a chunk is told from the end of the body by what is left.
      if (this.#state === 'chunk-end') this.#left = -1;
    }
    return bytes.subarray(part.length);
  }
}
