import { formatTime, type KubeObject } from '@coxswain/machinery';
import { Failure } from '../error-text.ts';
import { ResultPrinter } from '../print/printer.ts';
import { fileSources } from '../read-files.ts';
import { builderOptions, type Info, visit } from '../resource-builder.ts';
import type { Session } from '../session.ts';
import { fileFlags, managerFlag, printFlags, selectorFlags } from '../shared-flags.ts';
import type { Verb } from '../verb.ts';

interface Patching {
  readonly name: string;
  readonly summary: string;
  readonly done: string;
  /** What to merge into the object; throws `Failure` where it does not apply. */
  readonly patch: (session: Session, info: Info & { readonly object: KubeObject }) => object;
}

const mergeType = 'application/strategic-merge-patch+json';

function patchingVerb({ name, summary, done, patch }: Patching): Verb {
  return {
    usage: `rollout ${name} RESOURCE`,
    summary,
    flags: { ...fileFlags, ...printFlags, ...selectorFlags, ...managerFlag('kubectl-rollout') },
    run: async (session) => {
      if (session.args.length === 0 && fileSources(session) === undefined) {
        throw new Failure('required resource not specified');
      }
      const printer = await ResultPrinter.of(session);
      const rest = await session.rest();
      const { all: _, ...options } = builderOptions(session);
      const count = await visit(session, options, async (info) => {
        const body = patch(session, info);
        const object = await rest.patch(info, mergeType, body, {
          fieldManager: session.flags.string('field-manager'),
        });
        printer.print({ ...info, object }, done);
      });
      if (count === 0) session.err(`No resources found in ${await session.namespace()} namespace.\n`);
      return 0;
    },
  };
}

export const restart = patchingVerb({
  name: 'restart',
  summary: 'Restart a resource.',
  done: 'restarted',
  patch: (session, info) => {
    const { kind } = info.mapping;
    if (!['Deployment', 'DaemonSet', 'StatefulSet'].includes(kind)) {
      throw new Failure(`${about(info)} restarting is not supported`);
    }
    if (kind === 'Deployment' && info.object['spec']?.paused) {
      throw new Failure(`can't restart paused deployment (run rollout resume first)`);
    }
    const annotations = { 'kubectl.kubernetes.io/restartedAt': formatTime(session.clock.now()) };
    return { spec: { template: { metadata: { annotations } } } };
  },
});

export const pause = patchingVerb({
  name: 'pause',
  summary: 'Mark the provided resource as paused.',
  done: 'paused',
  patch: (_, info) => {
    if (info.mapping.kind !== 'Deployment') throw new Failure(`${about(info)} pausing is not supported`);
    if (info.object['spec']?.paused) throw new Failure(`${about(info)} is already paused`);
    return { spec: { paused: true } };
  },
});

export const resume = patchingVerb({
  name: 'resume',
  summary: 'Resume a paused resource.',
  done: 'resumed',
  patch: (_, info) => {
    if (info.mapping.kind !== 'Deployment') throw new Failure(`${about(info)} resuming is not supported`);
    if (!info.object['spec']?.paused) throw new Failure(`${about(info)} is not paused`);
    return { spec: { paused: null } };
  },
});

function about({ mapping, name }: Info): string {
  const type = mapping.group === '' ? mapping.resource : `${mapping.resource}.${mapping.group}`;
  return `${type} "${name}"`;
}
