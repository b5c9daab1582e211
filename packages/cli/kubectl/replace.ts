import { isNotFound } from '@coxswain/machinery';
import { Failure, throwAll, withSource } from './error-text.ts';
import { lastApplied, lastAppliedOf, withLastApplied } from './last-applied.ts';
import { dryRunOf, ResultPrinter } from './print/printer.ts';
import { infosOfFiles } from './resource-builder.ts';
import type { Session } from './session.ts';
import { dryRunFlags, fileFlags, managerFlag, printFlags, validateFlags } from './shared-flags.ts';
import { fieldValidationOf } from './validation.ts';
import { kubectlCommand, type Verb } from './verb.ts';
import { waitGone } from './wait-gone.ts';

const verb: Verb = {
  usage: 'replace -f FILENAME',
  summary: 'Replace a resource by file name or stdin.',
  flags: {
    ...fileFlags,
    ...printFlags,
    ...dryRunFlags,
    ...validateFlags,
    ...managerFlag('kubectl-replace'),
    cascade: {
      type: 'string',
      default: 'background',
      bare: 'background',
      help: 'For --force: background, orphan or foreground',
    },
    force: { type: 'bool', default: 'false', help: 'Delete and create anew' },
    'grace-period': { type: 'int', default: '-1', help: 'For --force: seconds to go down in' },
    'save-config': { type: 'bool', default: 'false', help: 'Keep the configuration for apply' },
    subresource: { type: 'string', help: 'Subresource to replace' },
    timeout: { type: 'duration', default: '0s', help: 'For --force: longest wait for a deletion' },
    wait: { type: 'bool', default: 'false', help: 'Accepted for compatibility' },
  },
  run,
};

export const replace = kubectlCommand('replace', verb);

async function run(session: Session): Promise<number> {
  const { flags } = session;
  const filenames = flags.strings('filename');
  if (filenames.length === 0) throw new Failure('must specify one of -f and -k');
  const dryRun = dryRunOf(session);
  const printer = await ResultPrinter.of(session, dryRun);
  const rest = await session.rest();
  const subresource = flags.string('subresource');
  const query = {
    fieldManager: flags.string('field-manager'),
    fieldValidation: fieldValidationOf(session),
    dryRun: dryRun === 'server' ? 'All' : undefined,
  };
  const errors: unknown[] = [];
  for (const info of await infosOfFiles(session, filenames, flags.bool('recursive'))) {
    try {
      let object = info.object!;
      const keeps = flags.bool('save-config') || object.metadata.annotations?.[lastApplied] !== undefined;
      if (keeps) object = withLastApplied(object, lastAppliedOf(object));
      if (dryRun === 'client') {
        printer.print({ ...info, object }, 'replaced');
        continue;
      }
      const target = subresource ? { ...info, subresource } : info;
      if (flags.bool('force')) {
        const grace = flags.int('grace-period') ?? -1;
        await rest
          .delete(info, {
            propagationPolicy: 'Background',
            ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}),
          })
          .then(async () => {
            await waitGone(session, info, undefined, flags.duration('timeout') ?? 0);
            session.out(
              `${info.mapping.kind.toLowerCase()} "${info.name}" deleted${info.namespace === undefined ? '' : ` from ${info.namespace} namespace`}\n`,
            );
          })
          .catch((error: unknown) => {
            if (!isNotFound(error)) throw error;
          });
        const made = await rest.create({ mapping: info.mapping, namespace: info.namespace }, object, query);
        printer.print({ ...info, object: made }, 'replaced');
        continue;
      }
      if (info.name === '') throw new Failure('resource name may not be empty');
      const version = object.metadata.resourceVersion ?? (await rest.get(info)).metadata.resourceVersion;
      const body = {
        ...object,
        metadata: { ...object.metadata, ...(version === undefined ? {} : { resourceVersion: version }) },
      };
      printer.print({ ...info, object: await rest.replace(target, body, query) }, 'replaced');
    } catch (error) {
      errors.push(withSource(error, 'replacing', info.source));
    }
  }
  throwAll(errors);
  return 0;
}
