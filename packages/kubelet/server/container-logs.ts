import { watch } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Clock } from '@coxswain/machinery';
import { type CriLogLine, CriLogParser } from './cri-log.ts';
import { tailOffset } from './log-reader.ts';

/** v1.PodLogOptions, read. */
export interface LogOptions {
  readonly follow: boolean;
  /** Absent: all. */
  readonly tailLines?: number;
  /** ms since 1970. */
  readonly since?: number;
  readonly timestamps: boolean;
  readonly limitBytes?: number;
  readonly stream: 'All' | 'Stdout' | 'Stderr';
}

/** Looked for anew at this interval while a log is followed, in case that the system's notice got lost. */
const pollMs = 1_000;
const blockSize = 64 << 10;

/**
 * Gives a container's log, and what is added to it as long as the container runs when it is followed.
 *
 * @param running whether the container may still write
 */
export async function* readContainerLog(
  path: string,
  options: LogOptions,
  clock: Clock,
  running: () => Promise<boolean>,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const filter = new LineFilter(options);
  for await (const line of logLines(path, options, clock, running, signal)) {
    const bytes = filter.take(line);
    if (bytes.length > 0) yield bytes;
    if (filter.full) return;
  }
}

async function* logLines(
  path: string,
  options: LogOptions,
  clock: Clock,
  running: () => Promise<boolean>,
  signal: AbortSignal,
): AsyncGenerator<CriLogLine> {
  const parser = new CriLogParser();
  let file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    let at = options.tailLines === undefined ? 0 : await tailOffset(file, size, options.tailLines);
    const block = Buffer.alloc(blockSize);
    for (let last = false; ; ) {
      for (;;) {
        const { bytesRead } = await file.read(block, 0, blockSize, at);
        if (bytesRead === 0) break;
        at += bytesRead;
        yield* parser.push(Buffer.from(block.subarray(0, bytesRead)));
        if (signal.aborted) return;
      }
      if (!options.follow || last || signal.aborted) break;
      // A rotated log goes on in a new file of the same name.
      const [mine, named] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
      if (named && named.ino !== mine.ino) {
        yield* parser.end();
        await file.close();
        file = await open(path, 'r');
        at = 0;
        continue;
      }
      // What was written before the end is read once more after it was seen.
      if (!(await running())) last = true;
      else await changeOf(path, clock, signal);
    }
    yield* parser.end();
  } finally {
    await file.close();
  }
}

/** Resolves when the file may have changed, or after a while. */
async function changeOf(path: string, clock: Clock, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  const watcher = watch(path, () => done.abort());
  watcher.on('error', () => done.abort());
  await clock.sleep(pollMs, AbortSignal.any([done.signal, signal])).catch(() => {});
  watcher.close();
}

/** Cuts and dresses lines as the options say. */
class LineFilter {
  readonly #options: LogOptions;
  #left: number;
  /** The line before was not ended: this entry goes on with it. */
  #inLine = false;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  }

  get full(): boolean {
    return this.#left <= 0;
  }

  take(line: CriLogLine): Buffer {
    const { since, stream, timestamps } = this.#options;
    if (since !== undefined && Date.parse(line.time) < since) return Buffer.alloc(0);
    if (stream !== 'All' && line.stream !== stream.toLowerCase()) return Buffer.alloc(0);
    const prefix = timestamps && !this.#inLine ? Buffer.from(`${line.time} `) : Buffer.alloc(0);
    this.#inLine = line.partial;
    const whole = Buffer.concat([prefix, line.content]);
    const cut = whole.subarray(0, Math.min(whole.length, this.#left));
    this.#left -= cut.length;
    return cut;
  }
}
