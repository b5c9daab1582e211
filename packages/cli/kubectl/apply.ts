import { Pruner, pruneFlags } from './apply/prune.ts';
import { cascadeFlag, propagationOf } from './deletion-options.ts';
import { Failure, throwAll } from './error-text.ts';
import { type DryRun, dryRunOf, ResultPrinter } from './print/printer.ts';
import { fileSources, readFiles } from './read-files.ts';
import { infoOf } from './resource-builder.ts';
import type { Session } from './session.ts';
import { dryRunFlags, fileFlags, printFlags, selectorFlags, validateFlags } from './shared-flags.ts';
import { kubectlCommand, type Verb } from './verb.ts';

const verb: Verb = {
  usage: 'apply -f FILENAME',
  summary: 'Apply a configuration to a resource by file name or stdin.',
  flags: {
    ...fileFlags,
    ...printFlags,
    ...dryRunFlags,
    ...validateFlags,
    ...selectorFlags,
    ...pruneFlags,
    all: { type: 'bool', default: 'false', help: 'With --prune: all that was applied, whatever its labels' },
    ...cascadeFlag,
    'field-manager': { type: 'string', help: 'Name of the field manager' },
    force: { type: 'bool', default: 'false', help: 'Delete and create anew what cannot be changed' },
    'force-conflicts': { type: 'bool', default: 'false', help: 'Take over fields of other managers' },
    'grace-period': { type: 'int', default: '-1', help: 'For --force: seconds to go down in' },
    'openapi-patch': { type: 'bool', default: 'true', help: 'Accepted for compatibility' },
    overwrite: { type: 'bool', default: 'true', help: 'Resolve conflicts in favour of the file' },
    'server-side': { type: 'bool', default: 'false', help: 'Let the server merge' },
    subresource: { type: 'string', help: 'Subresource to apply to, with --server-side' },
    timeout: { type: 'duration', default: '0s', help: 'For --force: longest wait for a deletion' },
    wait: { type: 'bool', default: 'false', help: 'For --force: wait for the deletion' },
  },
  subcommands: {
    'edit-last-applied': async () => (await import('./apply/edit-last-applied.ts')).editLastApplied,
    'set-last-applied': async () => (await import('./apply/last-applied-verbs.ts')).setLastApplied,
    'view-last-applied': async () => (await import('./apply/last-applied-verbs.ts')).viewLastApplied,
  },
  run,
};

export const apply = kubectlCommand('apply', verb);

async function run(session: Session): Promise<number> {
  const { flags, args } = session;
  if (args.length > 0) throw session.usage(`Unexpected args: [${args.join(' ')}]`);
  const files = fileSources(session);
  if (files === undefined) throw session.usage('must specify one of -f and -k');
  const serverSide = flags.bool('server-side');
  if (flags.bool('force-conflicts') && !serverSide) {
    throw session.usage('--force-conflicts only works with --server-side');
  }
  const dryRun = dryRunOf(session);
  if (dryRun === 'client' && serverSide) {
    throw new Failure(
      "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)",
    );
  }
  const pruneSelector = flags.string('selector') ?? '';
  if (flags.bool('all') && pruneSelector !== '') {
    throw new Failure('cannot set --all and --selector at the same time');
  }
  if (flags.bool('prune') && !flags.bool('all') && pruneSelector === '') {
    throw new Failure(
      'all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector',
    );
  }
  if (flags.bool('force') && serverSide) throw new Failure('--force cannot be used with --server-side');
  if (flags.bool('force') && dryRun === 'server') {
    throw new Failure('--dry-run=server cannot be used with --force');
  }
  const printer = await ResultPrinter.of(session, dryRun);
  const pruner = await Pruner.of(session);
  const sourced = await readFiles(session, files);
  const { applyClientSide } = serverSide
    ? { applyClientSide: undefined }
    : await import('./apply/client-side.ts');
  const { applyServerSide } = serverSide
    ? await import('./apply/server-side.ts')
    : { applyServerSide: undefined };
  const errors: unknown[] = [];
  const selected = await selectorOf(session);
  for (const each of sourced) {
    if (!selected(each.object.metadata.labels)) continue;
    try {
      const info = await infoOf(session, each);
      const done = await (applyServerSide ?? applyClientSide!)(session, info, dryRun);
      pruner?.keep(info, done.object);
      const name = done.object.metadata.name ?? info.name;
      printer.gather({ mapping: info.mapping, name, object: done.object }, done.operation);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 0 && sourced.length === 0) throw session.usage('no objects passed to apply');
  printer.printGathered();
  throwAll(errors);
  if (pruner !== undefined) await prune(session, pruner, dryRun, printer);
  return 0;
}

async function prune(
  session: Session,
  pruner: Pruner,
  dryRun: DryRun,
  printer: ResultPrinter,
): Promise<void> {
  const rest = await session.rest();
  const grace = session.flags.int('grace-period') ?? -1;
  const options = {
    propagationPolicy: propagationOf(session),
    ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}),
    ...(dryRun === 'server' ? { dryRun: ['All'] } : {}),
  };
  for await (const info of pruner.abandoned()) {
    if (dryRun !== 'client') await rest.delete(info, options);
    printer.print(info, 'pruned');
  }
}

async function selectorOf(
  session: Session,
): Promise<(labels: Record<string, string> | undefined) => boolean> {
  const text = session.flags.string('selector') ?? '';
  if (text === '') return () => true;
  const { parseLabelSelector } = await import('@coxswain/machinery');
  const selector = parseLabelSelector(text);
  return (labels) => selector.matches(labels);
}
