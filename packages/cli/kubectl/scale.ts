import { newStatusError } from '@coxswain/machinery';
import { Failure, throwAll } from './error-text.ts';
import { dryRunOf, ResultPrinter } from './print/printer.ts';
import { builderOptions, fetchWanted, resolveWanted } from './resource-builder.ts';
import type { Session } from './session.ts';
import { dryRunFlags, fileFlags, printFlags, selectorFlags } from './shared-flags.ts';
import { kubectlCommand, type Verb } from './verb.ts';

const verb: Verb = {
  usage:
    'scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)',
  summary: 'Set a new size for a deployment, replica set, replication controller, or stateful set.',
  required: ['replicas'],
  flags: {
    ...fileFlags,
    ...printFlags,
    ...dryRunFlags,
    ...selectorFlags,
    all: { type: 'bool', default: 'false', help: 'All of the type' },
    'current-replicas': { type: 'int', default: '-1', help: 'Scale only when this is the size now' },
    replicas: { type: 'int', default: '0', help: 'The new size' },
    'resource-version': { type: 'string', help: 'Scale only when this is the version now' },
    timeout: { type: 'duration', default: '0s', help: 'Wait this long for the pods; 0: do not wait' },
  },
  run,
};

export const scale = kubectlCommand('scale', verb);

async function run(session: Session): Promise<number> {
  const { flags } = session;
  const replicas = flags.int('replicas') ?? 0;
  if (replicas < 0)
    throw new Failure('The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0');
  const current = flags.int('current-replicas') ?? -1;
  if (current < -1) throw new Failure('The --current-replicas must specify an integer of -1 or greater');
  const dryRun = dryRunOf(session);
  const printer = await ResultPrinter.of(session, dryRun);
  const rest = await session.rest();
  const errors: unknown[] = [];
  const infos = await fetchWanted(session, await resolveWanted(session, builderOptions(session)), errors);
  if (infos.length === 0) {
    const why = errors.map((error) => ` ${(error as Error).message}`).join('');
    throw new Failure(`no objects passed to scale${why}`);
  }
  const version = flags.string('resource-version') ?? '';
  for (const info of infos) {
    try {
      if (!info.mapping.subresources.includes('scale')) {
        throw newStatusError({
          code: 404,
          reason: 'NotFound',
          message: 'the server could not find the requested resource',
        });
      }
      const target = { ...info, subresource: 'scale' };
      const query = dryRun === 'server' ? { dryRun: 'All' } : {};
      if (dryRun !== 'client') {
        if (current === -1 && version === '') {
          await rest.patch(target, 'application/merge-patch+json', { spec: { replicas } }, query);
        } else await scaleIf(session, target, replicas, current, version, query);
        const timeout = flags.duration('timeout') ?? 0;
        if (timeout > 0) await untilScaled(session, target, replicas, timeout);
      }
      printer.print(info, 'scaled');
    } catch (error) {
      errors.push(error);
    }
  }
  throwAll(errors);
  return 0;
}

type ScaleTarget = Parameters<Awaited<ReturnType<Session['rest']>>['get']>[0];

async function scaleIf(
  session: Session,
  target: ScaleTarget,
  replicas: number,
  current: number,
  version: string,
  query: Record<string, string>,
): Promise<void> {
  const rest = await session.rest();
  const scale = await rest.get(target);
  const size = scale['spec']?.replicas ?? 0;
  if (current !== -1 && size !== current) {
    throw new Failure(`Expected replicas to be ${current}, was ${size}`);
  }
  if (version !== '' && scale.metadata.resourceVersion !== version) {
    throw new Failure(`Expected resource version to be ${version}, was ${scale.metadata.resourceVersion}`);
  }
  await rest.replace(target, { ...scale, spec: { ...scale['spec'], replicas } }, query);
}

async function untilScaled(
  session: Session,
  target: ScaleTarget,
  replicas: number,
  timeoutMs: number,
): Promise<void> {
  const rest = await session.rest();
  const end = session.clock.monotonic() + timeoutMs;
  for (;;) {
    const scale = await rest.get(target);
    if (scale['spec']?.replicas === replicas && (scale['status']?.replicas ?? 0) === replicas) return;
    if (session.clock.monotonic() > end) throw new Failure('timed out waiting for the condition');
    await rest.pause(100);
  }
}
