import type { KubeObject } from '@coxswain/machinery';
import { attachTo } from './attach.ts';
import { createGenerated, generatorFlags } from './create/generator.ts';
import { cascadeFlag } from './deletion-options.ts';
import { ExitWith, Failure, messageOf } from './error-text.ts';
import { overridden, overrideFlags } from './overrides.ts';
import type { Session } from './session.ts';
import { fileFlags, managerFlag } from './shared-flags.ts';
import { kubectlCommand, type Verb } from './verb.ts';
import { waitGone } from './wait-gone.ts';
import { watchObject } from './watch-object.ts';

const verb: Verb = {
  usage:
    'run NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]',
  summary: 'Create and run a particular image in a pod.',
  flags: {
    ...generatorFlags,
    ...managerFlag('kubectl-run'),
    ...cascadeFlag,
    ...overrideFlags,
    ...fileFlags,
    'detach-keys': { type: 'string', default: 'ctrl-p,ctrl-q', help: 'Accepted for compatibility' },
    annotations: { type: 'strings', help: 'Annotations, as key=value' },
    attach: { type: 'bool', default: 'false', help: 'Attach to the pod when it runs' },
    command: { type: 'bool', default: 'false', help: 'Arguments are the command, not its arguments' },
    env: { type: 'strings', help: 'Variables, as key=value' },
    expose: { type: 'bool', default: 'false', help: 'Make a service for --port too' },
    force: { type: 'bool', default: 'false', help: 'For --rm: do not wait for the node' },
    'grace-period': { type: 'int', default: '-1', help: 'For --rm: seconds to go down in' },
    image: { type: 'string', help: 'The image' },
    'image-pull-policy': { type: 'string', help: 'Always, IfNotPresent or Never' },
    labels: { type: 'strings', shorthand: 'l', help: 'Labels, as key=value' },
    'leave-stdin-open': { type: 'bool', default: 'false', help: 'Keep stdin open after the first attach' },
    'pod-running-timeout': { type: 'duration', default: '1m0s', help: 'Longest wait for the pod' },
    port: { type: 'string', help: 'Port that the container opens' },
    privileged: { type: 'bool', default: 'false', help: 'Run the container privileged' },
    quiet: { type: 'bool', shorthand: 'q', default: 'false', help: 'Print less' },
    restart: { type: 'string', default: 'Always', help: 'Always, OnFailure or Never' },
    rm: { type: 'bool', default: 'false', help: 'Delete the pod afterwards' },
    stdin: { type: 'bool', shorthand: 'i', default: 'false', help: 'Keep stdin open' },
    timeout: { type: 'duration', default: '0s', help: 'For --rm: longest wait for the deletion' },
    tty: { type: 'bool', shorthand: 't', default: 'false', help: 'Give the container a terminal' },
    wait: { type: 'bool', default: 'false', help: 'Accepted for compatibility' },
  },
  required: ['image'],
  run: runPod,
};

export const run = kubectlCommand('run', verb);

async function runPod(session: Session): Promise<number> {
  const { flags, args } = session;
  const [name] = args;
  if (name === undefined) throw session.usage('NAME is required for run');
  const image = flags.string('image') ?? '';
  if (image === '') throw new Failure('required flag(s) "image" not set');
  const interactive = flags.bool('stdin');
  const attaches = flags.has('attach') ? flags.bool('attach') : interactive || flags.bool('tty');
  if (flags.bool('tty') && !interactive)
    throw session.usage('-i/--stdin is required for containers with -t/--tty=true');
  if (flags.bool('rm') && !attaches) throw session.usage('--rm should only be used for attached containers');
  const restartPolicy = flags.string('restart') ?? 'Always';
  if (!['Always', 'OnFailure', 'Never'].includes(restartPolicy)) {
    throw session.usage(`invalid restart policy: ${restartPolicy}`);
  }
  const pod = await overridden(session, podOf(session, name, image, restartPolicy));
  if (!attaches) {
    await createGenerated(session, pod);
    if (flags.bool('expose')) await createGenerated(session, serviceOf(session, name, pod));
    return 0;
  }
  const mapping = { group: '', version: 'v1', resource: 'pods' };
  const namespace = await session.namespace();
  const rest = await session.rest();
  const created = await rest.create({ mapping, namespace }, pod, {
    fieldManager: flags.string('field-manager'),
  });
  try {
    return await attachAndFollow(session, created);
  } finally {
    if (flags.bool('rm')) {
      const info = { mapping: await (await session.discovery()).resourceFor('pods'), namespace, name };
      const grace = flags.int('grace-period') ?? -1;
      await rest.delete(info, grace >= 0 ? { gracePeriodSeconds: grace } : {});
      if (!flags.bool('quiet')) session.out(`pod "${name}" deleted from ${namespace} namespace\n`);
      await waitGone(session, info, created.metadata.uid, flags.duration('timeout') ?? 0);
    }
  }
}

