import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  DataDirError,
  restoreSnapshot,
  SnapshotError,
  type SnapshotSummary,
  saveSnapshot,
  snapshotStatus,
} from '@coxswain/store';
import { CliError, UsageError } from '../cli-error.ts';
import type { Command, CommandContext } from '../command.ts';
import type { Flags } from '../flags.ts';
import { clusterDir, localFlags } from '../local-cluster.ts';

const usage = 'snapshot save|restore|status FILE';

/**
 * What may lie in a data dir before its store is restored: certificates, without which agents are strangers, and what
 * a restoring that was killed has left behind.
 */
const mayBeThere = /^(?:pki|admin\.kubeconfig|\.store\.restoring-.*)$/;

export const snapshot: Command = {
  usage,
  flags: {
    ...localFlags,
    'data-dir': {
      type: 'string',
      help: "Data dir of the server; that of the local cluster's when absent (save)",
    },
    'bump-revision': {
      type: 'int',
      default: '0',
      help: 'Raise the revision by so much, so that no client takes what is written anew for what was lost (restore)',
    },
    output: { type: 'string', shorthand: 'o', help: 'json: the summary as JSON' },
  },
  takesArguments: true,
  async run(context) {
    const [verb = '', path, ...more] = context.flags.args;
    const output = context.flags.string('output');
    if (output !== undefined && output !== 'json')
      throw new UsageError(`error: --output "${output}" is not "json"`);
    const work = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
    if (work === undefined || path === undefined || more.length > 0)
      throw new UsageError(`error: usage: cox ${usage}`);
    try {
      work(context, path);
    } catch (error) {
      throw worded(error, verb, path);
    }
    return 0;
  },
};

const verbs: Readonly<Record<string, (context: CommandContext, path: string) => void>> = {
  save({ flags, streams }, path) {
    const dataDir = flags.string('data-dir') ?? join(clusterDir(flags), 'server');
    const summary = saveSnapshot(join(dataDir, 'store'), path);
    tell({ flags, streams }, summary, `Snapshot saved at ${path}`);
  },
  restore({ flags, streams }, path) {
    const dataDir = flags.string('data-dir');
    if (dataDir === undefined)
      throw new UsageError('error: --data-dir is missing: it says where the snapshot is restored to');
    const bumpRevision = flags.int('bump-revision') as number;
    if (bumpRevision < 0) throw new UsageError(`error: --bump-revision "${bumpRevision}" is less than 0`);
    refuseUsed(dataDir);
    const summary = restoreSnapshot(path, join(dataDir, 'store'), { bumpRevision });
    tell({ flags, streams }, summary, `Snapshot restored to ${dataDir}`);
  },
  status(context, path) {
    tell(context, snapshotStatus(path));
  },
};

function refuseUsed(dataDir: string): void {
  const found = existsSync(dataDir) ? readdirSync(dataDir).filter((name) => !mayBeThere.test(name)) : [];
  if (found.length === 0) return;
  throw new CliError(
    `error: the data dir "${dataDir}" is not empty (it holds "${found[0]}"): a snapshot is restored only into a new one`,
  );
}

function tell(
  { flags, streams }: { readonly flags: Flags; readonly streams: CommandContext['streams'] },
  summary: SnapshotSummary,
  headline?: string,
): void {
  const { revision, keys, bytes, hash } = summary;
  if (flags.string('output') === 'json') {
    streams.out.write(`${JSON.stringify({ hash, revision, totalKey: keys, totalSize: bytes })}\n`);
    return;
  }
  if (headline !== undefined) streams.out.write(`${headline}\n`);
  streams.out.write(`revision ${revision}, ${keys} keys, ${bytes} bytes, sha256 ${hash}\n`);
}

function worded(error: unknown, verb: string, path: string): unknown {
  if (error instanceof SnapshotError) {
    const why = error.message.replace('read the snapshot: ', '');
    return new CliError(`error: "${path}" is not a whole snapshot: ${why}`, 1, { cause: error });
  }
  if (error instanceof DataDirError) return new CliError(`error: ${error.message}`, 1, { cause: error });
  if ((error as NodeJS.ErrnoException).syscall === undefined) return error;
  return new CliError(`error: snapshot ${verb} "${path}": ${(error as Error).message}`, 1, { cause: error });
}
