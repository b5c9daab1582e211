import { isNotFound, type KubeObject } from '@coxswain/machinery';
import { cascadeFlag, propagationOf } from './deletion-options.ts';
import { Failure, throwAll, withSource } from './error-text.ts';
import { lastApplied, lastAppliedOf, withLastApplied } from './last-applied.ts';
import { type DryRun, dryRunOf, outputOf, ResultPrinter } from './print/printer.ts';
import { rawBody, readFiles, requiredFiles } from './read-files.ts';
import { type Info, infoOf, nameOf, typeOf } from './resource-builder.ts';
import type { Session } from './session.ts';
import { dryRunFlags, fileFlags, managerFlag, printFlags, validateFlags } from './shared-flags.ts';
import { fieldValidationOf } from './validation.ts';
import { kubectlCommand, type Verb } from './verb.ts';
import { waitGone } from './wait-gone.ts';

/** kubectl's: how long `--force` waits for an object to be gone when no other time is given. */
const goneTimeoutMs = 5 * 60_000;

const verb: Verb = {
  usage: 'replace -f FILENAME',
  summary: 'Replace a resource by file name or stdin.',
  flags: {
    ...fileFlags,
    ...printFlags,
    ...dryRunFlags,
    ...validateFlags,
    ...cascadeFlag,
    ...managerFlag('kubectl-replace'),
    force: { type: 'bool', default: 'false', help: 'Delete and create anew' },
    'grace-period': { type: 'int', default: '-1', help: 'For --force: seconds to go down in' },
    raw: { type: 'string', help: 'PUT the file to this path' },
    'save-config': { type: 'bool', default: 'false', help: 'Keep the configuration for apply' },
    subresource: { type: 'string', help: 'Subresource to replace' },
    timeout: { type: 'duration', default: '0s', help: 'For --force: longest wait for a deletion' },
    wait: { type: 'bool', default: 'false', help: 'For --force: wait until all is gone' },
  },
  run,
};

export const replace = kubectlCommand('replace', verb);

async function run(session: Session): Promise<number> {
  const { flags } = session;
  const files = requiredFiles(session);
  const force = flags.bool('force');
  if ((flags.int('grace-period') ?? -1) >= 0 && !force) {
    throw new Failure('--grace-period must have --force specified');
  }
  if (flags.duration('timeout') !== 0 && !force) throw new Failure('--timeout must have --force specified');
  const rest = await session.rest();
  const raw = flags.string('raw');
  if (raw !== undefined) {
    session.out(await rest.raw('PUT', raw, await rawBody(session, files)));
    return 0;
  }
  const dryRun = dryRunOf(session);
  const printer = await ResultPrinter.of(session, dryRun);
  const errors: unknown[] = [];
  const infos: Info[] = [];
  for (const sourced of await readFiles(session, files)) infos.push(await infoOf(session, sourced));
  if (force) {
    await deleteAll(session, infos);
    for (const info of infos) {
      const place = { mapping: info.mapping, namespace: info.namespace };
      const object = await rest.create(place, withConfiguration(session, info), queryOf(session, dryRun));
      printer.print({ ...info, object }, 'replaced');
    }
    if (infos.length === 0) throw new Failure('no objects passed to replace');
    return 0;
  }
  for (const info of infos) {
    try {
      const object = withConfiguration(session, info);
      if (dryRun !== 'client') await replaceOne(session, { ...info, object }, dryRun, printer);
      else printer.print({ ...info, object }, 'replaced');
    } catch (error) {
      errors.push(withSource(error, 'replacing', info.source));
    }
  }
  throwAll(errors);
  return 0;
}

function queryOf(session: Session, dryRun: DryRun): Record<string, string | undefined> {
  return {
    fieldManager: session.flags.string('field-manager'),
    fieldValidation: fieldValidationOf(session),
    dryRun: dryRun === 'server' ? 'All' : undefined,
  };
}

function withConfiguration(session: Session, info: Info): KubeObject {
  const object = info.object as KubeObject;
  const keeps = session.flags.bool('save-config') || object.metadata.annotations?.[lastApplied] !== undefined;
  return keeps ? withLastApplied(object, lastAppliedOf(object)) : object;
}

async function replaceOne(
  session: Session,
  info: Info & { readonly object: KubeObject },
  dryRun: DryRun,
  printer: ResultPrinter,
): Promise<void> {
  if (info.name === '') throw new Failure('resource name may not be empty');
  const rest = await session.rest();
  const subresource = session.flags.string('subresource');
  const target = subresource ? { ...info, subresource } : info;
  const { metadata } = info.object;
  const version = metadata.resourceVersion ?? (await rest.get(target)).metadata.resourceVersion;
  const body = {
    ...info.object,
    metadata: { ...metadata, ...(version === undefined ? {} : { resourceVersion: version }) },
  };
  const object = await rest.replace(target, body, queryOf(session, dryRun));
  printer.print({ ...info, object }, 'replaced');
}

/** Deletes what is there, and waits until it is gone. */
async function deleteAll(session: Session, infos: readonly Info[]): Promise<void> {
  const rest = await session.rest();
  const { flags } = session;
  // A grace period of none could leave two of one pod running: the least is a second.
  const grace = flags.int('grace-period') === 0 ? 1 : (flags.int('grace-period') ?? -1);
  const options = {
    propagationPolicy: propagationOf(session),
    ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}),
  };
  const deleted: Info[] = [];
  for (const info of infos) {
    try {
      await rest.delete(info, options);
    } catch (error) {
      if (isNotFound(error)) continue;
      throw error;
    }
    deleted.push(info);
    const place = info.namespace === undefined ? '' : ` from ${info.namespace} namespace`;
    session.out(
      outputOf(session).format === 'name'
        ? `${nameOf(info)}\n`
        : `${typeOf(info.mapping)} "${info.name}" deleted${place}\n`,
    );
  }
  for (const info of deleted) {
    await waitGone(session, info, undefined, flags.duration('timeout') || goneTimeoutMs);
  }
}
