import { readFileSync } from 'node:fs';
import { createTwoWayMergePatch, isNotFound, type KubeObject, type StatusError } from '@coxswain/machinery';
import { attachTo } from '../attach.ts';
import { Failure, throwAll } from '../error-text.ts';
import { compactJson } from '../print/json.ts';
import { printLogsOf } from '../print-logs.ts';
import { fileSources, parseDocuments } from '../read-files.ts';
import { fetchWanted, type Info, resolveWanted } from '../resource-builder.ts';
import type { Session } from '../session.ts';
import { fileFlags } from '../shared-flags.ts';
import { kubectlCommand, type Verb } from '../verb.ts';
import { watchObject } from '../watch-object.ts';
import { copyToDebug, type DebugTarget, ephemeralContainer, nodeDebugger } from './debug-pods.ts';
import { profileOf } from './profiles.ts';

const { kustomize: _, ...files } = fileFlags;

const verb: Verb = {
  usage: 'debug (POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ]',
  summary: 'Debug cluster resources using interactive debugging containers.',
  flags: {
    ...files,
    'arguments-only': {
      type: 'bool',
      default: 'false',
      help: 'What stands behind -- are arguments, not the command',
    },
    attach: { type: 'bool', default: 'false', help: 'Attach to the container when it runs' },
    container: { type: 'string', shorthand: 'c', help: 'Name of the debugging container' },
    'copy-to': { type: 'string', help: 'Debug a copy of the pod of this name' },
    custom: { type: 'string', help: 'File with a part of a container to change the debugging one with' },
    env: { type: 'strings', help: 'Variables, as key=value' },
    image: { type: 'string', help: 'Image of the debugging container' },
    'image-pull-policy': { type: 'string', help: 'Always, IfNotPresent or Never' },
    'keep-annotations': { type: 'bool', default: 'false', help: 'The copy keeps annotations' },
    'keep-init-containers': { type: 'bool', default: 'true', help: 'The copy keeps init containers' },
    'keep-labels': { type: 'bool', default: 'false', help: 'The copy keeps labels' },
    'keep-liveness': { type: 'bool', default: 'false', help: 'The copy keeps liveness probes' },
    'keep-readiness': { type: 'bool', default: 'false', help: 'The copy keeps readiness probes' },
    'keep-startup': { type: 'bool', default: 'false', help: 'The copy keeps startup probes' },
    profile: {
      type: 'string',
      default: 'general',
      help: 'legacy, general, baseline, netadmin, restricted or sysadmin',
    },
    quiet: { type: 'bool', shorthand: 'q', default: 'false', help: 'Print less' },
    replace: { type: 'bool', default: 'false', help: 'Delete the pod that was copied' },
    'same-node': { type: 'bool', default: 'false', help: "The copy runs on the pod's node" },
    'set-image': { type: 'strings', help: 'Images of the copy, as container=image' },
    'share-processes': { type: 'bool', default: 'true', help: 'Containers of the copy see each other' },
    stdin: { type: 'bool', shorthand: 'i', default: 'false', help: 'Keep stdin open' },
    target: { type: 'string', help: 'See the processes of this container' },
    tty: { type: 'bool', shorthand: 't', default: 'false', help: 'Give the container a terminal' },
  },
  run,
};

export const debug = kubectlCommand('debug', verb);

async function run(session: Session): Promise<number> {
  validate(session);
  const target = await targetOf(session);
  const args = session.args.map((arg) => (arg.includes('/') ? arg : `pods/${arg}`));
  const errors: unknown[] = [];
  const wanted = await resolveWanted(session, { args, files: fileSources(session) });
  const infos = await fetchWanted(session, wanted, errors);
  throwAll(errors);
  for (const info of infos) {
    const { kind } = info.mapping;
    if (kind !== 'Pod' && kind !== 'Node') {
      const { group, version } = info.mapping;
      throw new Failure(`"${group}/${version}, Kind=${kind}" not supported by debug`);
    }
    const { pod, container } = await start(session, target, info as Info & { object: KubeObject });
    const attaches = session.flags.has('attach') ? session.flags.bool('attach') : target.stdin;
    if (attaches && container !== '') await attachWhenRunning(session, pod, container, target);
  }
  return 0;
}

function validate(session: Session): void {
  const { flags, args } = session;
  const command = flags.afterDashes ?? [];
  const [image = '', container = ''] = [flags.string('image'), flags.string('container')];
  const images = flags.values('set-image');
  if (flags.has('attach') && flags.bool('attach') && image === '' && container === '') {
    throw new Failure(
      'you must specify --container or create a new container using --image in order to attach.',
    );
  }
  if (flags.string('copy-to')) {
    if (image === '' && images.length === 0 && command.length === 0) {
      throw new Failure('you must specify --image, --set-image or command arguments.');
    }
    if (command.length > 0 && container === '' && image === '') {
      throw new Failure('you must specify an existing container or a new image when specifying args.');
    }
    if (flags.string('target')) {
      throw new Failure('--target is incompatible with --copy-to. Use --share-processes instead.');
    }
  } else {
    for (const flag of ['replace', 'same-node']) {
      if (flags.bool(flag)) throw new Failure(`--${flag} may only be used with --copy-to.`);
    }
    if (images.length > 0) throw new Failure('--set-image may only be used with --copy-to.');
    if (image === '') throw new Failure('you must specify --image when not using --copy-to.');
  }
  if (args.length === 0 && fileSources(session) === undefined) {
    throw new Failure('NAME or filename is required for debug');
  }
  const policy = flags.string('image-pull-policy') ?? '';
  if (!['', 'Always', 'IfNotPresent', 'Never'].includes(policy)) {
    throw new Failure(`invalid image pull policy: ${policy}`);
  }
  const target = flags.string('target') ?? '';
  if (target !== '' && !flags.bool('quiet')) {
    session.out(
      `Targeting container "${target}". If you don't see processes from this container it may be because the container runtime doesn't support this feature.\n`,
    );
  }
  if (flags.bool('tty') && !flags.bool('stdin')) {
    throw new Failure('-i/--stdin is required for containers with -t/--tty=true');
  }
  profileOf(flags.string('profile') ?? '');
  if (flags.string('profile') === 'legacy') {
    session.err(
      '--profile=legacy is deprecated and will be removed in the future. It is recommended to explicitly specify a profile, for example "--profile=general".\n',
    );
  }
}

