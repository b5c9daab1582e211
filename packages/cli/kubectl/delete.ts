import { isNotFound } from '@coxswain/machinery';
import { cascadeFlag, propagationOf } from './deletion-options.ts';
import { Failure, throwAll, withSource } from './error-text.ts';
import { type DryRun, dryRunOf, outputOf } from './print/printer.ts';
import { fileSources } from './read-files.ts';
import {
  builderOptions,
  fetchWanted,
  type Info,
  nameOf,
  noResources,
  resolveWanted,
  typeOf,
} from './resource-builder.ts';
import type { Session } from './session.ts';
import { dryRunFlags, fileFlags, selectorFlags } from './shared-flags.ts';
import { kubectlCommand, type Verb } from './verb.ts';
import { waitGone } from './wait-gone.ts';

const verb: Verb = {
  usage: 'delete ([-f FILENAME] | TYPE [(NAME | -l label | --all)])',
  summary: 'Delete resources by file names, stdin, resources and names, or by resources and label selector.',
  flags: {
    ...fileFlags,
    ...selectorFlags,
    ...dryRunFlags,
    all: { type: 'bool', default: 'false', help: 'All of the type' },
    'all-namespaces': { type: 'bool', shorthand: 'A', default: 'false', help: 'In all namespaces' },
    ...cascadeFlag,
    'field-selector': { type: 'string', help: 'Field selector' },
    force: { type: 'bool', default: 'false', help: 'Do not wait for the node to confirm' },
    'grace-period': { type: 'int', default: '-1', help: 'Seconds to go down in; -1: as the object says' },
    'ignore-not-found': { type: 'bool', default: 'false', help: 'What is not there counts as deleted' },
    interactive: { type: 'bool', shorthand: 'i', default: 'false', help: 'Ask first' },
    now: { type: 'bool', default: 'false', help: 'Go down in one second' },
    output: { type: 'string', shorthand: 'o', help: 'name prints resource/name alone' },
    raw: { type: 'string', help: 'DELETE this path' },
    timeout: { type: 'duration', default: '0s', help: 'Longest wait; 0: as long as it takes' },
    wait: { type: 'bool', default: 'true', help: 'Wait until all is gone' },
  },
  run,
};

export const deleteCommand = kubectlCommand('delete', verb);

async function run(session: Session): Promise<number> {
  const { flags } = session;
  const raw = flags.string('raw');
  if (raw !== undefined) {
    session.out(await (await session.rest()).raw('DELETE', raw));
    return 0;
  }
  const format = outputOf(session).format;
  if (format !== '' && format !== 'name')
    throw new Failure(`unexpected -o output mode: ${format}. We only support '-o name'`);
  const graceSeconds = graceOf(session);
  const propagationPolicy = propagationOf(session);
  const dryRun = dryRunOf(session);
  const infos = await wantedInfos(session);
  if (flags.bool('interactive') && !(await confirmed(session, infos))) return 0;
  const options = {
    propagationPolicy,
    ...(graceSeconds >= 0 ? { gracePeriodSeconds: graceSeconds } : {}),
    // In the body, for with one the server takes no notice of the query.
    ...(dryRun === 'server' ? { dryRun: ['All'] } : {}),
  };
  const quiet = flags.bool('ignore-not-found') || flags.bool('all') || Boolean(flags.string('selector'));
  const rest = await session.rest();
  const errors: unknown[] = [];
  const waited: { info: Info; uid: string | undefined }[] = [];
  let found = 0;
  for (const info of infos) {
    try {
      const answer: any = dryRun === 'client' ? {} : await rest.delete(info, options);
      found++;
      print(session, info, graceSeconds, dryRun);
      waited.push({ info, uid: answer.kind === 'Status' ? answer.details?.uid : answer.metadata?.uid });
    } catch (error) {
      if (!(quiet && isNotFound(error))) errors.push(withSource(error, 'deleting', info.source));
    }
  }
  if (found === 0 && errors.length === 0 && !flags.bool('ignore-not-found'))
    session.out('No resources found\n');
  throwAll(errors);
  if (flags.bool('wait') && dryRun === 'none') {
    const timeout = flags.duration('timeout') ?? 0;
    for (const { info, uid } of waited) {
      if (!info.mapping.verbs.includes('watch') || !info.mapping.verbs.includes('list')) continue;
      await waitGone(session, info, uid, timeout).catch((error: unknown) => errors.push(error));
    }
    throwAll(errors);
  }
  return 0;
}

async function wantedInfos(session: Session): Promise<Info[]> {
  const { flags, args } = session;
  if (args.length === 0 && fileSources(session) === undefined) {
    throw new Failure(noResources);
  }
  if (flags.bool('all') && flags.string('selector')) {
    throw new Failure('cannot set --all and --selector at the same time');
  }
  const wanted = await resolveWanted(session, builderOptions(session));
  if (wanted.selections.length === 0) return [...wanted.infos];
  const errors: unknown[] = [];
  const infos = await fetchWanted(session, wanted, errors);
  throwAll(errors);
  return infos;
}

function graceOf(session: Session): number {
  const { flags } = session;
  let grace = flags.int('grace-period') ?? -1;
  if (flags.bool('now')) {
    if (grace !== -1) throw new Failure('--now and --grace-period cannot be specified together');
    grace = 1;
  }
  if (flags.bool('force')) {
    if (grace < 0) grace = 0;
    if (grace > 0)
      throw new Failure('--force and --grace-period greater than 0 cannot be specified together');
    session.err(
      'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n',
    );
  } else if (grace === 0) grace = 1;
  return grace;
}

function print(session: Session, info: Info, grace: number, dryRun: DryRun): void {
  if (outputOf(session).format === 'name') {
    session.out(`${nameOf(info)}\n`);
    return;
  }
  const suffix = dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)';
  const place = info.namespace === undefined ? '' : ` from ${info.namespace} namespace`;
  const operation = grace === 0 ? 'force deleted' : 'deleted';
  session.out(`${typeOf(info.mapping)} "${info.name}" ${operation}${suffix}${place}\n`);
}

async function confirmed(session: Session, infos: readonly Info[]): Promise<boolean> {
  session.out(`You are about to delete the following ${infos.length} resource(s):\n`);
  for (const info of infos) session.out(`${nameOf(info)}\n`);
  session.out('Do you want to continue? (y/N): ');
  const { createInterface } = await import('node:readline');
  const lines = createInterface({ input: session.streams.in });
  for await (const line of lines) {
    lines.close();
    const yes = line.trim().toLowerCase() === 'y';
    if (!yes) session.out('deletion is cancelled\n');
    return yes;
  }
  return false;
}
