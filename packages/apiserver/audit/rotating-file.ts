import {
  chmodSync,
  closeSync,
  createReadStream,
  createWriteStream,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Clock, Logger } from '@coxswain/machinery';

export interface RotatingFileOptions {
  readonly path: string;
  /** Days that old files are kept; 0: any number. */
  readonly maxAgeDays: number;
  /** Old files that are kept; 0: any number. */
  readonly maxBackups: number;
  /** A file grows no larger; 0: 100. */
  readonly maxSizeMegabytes: number;
  /** Whether old files are compressed. */
  readonly compress: boolean;
}

const megabyte = 1024 * 1024;
const dayMs = 86_400_000;
const defaultMegabytes = 100;
const backupTime = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}$/;

/**
 * A file that only its owner may read and that is moved aside when it is full, named and kept as upstream's
 * log rotation does: `audit-2024-01-02T03-04-05.678.log`. Writes are with the system when `write` returns.
 */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #maxBytes: number;
  #fd: number;
  #size: number;
  #tidying: Promise<void> = Promise.resolve();

  /** Makes the folder and the file when they are missing. Throws when they cannot be written. */
  constructor(options: RotatingFileOptions, clock: Clock, logger: Logger) {
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
    this.#maxBytes = (options.maxSizeMegabytes || defaultMegabytes) * megabyte;
    mkdirSync(dirname(options.path), { recursive: true, mode: 0o700 });
    this.#fd = openSync(options.path, 'a', 0o600);
    this.#size = statSync(options.path).size;
    this.#tidy();
  }

  /** Appends the whole text. Throws what the system says. */
  write(text: string): void {
    const bytes = Buffer.from(text);
    if (bytes.length > this.#maxBytes) {
      throw new Error(`write length ${bytes.length} exceeds maximum file size ${this.#maxBytes}`);
    }
    if (this.#size + bytes.length > this.#maxBytes) this.#rotate();
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    this.#size += bytes.length;
  }

  /** Resolves when old files are compressed too. */
  async close(): Promise<void> {
    closeSync(this.#fd);
    await this.#tidying;
  }

  #rotate(): void {
    const { path } = this.#options;
    const { mode } = statSync(path);
    const { prefix, extension } = this.#nameParts();
    const stamp = new Date(this.#clock.now()).toISOString().slice(0, -1).replaceAll(':', '-');
    closeSync(this.#fd);
    renameSync(path, join(dirname(path), `${prefix}${stamp}${extension}`));
    this.#fd = openSync(path, 'a', mode);
    this.#size = 0;
    this.#tidy();
  }

  #nameParts(): { readonly prefix: string; readonly extension: string } {
    const name = basename(this.#options.path);
    const extension = extname(name);
    return { prefix: `${name.slice(0, name.length - extension.length)}-`, extension };
  }

  #tidy(): void {
    this.#tidying = this.#tidying
      .then(() => this.#tidyOnce())
      .catch((error: unknown) =>
        this.#logger.error('old log files cannot be tidied', { error: String(error) }),
      );
  }

  async #tidyOnce(): Promise<void> {
    const { maxBackups, maxAgeDays, compress, path } = this.#options;
    const backups = this.#backups();
    const oldest = this.#clock.now() - maxAgeDays * dayMs;
    const kept: typeof backups = [];
    for (const [i, backup] of backups.entries()) {
      const surplus = (maxBackups > 0 && i >= maxBackups) || (maxAgeDays > 0 && backup.time < oldest);
      if (surplus) rmSync(join(dirname(path), backup.file), { force: true });
      else kept.push(backup);
    }
    if (!compress) return;
    for (const { file } of kept) if (!file.endsWith('.gz')) await compressFile(join(dirname(path), file));
  }

  /** Newest first. */
  #backups(): { readonly file: string; readonly time: number }[] {
    const { prefix, extension } = this.#nameParts();
    return readdirSync(dirname(this.#options.path))
      .flatMap((file) => {
        const plain = file.endsWith('.gz') ? file.slice(0, -3) : file;
        if (!plain.startsWith(prefix) || !plain.endsWith(extension)) return [];
        const stamp = plain.slice(prefix.length, plain.length - extension.length);
        if (!backupTime.test(stamp)) return [];
        const [day = '', time = ''] = stamp.split('T');
        return [{ file, time: Date.parse(`${day}T${time.replaceAll('-', ':')}Z`) }];
      })
      .sort((a, b) => b.time - a.time);
  }
}

async function compressFile(path: string): Promise<void> {
  const { mode } = statSync(path);
  await pipeline(createReadStream(path), createGzip(), createWriteStream(`${path}.gz`, { mode }));
  chmodSync(`${path}.gz`, mode);
  rmSync(path);
}
