import { isAlreadyExists, isConflict, isNotFound, type KubeObject } from '@coxswain/machinery';
import { Failure, throwAll } from '../error-text.ts';
import { dryRunOf, ResultPrinter } from '../print/printer.ts';
import { requiredFiles } from '../read-files.ts';
import { type Info, infosOfFiles } from '../resource-builder.ts';
import type { Session } from '../session.ts';
import { dryRunFlags, fileFlags, printFlags } from '../shared-flags.ts';
import type { Verb } from '../verb.ts';
import { type Reconciled, reconcileBinding, reconcileRole } from './reconciled.ts';

/** How often an object that comes and goes while it is reconciled is looked at anew. */
const maxAttempts = 3;

export const reconcile: Verb = {
  usage: 'auth reconcile -f FILENAME',
  summary: 'Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects.',
  flags: {
    ...fileFlags,
    ...printFlags,
    ...dryRunFlags,
    'remove-extra-permissions': {
      type: 'bool',
      default: 'false',
      help: 'Take away what the file does not allow',
    },
    'remove-extra-subjects': {
      type: 'bool',
      default: 'false',
      help: 'Take away subjects that the file lacks',
    },
  },
  run,
};

async function run(session: Session): Promise<number> {
  const files = requiredFiles(session);
  if (session.args.length > 0) throw new Failure('no arguments are allowed');
  const dryRun = dryRunOf(session);
  if (dryRun === 'server') throw new Failure('--dry-run=server for command reconcile is not supported yet');
  const printer = await ResultPrinter.of(session, dryRun);
  const errors: unknown[] = [];
  for (const info of await infosOfFiles(session, files)) {
    const { group, version, kind } = info.mapping;
    if (group !== 'rbac.authorization.k8s.io') continue;
    try {
      if (version !== 'v1') {
        throw new Failure(`only rbac.authorization.k8s.io/v1 is supported: not *${version}.${kind}`);
      }
      const result = await reconcileOne(session, info, dryRun === 'client');
      printer.print({ ...info, object: result.object }, 'reconciled');
      session.err(report(session, result));
    } catch (error) {
      errors.push(error);
    }
  }
  throwAll(errors);
  return 0;
}

async function reconcileOne(session: Session, info: Info, dryRun: boolean): Promise<Reconciled> {
  const rest = await session.rest();
  const { flags } = session;
  const expected = info.object as KubeObject;
  const place = { mapping: info.mapping, namespace: info.namespace };
  for (let attempt = 0; ; attempt++) {
    const existing = await rest.get(info).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    const result = info.mapping.kind.endsWith('Binding')
      ? reconcileBinding(existing, expected, flags.bool('remove-extra-subjects'))
      : await reconcileRole(existing, expected, flags.bool('remove-extra-permissions'));
    if (result.protected || dryRun || result.operation === 'none') return result;
    try {
      if (result.operation === 'update')
        return { ...result, object: await rest.replace(info, result.object) };
      if (result.operation === 'recreate') {
        await rest
          .delete(info, { preconditions: { uid: existing?.metadata.uid } })
          .catch((error: unknown) => {
            if (!isNotFound(error)) throw error;
          });
      }
      if (info.namespace !== undefined) await ensureNamespace(session, info.namespace);
      return { ...result, object: await rest.create(place, result.object) };
    } catch (error) {
      const again =
        isNotFound(error) || isAlreadyExists(error) || (isConflict(error) && result.operation === 'recreate');
      if (!again) throw error;
      if (attempt >= maxAttempts) throw new Failure('exceeded maximum attempts', { cause: error });
    }
  }
}

async function ensureNamespace(session: Session, name: string): Promise<void> {
  const mapping = { group: '', version: 'v1', resource: 'namespaces' };
  const rest = await session.rest();
  try {
    await rest.create({ mapping }, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

function report(session: Session, result: Reconciled): string {
  if (result.operation === 'none') return '';
  const caveat = result.protected
    ? ', but object opted out (rbac.authorization.kubernetes.io/autoupdate: false)'
    : '';
  const { flags } = session;
  const part = (title: string, items: readonly object[], fields: readonly string[]): string =>
    items.length === 0
      ? ''
      : `\t${title}:\n${items.map((item) => `\t\t${goStruct(item, fields)}\n`).join('')}`;
  const subject = ['Kind', 'APIGroup', 'Name', 'Namespace'];
  const rule = ['Verbs', 'APIGroups', 'Resources', 'ResourceNames', 'NonResourceURLs'];
  return [
    `\treconciliation required ${result.operation}${caveat}\n`,
    part('missing subjects added', result.missingSubjects, subject),
    flags.bool('remove-extra-subjects') ? part('extra subjects removed', result.extraSubjects, subject) : '',
    part('missing rules added', result.missingRules, rule),
    flags.bool('remove-extra-permissions') ? part('extra rules removed', result.extraRules, rule) : '',
  ].join('');
}

/** The fields of a Go structure as `%+v` prints them. */
function goStruct(item: object, fields: readonly string[]): string {
  const byName = new Map(Object.entries(item).map(([name, value]) => [name.toLowerCase(), value]));
  const parts = fields.map((field) => {
    const value = byName.get(field.toLowerCase());
    const list = field.endsWith('s');
    return `${field}:${list ? `[${(value ?? []).join(' ')}]` : (value ?? '')}`;
  });
  return `{${parts.join(' ')}}`;
}
