import type { KubeObject } from '@coxswain/machinery';
import { Failure } from '../error-text.ts';
import type { Session } from '../session.ts';
import { generatorVerb } from './generator.ts';

export const job = generatorVerb({
  usage: 'create job NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]',
  summary: 'Create a job with the specified name.',
  flags: {
    from: { type: 'string', help: 'Cron job to take the job from' },
    image: { type: 'string', help: 'Image to run' },
  },
  failing: 'job',
  build: async (session, name) => {
    const { flags } = session;
    const [from, image] = [flags.string('from') ?? '', flags.string('image') ?? ''];
    const command = flags.afterDashes ?? [];
    if ((image === '') === (from === '')) throw new Failure('either --image or --from must be specified');
    if (from !== '' && command.length > 0) throw new Failure('cannot specify --from and command');
    if (from !== '') return fromCronJob(session, name, from);
    return {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name },
      spec: { template: { metadata: {}, spec: podSpec(name, image, command, 'Never') } },
      status: {},
    };
  },
});

export const cronJob = generatorVerb({
  usage: "create cronjob NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...]",
  summary: 'Create a cron job with the specified name.',
  required: ['image', 'schedule'],
  flags: {
    image: { type: 'string', help: 'Image to run' },
    restart: { type: 'string', help: 'Restart policy: OnFailure or Never' },
    schedule: { type: 'string', help: 'When, in cron format' },
  },
  failing: 'cronjob',
  build: ({ flags }, name) => {
    const restart = flags.string('restart') || 'OnFailure';
    const spec = podSpec(name, flags.string('image') as string, flags.afterDashes ?? [], restart);
    return {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name },
      spec: {
        jobTemplate: { metadata: { name }, spec: { template: { metadata: {}, spec } } },
        schedule: flags.string('schedule'),
      },
      status: {},
    };
  },
});

function podSpec(name: string, image: string, command: readonly string[], restartPolicy: string) {
  const container = { ...(command.length > 0 ? { command } : {}), image, name, resources: {} };
  return { containers: [container], restartPolicy };
}

async function fromCronJob(session: Session, name: string, from: string): Promise<KubeObject> {
  const [type = '', source = ''] = from.split('/');
  const mapping = await (await session.discovery()).resourceFor(type);
  if (mapping.kind !== 'CronJob') throw new Failure('from must be an existing cronjob');
  const rest = await session.rest();
  const cron = await rest.get({ mapping, namespace: await session.namespace(), name: source });
  const { spec, metadata } = cron['spec'].jobTemplate;
  const { uid, name: cronName } = cron.metadata;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      annotations: { 'cronjob.kubernetes.io/instantiate': 'manual', ...metadata?.annotations },
      ...(metadata?.labels === undefined ? {} : { labels: metadata.labels }),
      name,
      ownerReferences: [
        {
          apiVersion: 'batch/v1',
          controller: true,
          kind: 'CronJob',
          name: cronName as string,
          uid: uid as string,
        },
      ],
    },
    spec,
    status: {},
  };
}
