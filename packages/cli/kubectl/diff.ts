import { isConflict, isNotFound, type KubeObject } from '@coxswain/machinery';
import { warnIfDeleting } from './apply/client-side.ts';
import { Pruner, pruneFlags } from './apply/prune.ts';
import { DiffFolders } from './diff/diff-folders.ts';
import { mergedObject } from './diff/merged-object.ts';
import { Failure } from './error-text.ts';
import { requiredFiles } from './read-files.ts';
import { type Info, infosOfFiles } from './resource-builder.ts';
import type { Session } from './session.ts';
import { fileFlags, selectorFlags } from './shared-flags.ts';
import { kubectlCommand, type Verb } from './verb.ts';

/** kubectl's: after so many conflicts the object is compared without a lock on its version. */
const maxAttempts = 4;

const verb: Verb = {
  usage: 'diff -f FILENAME',
  summary:
    'Diff configurations specified by file name or stdin between the current online configuration, and the configuration as it would be if applied.',
  // 1 says that there are differences.
  failureCode: 2,
  flags: {
    ...fileFlags,
    ...selectorFlags,
    ...pruneFlags,
    concurrency: { type: 'int', default: '1', help: 'How many objects to compare at once' },
    'field-manager': { type: 'string', help: 'Name of the field manager' },
    'force-conflicts': { type: 'bool', default: 'false', help: 'Take over fields of other managers' },
    'server-side': { type: 'bool', default: 'false', help: 'Let the server merge' },
    'show-managed-fields': { type: 'bool', default: 'false', help: 'Keep managedFields' },
    'show-secrets': { type: 'bool', default: 'false', help: 'Show the values of secrets' },
  },
  run,
};

export const diff = kubectlCommand('diff', verb);

async function run(session: Session): Promise<number> {
  const { flags, args } = session;
  if (args.length > 0) throw session.usage(`Unexpected args: [${args.join(' ')}]`);
  const files = requiredFiles(session);
  if (flags.bool('force-conflicts') && !flags.bool('server-side')) {
    throw new Failure('--force-conflicts only works with --server-side');
  }
  const pruner = await Pruner.of(session);
  const selected = await selectorOf(session);
  const folders = new DiffFolders({
    showManagedFields: flags.bool('show-managed-fields'),
    showSecrets: flags.bool('show-secrets'),
  });
  try {
    const infos = (await infosOfFiles(session, files)).filter(({ object }) => selected(object!));
    await inParallel(infos, Math.max(1, flags.int('concurrency') ?? 1), async (info) => {
      const { live, merged } = await compare(session, info);
      pruner?.keep(info, live);
      folders.add(info, live, merged);
      if (live !== undefined) warnIfDeleting(session, live);
    });
    if (pruner !== undefined) {
      for await (const info of pruner.abandoned()) folders.add(info, info.object, undefined);
    }
    return await folders.compare(session);
  } finally {
    folders.remove();
  }
}

async function selectorOf(session: Session): Promise<(object: KubeObject) => boolean> {
  const { parseLabelSelector } = await import('@coxswain/machinery');
  const selector = parseLabelSelector(session.flags.string('selector') ?? '');
  return (object) => selector.matches(object.metadata.labels);
}

async function compare(
  session: Session,
  info: Info,
): Promise<{ live: KubeObject | undefined; merged: KubeObject }> {
  const rest = await session.rest();
  for (let attempt = 1; ; attempt++) {
    const live = await rest.get(info).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    const force = attempt === maxAttempts;
    if (force)
      session.err(`W Object (${info.object?.kind}: ${info.name}) keeps changing, diffing without lock\n`);
    try {
      return { live, merged: await mergedObject(session, info, live, force) };
    } catch (error) {
      if (!isConflict(error) || force) throw error;
    }
  }
}

async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of left) await work(item);
    }),
  );
}