async function attachAndFollow(session: Session, created: KubeObject): Promise<number> {
  const { flags } = session;
  const { name = '', namespace } = created.metadata;
  const mapping = await (await session.discovery()).resourceFor('pods');
  const info = { mapping, namespace, name };
  let pod = created;
  const started = await watchObject(
    session,
    info,
    (object) => {
      if (object === undefined) throw new Failure(`pods "${name}" not found`);
      pod = object;
      return ['Running', 'Succeeded', 'Failed'].includes(object['status']?.phase);
    },
    flags.duration('pod-running-timeout') ?? 60_000,
  );
  if (!started) throw new Failure('timed out waiting for the condition');
  if (pod['status'].phase === 'Running') {
    const stdin = flags.bool('stdin');
    const wanted = { container: name, stdin, tty: flags.bool('tty'), quiet: flags.bool('quiet') };
    await attachTo(session, pod, wanted).catch(async (error: unknown) => {
      if (error instanceof ExitWith || session.signal.aborted) throw error;
      // It may have ended before anybody could attach: then its log tells all.
      session.err(
        `warning: couldn't attach to pod/${name}, falling back to streaming logs: ${messageOf(error)}\n`,
      );
      const { printLogsOf } = await import('./print-logs.ts');
      await printLogsOf(session, pod, name);
    });
  } else {
    const { printLogsOf } = await import('./print-logs.ts');
    await printLogsOf(session, pod, name);
  }
  if (flags.string('restart') === 'Always') return 0;
  await watchObject(
    session,
    info,
    (object) => {
      pod = object ?? pod;
      return object === undefined || ['Succeeded', 'Failed'].includes(object['status']?.phase);
    },
    0,
  );
  if (pod['status'].phase !== 'Failed') return 0;
  const code = pod['status'].containerStatuses?.[0]?.state?.terminated?.exitCode ?? 1;
  throw new ExitWith(code, `pod ${namespace}/${name} terminated (${pod['status'].reason ?? 'Error'})`);
}

function podOf({ flags, args }: Session, name: string, image: string, restartPolicy: string): KubeObject {
  const words = [...args.slice(1), ...(flags.afterDashes ?? [])];
  const port = flags.string('port');
  const env = flags.values('env').map((text) => {
    const equals = text.indexOf('=');
    if (equals <= 0) throw new Failure(`invalid env: ${text}`);
    return { name: text.slice(0, equals), value: text.slice(equals + 1) };
  });
  const pairs = (texts: readonly string[]) =>
    Object.fromEntries(
      texts.map((text) => [text.split('=')[0] as string, text.slice(text.indexOf('=') + 1)]),
    );
  const given = flags.strings('labels');
  const annotations = pairs(flags.values('annotations'));
  const policy = flags.string('image-pull-policy');
  const stdin = flags.bool('stdin');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      labels: given.length > 0 ? pairs(given) : { run: name },
      name,
    },
    spec: {
      containers: [
        {
          ...(words.length > 0 ? { [flags.bool('command') ? 'command' : 'args']: words } : {}),
          ...(env.length > 0 ? { env } : {}),
          image,
          ...(policy ? { imagePullPolicy: policy } : {}),
          name,
          ...(port ? { ports: [{ containerPort: Number(port) }] } : {}),
          resources: {},
          ...(flags.bool('privileged') ? { securityContext: { privileged: true } } : {}),
          ...(stdin ? { stdin: true } : {}),
          ...(stdin && !flags.bool('leave-stdin-open') ? { stdinOnce: true } : {}),
          ...(flags.bool('tty') ? { tty: true } : {}),
        },
      ],
      dnsPolicy: 'ClusterFirst',
      restartPolicy,
    },
    status: {},
  };
}

function serviceOf({ flags }: Session, name: string, pod: KubeObject): KubeObject {
  const port = Number(flags.string('port') ?? '');
  if (!port) throw new Failure('--port must be set when exposing a service');
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { ports: [{ port, protocol: 'TCP', targetPort: port }], selector: pod.metadata.labels },
    status: { loadBalancer: {} },
  };
}
