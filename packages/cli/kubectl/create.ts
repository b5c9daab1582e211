import type { KubeObject } from '@coxswain/machinery';
import { createQuery } from './create/generator.ts';
import { editorFlags } from './edit/editor.ts';
import { throwAll, withSource } from './error-text.ts';
import { lastAppliedOf, withLastApplied } from './last-applied.ts';
import { dryRunOf, ResultPrinter } from './print/printer.ts';
import { fileSources, rawBody, readFiles } from './read-files.ts';
import { type Info, infoOf } from './resource-builder.ts';
import type { Session } from './session.ts';
import {
  dryRunFlags,
  fileFlags,
  managerFlag,
  printFlags,
  selectorFlags,
  validateFlags,
} from './shared-flags.ts';
import { kubectlCommand, type Verb } from './verb.ts';

const service = async (): Promise<Verb> => (await import('./create/service.ts')).service;
const deployment = async (): Promise<Verb> => (await import('./create/deployment.ts')).deployment;
const configMap = async (): Promise<Verb> => (await import('./create/config-map.ts')).configMap;
const namespace = async (): Promise<Verb> => (await import('./create/simple.ts')).namespace;
const serviceAccount = async (): Promise<Verb> => (await import('./create/simple.ts')).serviceAccount;
const quota = async (): Promise<Verb> => (await import('./create/simple.ts')).quota;
const budget = async (): Promise<Verb> => (await import('./create/simple.ts')).podDisruptionBudget;
const priorityClass = async (): Promise<Verb> => (await import('./create/simple.ts')).priorityClass;

const verb: Verb = {
  usage: 'create -f FILENAME',
  summary: 'Create a resource from a file or from stdin.',
  flags: {
    ...fileFlags,
    ...printFlags,
    ...dryRunFlags,
    ...validateFlags,
    ...selectorFlags,
    ...managerFlag('kubectl-create'),
    ...editorFlags,
    edit: { type: 'bool', default: 'false', help: 'Edit the objects before they are created' },
    raw: { type: 'string', help: 'POST the file to this path' },
    'save-config': { type: 'bool', default: 'false', help: 'Keep the configuration for apply' },
  },
  subcommands: {
    clusterrole: async () => (await import('./create/role.ts')).clusterRole,
    clusterrolebinding: async () => (await import('./create/role-binding.ts')).clusterRoleBinding,
    cm: configMap,
    configmap: configMap,
    cj: async () => (await import('./create/job.ts')).cronJob,
    cronjob: async () => (await import('./create/job.ts')).cronJob,
    deploy: deployment,
    deployment,
    ing: async () => (await import('./create/ingress.ts')).ingress,
    ingress: async () => (await import('./create/ingress.ts')).ingress,
    job: async () => (await import('./create/job.ts')).job,
    namespace,
    ns: namespace,
    pdb: budget,
    poddisruptionbudget: budget,
    pc: priorityClass,
    priorityclass: priorityClass,
    quota,
    resourcequota: quota,
    role: async () => (await import('./create/role.ts')).role,
    rolebinding: async () => (await import('./create/role-binding.ts')).roleBinding,
    sa: serviceAccount,
    secret: async () => (await import('./create/secret.ts')).secret,
    service,
    serviceaccount: serviceAccount,
    svc: service,
    token: async () => (await import('./create/token.ts')).token,
  },
  plugins: true,
  run,
};

export const create = kubectlCommand('create', verb);

async function run(session: Session): Promise<number> {
  const { flags, args } = session;
  const files = fileSources(session);
  if (files === undefined) throw session.usage('must specify one of -f and -k');
  if (args.length > 0) throw session.usage(`Unexpected args: [${args.join(' ')}]`);
  const raw = flags.string('raw');
  const rest = await session.rest();
  if (raw !== undefined) {
    session.out(await rest.raw('POST', raw, await rawBody(session, files)));
    return 0;
  }
  const dryRun = dryRunOf(session);
  const printer = await ResultPrinter.of(session, dryRun);
  const errors: unknown[] = [];
  for (const sourced of await readFiles(session, files)) {
    try {
      const info = (await infoOf(session, sourced)) as Info & { readonly object: KubeObject };
      const make = async (object: KubeObject): Promise<void> => {
        const body = flags.bool('save-config') ? withLastApplied(object, lastAppliedOf(object)) : object;
        const { mapping, namespace } = info;
        const made =
          dryRun === 'client'
            ? body
            : await rest.create({ mapping, namespace }, body, createQuery(session, dryRun));
        printer.print({ mapping, name: made.metadata.name ?? '', object: made }, 'created');
      };
      if (flags.bool('edit')) {
        const { editObjects } = await import('./edit/edit-loop.ts');
        await editObjects(session, [{ info, save: make }]);
      } else await make(info.object);
    } catch (error) {
      errors.push(withSource(error, 'creating', sourced.source));
    }
  }
  throwAll(errors);
  return 0;
}
