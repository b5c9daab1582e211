/** One line of a container log. */
export interface CriLogLine {
  /** RFC 3339 with nanoseconds, as it stands in the file. */
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** With its line break, unless the container has not ended the line. */
  readonly content: Buffer;
  /** More of the line is in the next entry. */
  readonly partial: boolean;
}

const newline = 0x0a;

/**
 * Reads the log format of the container runtime interface: `<time> <stdout|stderr> <F|P> <text>`. Bytes may
 * come cut anywhere.
 */
export class CriLogParser {
  #rest: Buffer = Buffer.alloc(0);

  /** Bytes taken in that are not a whole entry yet. */
  get pending(): number {
    return this.#rest.length;
  }

  push(chunk: Buffer): CriLogLine[] {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const lines: CriLogLine[] = [];
    for (let end = data.indexOf(newline); end >= 0; end = data.indexOf(newline)) {
      const line = parseLine(data.subarray(0, end));
      if (line) lines.push(line);
      data = data.subarray(end + 1);
    }
    this.#rest = data;
    return lines;
  }

  /** What is left when no more comes. */
  end(): CriLogLine[] {
    const line = this.#rest.length === 0 ? undefined : parseLine(this.#rest);
    this.#rest = Buffer.alloc(0);
    return line ? [line] : [];
  }
}

/** A malformed entry, such as one cut by a full disk, is passed over. */
function parseLine(line: Buffer): CriLogLine | undefined {
  const first = line.indexOf(0x20);
  const second = line.indexOf(0x20, first + 1);
  const third = line.indexOf(0x20, second + 1);
  if (first < 0 || second < 0 || third < 0) return undefined;
  const stream = line.toString('latin1', first + 1, second);
  if (stream !== 'stdout' && stream !== 'stderr') return undefined;
  // Tags are separated by colons; the first says whether the line is whole.
  const partial = line[second + 1] === 0x50;
  const text = line.subarray(third + 1);
  return {
    time: line.toString('latin1', 0, first),
    stream,
    content: partial ? text : Buffer.concat([text, Buffer.from('\n')]),
    partial,
  };
}
