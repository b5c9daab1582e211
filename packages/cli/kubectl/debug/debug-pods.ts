import { randomInt } from 'node:crypto';
import { typeOfKind } from '@coxswain/api';
import { applyStrategicMergePatch, copyJson, type KubeObject } from '@coxswain/machinery';
import { Failure } from '../error-text.ts';
import type { Session } from '../session.ts';
import { type DebugStyle, profileOf } from './profiles.ts';

/** What a command line says of the debugging container. */
export interface DebugTarget {
  readonly session: Session;
  readonly image: string;
  /** '' where a name is to be made up, or none is meant. */
  readonly container: string;
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly tty: boolean;
  readonly quiet: boolean;
  /** Part of a container, from `--custom`. */
  readonly custom: object | undefined;
}

/** A container added to a pod that runs. */
export async function ephemeralContainer(target: DebugTarget, pod: KubeObject): Promise<any> {
  const name = target.container || newName(target, pod);
  const targetName = target.session.flags.string('target');
  const container = {
    ...newContainer(target, name),
    ...(targetName ? { targetContainerName: targetName } : {}),
  };
  return finished(target, copyJson(pod), container, 'ephemeral');
}

/** A pod on a node that sees the node's processes and files. */
export async function nodeDebugger(
  target: DebugTarget,
  node: KubeObject,
): Promise<{ readonly pod: KubeObject; readonly container: string }> {
  const container = target.container || 'debugger';
  const name = `node-debugger-${node.metadata.name}-${suffix()}`;
  if (!target.quiet) {
    target.session.out(
      `Creating debugging pod ${name} with container ${container} on node ${node.metadata.name}.\n`,
    );
  }
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { 'app.kubernetes.io/managed-by': 'kubectl-debug' } },
    spec: {
      nodeName: node.metadata.name,
      restartPolicy: 'Never',
      tolerations: [{ operator: 'Exists' }],
    },
  };
  pod['spec'].containers = [await finished(target, pod, newContainer(target, container), 'node')];
  return { pod, container };
}

/** A copy of a pod with a debugging container, or with other images or another command. */
export async function copyToDebug(
  target: DebugTarget,
  pod: KubeObject,
): Promise<{ readonly pod: KubeObject; readonly container: string }> {
  const { flags } = target.session;
  const { namespace, labels, annotations } = pod.metadata;
  const copy: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: flags.string('copy-to') ?? '',
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined || !keeps(target, 'labels') ? {} : { labels }),
      ...(annotations === undefined || !keeps(target, 'annotations') ? {} : { annotations }),
    },
    spec: copyJson(pod['spec']),
  };
  const spec = copy['spec'];
  delete spec.ephemeralContainers;
  if (flags.has('share-processes')) spec.shareProcessNamespace = flags.bool('share-processes');
  if (!flags.bool('same-node')) delete spec.nodeName;
  const images = flags.map('set-image');
  for (const each of spec.containers) each.image = images[each.name] ?? images['*'] ?? each.image;
  removeProbes(target, spec);
  let container = allContainers(copy).find(({ name }) => name === target.container);
  if (container === undefined) {
    if (target.image === '') {
      if (Object.keys(images).length > 0) return { pod: copy, container: '' };
      throw new Failure('you must specify image when creating new container');
    }
    container = newContainer({ ...target, command: [] }, target.container || newName(target, copy));
    spec.containers.push(container);
  }
  if (target.command.length > 0) {
    const only = flags.bool('arguments-only');
    container[only ? 'args' : 'command'] = [...target.command];
    if (!only) delete container.args;
  }
  const env = envOf(target);
  if (env.length > 0) container.env = env;
  if (target.image !== '') container.image = target.image;
  if (flags.string('image-pull-policy')) container.imagePullPolicy = flags.string('image-pull-policy');
  container.stdin = target.stdin;
  container.tty = target.tty;
  const { name } = container;
  const at = spec.containers.indexOf(container);
  const changed = await finished(target, copy, container, 'copy');
  if (at >= 0) spec.containers[at] = changed;
  return { pod: copy, container: name };
}

/** Copies leave out what would have them taken for the original; legacy ones their labels alone. */
function keeps({ session }: DebugTarget, what: string): boolean {
  const legacy = session.flags.string('profile') === 'legacy' && what !== 'labels';
  return legacy || session.flags.bool(`keep-${what}`);
}

function removeProbes(target: DebugTarget, spec: any): void {
  const probes = { liveness: 'livenessProbe', readiness: 'readinessProbe', startup: 'startupProbe' };
  for (const [name, field] of Object.entries(probes)) {
    if (!keeps(target, name)) for (const container of spec.containers) delete container[field];
  }
  if (!keeps(target, 'init-containers')) delete spec.initContainers;
}

function newContainer(target: DebugTarget, name: string): any {
  const { flags } = target.session;
  const policy = flags.string('image-pull-policy') ?? '';
  const env = envOf(target);
  const { command } = target;
  return {
    name,
    image: target.image,
    ...(env.length === 0 ? {} : { env }),
    ...(policy === '' ? {} : { imagePullPolicy: policy }),
    ...(command.length === 0 ? {} : { [flags.bool('arguments-only') ? 'args' : 'command']: [...command] }),
    ...(target.stdin ? { stdin: true } : {}),
    ...(target.tty ? { tty: true } : {}),
    terminationMessagePolicy: 'File',
  };
}

/** The container as its profile and `--custom` want it; the pod is changed in place. */
async function finished(
  target: DebugTarget,
  pod: KubeObject,
  container: any,
  style: DebugStyle,
): Promise<any> {
  profileOf(target.session.flags.string('profile') ?? 'general')({ pod, container, style });
  if (target.custom === undefined) return container;
  const type = typeOfKind({ group: '', version: 'v1', kind: 'Pod' });
  const spec = type?.fields.get('spec')?.value;
  const containers = spec?.kind === 'object' ? spec.type.fields.get('containers')?.value : undefined;
  const items = containers?.kind === 'array' ? containers.items : undefined;
  if (items?.kind !== 'object') throw new Error('the facts know no containers of pods');
  return applyStrategicMergePatch(container, target.custom, items.type);
}

function envOf({ session }: DebugTarget): { readonly name: string; readonly value: string }[] {
  return Object.entries(session.flags.map('env')).map(([name, value]) => ({ name, value }));
}

function newName(target: DebugTarget, pod: KubeObject): string {
  const taken = new Set(allContainers(pod).map(({ name }) => name));
  let name: string;
  do name = `debugger-${suffix()}`;
  while (taken.has(name));
  if (!target.quiet) target.session.out(`Defaulting debug container name to ${name}.\n`);
  return name;
}

function allContainers({ spec }: KubeObject): any[] {
  return ['containers', 'initContainers', 'ephemeralContainers'].flatMap((list) => spec[list] ?? []);
}

/** Five letters and digits that make no words, as upstream's names have them. */
function suffix(): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  return Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('');
}