async function targetOf(session: Session): Promise<DebugTarget> {
  const { flags } = session;
  const custom = flags.string('custom') ?? '';
  return {
    session,
    image: flags.string('image') ?? '',
    container: flags.string('container') ?? '',
    command: flags.afterDashes ?? [],
    stdin: flags.bool('stdin'),
    tty: flags.bool('tty'),
    quiet: flags.bool('quiet'),
    custom: custom === '' ? undefined : await customProfile(custom),
  };
}

async function customProfile(path: string): Promise<object> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Failure(
      `must pass a container spec json file for custom profile: open ${path}: no such file or directory`,
      { cause },
    );
  }
  const [value] = await parseDocuments(text, path);
  const fixed = ['name', 'command', 'image', 'lifecycle', 'volumeDevices'];
  if (fixed.some((field) => (value as any)?.[field] !== undefined)) {
    throw new Failure(
      'name, command, image, lifecycle and volume devices are not modifiable via custom profile',
    );
  }
  return (value ?? {}) as object;
}

/** Makes the debugging container; '' where there is none to attach to. */
async function start(
  session: Session,
  target: DebugTarget,
  info: Info & { readonly object: KubeObject },
): Promise<{ readonly pod: KubeObject; readonly container: string }> {
  const rest = await session.rest();
  const pods = { group: '', version: 'v1', resource: 'pods' };
  if (info.mapping.kind === 'Node') {
    const { pod, container } = await nodeDebugger(target, info.object);
    const namespace = await session.namespace();
    return { pod: await rest.create({ mapping: pods, namespace }, pod), container };
  }
  const place = { mapping: info.mapping, namespace: info.namespace };
  if (session.flags.string('copy-to')) {
    const { pod, container } = await copyToDebug(target, info.object);
    const created = await rest.create(place, pod);
    if (session.flags.bool('replace')) await rest.delete(info, { gracePeriodSeconds: 0 });
    return { pod: created, container };
  }
  const added = await ephemeralContainer(target, info.object);
  const body = compactJson(await addition(info.object, added));
  try {
    const where = { ...info, subresource: 'ephemeralcontainers' };
    const pod = await rest.patch(where, 'application/strategic-merge-patch+json', body);
    return { pod, container: added.name };
  } catch (error) {
    if (!isNotFound(error) || (error as StatusError).status.details?.name) throw error;
    throw new Failure(
      `ephemeral containers are disabled for this cluster (error from server: ${JSON.stringify((error as StatusError).message)})`,
      { cause: error },
    );
  }
}

/** The patch that adds a container behind those that there are. */
async function addition(pod: KubeObject, container: object): Promise<object> {
  const { typeOfKind } = await import('@coxswain/api');
  const type = typeOfKind({ group: '', version: 'v1', kind: 'Pod' });
  if (type === undefined) throw new Error('the facts know no pods');
  const ephemeralContainers = [...(pod['spec'].ephemeralContainers ?? []), container];
  return createTwoWayMergePatch(pod, { ...pod, spec: { ...pod['spec'], ephemeralContainers } }, type);
}

async function attachWhenRunning(
  session: Session,
  pod: KubeObject,
  container: string,
  { stdin, tty, quiet }: DebugTarget,
): Promise<void> {
  const mapping = { ...(await (await session.discovery()).resourceOfKind('', 'v1', 'Pod'))! };
  const info: Info = { mapping, namespace: pod.metadata.namespace, name: pod.metadata.name ?? '' };
  let running: KubeObject = pod;
  await watchObject(
    session,
    info,
    (object) => {
      if (object === undefined) throw new Failure('pods "" not found');
      running = object;
      const { state } = statusOf(object, container) ?? {};
      const waits = state?.waiting?.message;
      if (waits && !quiet) session.err(`Warning: container ${container}: ${waits}\n`);
      return state?.running !== undefined || state?.terminated !== undefined;
    },
    168 * 3_600_000,
  );
  if (statusOf(running, container)?.state.terminated === undefined) {
    try {
      return await attachTo(session, running, { container, stdin, tty, quiet });
    } catch (error) {
      session.err(
        `warning: couldn't attach to pod/${info.name}, falling back to streaming logs: ${(error as Error).message}\n`,
      );
    }
  }
  await printLogsOf(session, running, container);
}

function statusOf({ status }: KubeObject, name: string): any {
  const lists = ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'];
  return lists.flatMap((list) => status?.[list] ?? []).find((each: any) => each.name === name);
}
