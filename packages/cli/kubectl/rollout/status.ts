import type { KubeObject } from '@coxswain/machinery';
import { Failure, throwAll } from '../error-text.ts';
import { fileSources } from '../read-files.ts';
import { builderOptions, fetchWanted, type Info, resolveWanted } from '../resource-builder.ts';
import type { Session } from '../session.ts';
import { fileFlags, selectorFlags } from '../shared-flags.ts';
import type { Verb } from '../verb.ts';
import { watchObject } from '../watch-object.ts';
import { rolloutState } from './status-text.ts';

export const status: Verb = {
  usage: 'rollout status (TYPE NAME | TYPE/NAME) [flags]',
  summary: 'Show the status of the rollout.',
  flags: {
    ...fileFlags,
    ...selectorFlags,
    revision: { type: 'int', default: '0', help: 'Fail unless this revision is rolled out' },
    timeout: { type: 'duration', default: '0s', help: 'Longest wait; 0: as long as it takes' },
    watch: { type: 'bool', shorthand: 'w', default: 'true', help: 'Wait until the rollout is over' },
  },
  run,
};

async function run(session: Session): Promise<number> {
  const { flags } = session;
  const revision = flags.int('revision') ?? 0;
  if (revision < 0) throw new Failure(`revision must be a positive integer: ${revision}`);
  if (session.args.length === 0 && fileSources(session) === undefined) {
    throw new Failure('required resource not specified');
  }
  const errors: unknown[] = [];
  const { all: _, ...options } = builderOptions(session);
  const infos = await fetchWanted(session, await resolveWanted(session, options), errors);
  throwAll(errors);
  if (infos.length === 0) session.err(`No resources found in ${await session.namespace()} namespace.\n`);
  for (const info of infos) {
    if (flags.bool('watch')) await follow(session, info, revision);
    else session.out(`${rolloutState(info.mapping.kind, info.object!, revision).text}\n`);
  }
  return 0;
}

async function follow(session: Session, info: Info, revision: number): Promise<void> {
  let last = '';
  const look = (object: KubeObject | undefined): boolean => {
    if (object === undefined) throw new Failure('object has been deleted');
    const { text, done } = rolloutState(info.mapping.kind, object, revision);
    if (text !== last) session.out(`${text}\n`);
    last = text;
    return done;
  };
  const done = await watchObject(session, info, look, session.flags.duration('timeout') ?? 0);
  if (!done) throw new Failure('timed out waiting for the condition');
}
