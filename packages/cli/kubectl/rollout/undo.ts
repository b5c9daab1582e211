import { type KubeObject, writeJson } from '@coxswain/machinery';
import { Failure } from '../error-text.ts';
import { dryRunOf, ResultPrinter } from '../print/printer.ts';
import { fileSources } from '../read-files.ts';
import { builderOptions, type Info, visit } from '../resource-builder.ts';
import type { Session } from '../session.ts';
import { dryRunFlags, fileFlags, printFlags, selectorFlags } from '../shared-flags.ts';
import type { Verb } from '../verb.ts';
import { type Revision, revisionsOf } from './revisions.ts';

export const undo: Verb = {
  usage: 'rollout undo (TYPE NAME | TYPE/NAME) [flags]',
  summary: 'Roll back to a previous rollout.',
  flags: {
    ...fileFlags,
    ...printFlags,
    ...dryRunFlags,
    ...selectorFlags,
    'to-revision': { type: 'int', default: '0', help: 'Revision to go back to; 0: the last one' },
  },
  run: async (session) => {
    if (session.args.length === 0 && fileSources(session) === undefined) {
      throw new Failure('required resource not specified');
    }
    const dryRun = dryRunOf(session);
    const printer = await ResultPrinter.of(session, dryRun);
    const { all: _, ...options } = builderOptions(session);
    await visit(session, options, async (info) => {
      const result = await rollBack(
        session,
        info,
        dryRun === 'server' ? { dryRun: 'All' } : {},
        dryRun === 'client',
      );
      printer.print(info, result);
    });
    return 0;
  },
};

/** Annotations that belong to the deployment, not to one of its revisions. */
const keptAnnotations = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deployment.kubernetes.io/revision',
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
]);

async function rollBack(
  session: Session,
  info: Info & { object: KubeObject },
  query: Record<string, string>,
  client: boolean,
): Promise<string> {
  const to = session.flags.int('to-revision') ?? 0;
  if (to < 0) throw new Failure(`revision number cannot be negative: ${to}`);
  const revisions = await revisionsOf(session, info);
  const target = chosen(revisions, to);
  const rest = await session.rest();
  const { kind, resource, group } = info.mapping;
  if (kind !== 'Deployment') {
    if (!client)
      await rest.patch(info, 'application/strategic-merge-patch+json', target.keeper['data'], query);
    return 'rolled back';
  }
  if (info.object['spec'].paused) {
    throw new Failure(
      `you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again`,
    );
  }
  const template = withoutHash(target.template);
  const current = withoutHash(info.object['spec'].template);
  if (writeJson(template) === writeJson(current)) {
    return `skipped rollback (current template already matches revision ${to})`;
  }
  const annotations: Record<string, string> = {};
  for (const [key, value] of Object.entries(info.object.metadata.annotations ?? {})) {
    if (keptAnnotations.has(key)) annotations[key] = value;
  }
  for (const [key, value] of Object.entries(target.keeper.metadata.annotations ?? {})) {
    if (!keptAnnotations.has(key)) annotations[key] = value;
  }
  const operations = [
    { op: 'replace', path: '/spec/template', value: template },
    { op: 'replace', path: '/metadata/annotations', value: annotations },
  ];
  if (!client) {
    await rest.patch(info, 'application/json-patch+json', operations, query).catch((error: Error) => {
      throw new Failure(`failed restoring revision ${to}: ${error.message}`, {
        cause: { resource, group, error },
      });
    });
  }
  return 'rolled back';
}

function chosen(revisions: readonly Revision[], to: number): Revision {
  if (to > 0) {
    const found = revisions.find(({ number }) => number === to);
    if (found === undefined) throw new Failure(`unable to find specified revision ${to} in history`);
    return found;
  }
  const last = revisions.at(-2);
  if (last === undefined) throw new Failure('no rollout history found for deployment');
  return last;
}

/** The template without the label that the controller adds. */
function withoutHash(template: any): any {
  const { 'pod-template-hash': _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}
