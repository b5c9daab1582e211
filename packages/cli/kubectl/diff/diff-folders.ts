import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatYaml, type KubeObject } from '@coxswain/machinery';
import { Failure } from '../error-text.ts';
import { withoutManagedFields } from '../print/printer.ts';

import type { Info } from '../resource-builder.ts';
import type { Session } from '../session.ts';
import { maskSecrets } from './mask-secrets.ts';

interface DiffFoldersOptions {
  readonly showManagedFields: boolean;
  readonly showSecrets: boolean;
}

/** Two folders, with a file for each object as it is and as it would be, for a program to compare. */
export class DiffFolders {
  readonly #options: DiffFoldersOptions;
  readonly #live = mkdtempSync(join(tmpdir(), 'LIVE-'));
  readonly #merged = mkdtempSync(join(tmpdir(), 'MERGED-'));

  constructor(options: DiffFoldersOptions) {
    this.#options = options;
  }

  /** Adds an object; undefined where there is none yet, or none any more. */
  add(info: Info, live: KubeObject | undefined, merged: KubeObject | undefined): void {
    const { group, version, kind } = info.mapping;
    const name = `${group === '' ? '' : `${group}.`}${version}.${kind}.${info.namespace ?? ''}.${info.name}`;
    const secret = kind === 'Secret' && version === 'v1' && !this.#options.showSecrets;
    const [from, to] = secret ? maskSecrets(live, merged) : [live, merged];
    this.#write(join(this.#live, name), from);
    if (merged !== undefined) this.#write(join(this.#merged, name), to);
  }

  /**
   * Runs `$KUBECTL_EXTERNAL_DIFF`, or `diff -u -N`, on both folders. Gives its exit code: 0 or 1.
   * @throws Failure when the program is not there or gives another exit code
   */
  async compare(session: Session): Promise<number> {
    const [program = 'diff', ...args] = this.#command(session);
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk: Buffer) => session.streams.out.write(chunk));
    child.stderr.on('data', (chunk: Buffer) => session.streams.err.write(chunk));
    let code: number | null;
    try {
      [code] = (await once(child, 'close')) as [number | null];
    } catch (cause) {
      const absent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      const why = absent
        ? `exec: "${program}": executable file not found in $PATH`
        : (cause as Error).message;
      throw new Failure(`failed to run "${program}": ${why}`, { cause });
    }
    if (code === 0 || code === 1) return code;
    throw new Failure(`failed to run "${program}": exit status ${code}`);
  }

  /** Removes both folders. */
  remove(): void {
    for (const dir of [this.#live, this.#merged]) rmSync(dir, { recursive: true, force: true });
  }

  #command(session: Session): string[] {
    const external = process.env['KUBECTL_EXTERNAL_DIFF'] ?? '';
    if (external === '') return ['diff', '-u', '-N', this.#live, this.#merged];
    const [program = '', ...args] = external.split(' ');
    const plain = args.filter((arg) => {
      const fits = /^[a-zA-Z0-9-=]+$/.test(arg);
      if (!fits) {
        session.err(
          `W invalid argument is ignored: ${arg}, only Alphanumeric (case-insensitive), dash and equal are allowed\n`,
        );
      }
      return fits;
    });
    return [program, this.#live, this.#merged, ...plain];
  }

  #write(path: string, object: KubeObject | undefined): void {
    const shown = this.#options.showManagedFields ? object : withoutManagedFields(object);
    writeFileSync(path, shown === undefined ? '' : formatYaml(shown), { mode: 0o700 });
  }
}
