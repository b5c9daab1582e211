import { formatTimestamp } from './format.ts';
import type { Lines } from './lines.ts';
import { probeText } from './probe.ts';

interface Resolved {
  /** The pod, for values of `fieldRef`. */
  readonly pod?: any;
}

/** `Containers:` with all that is known of each. @param statuses those of the pod, when there is one */
export function describeContainers(
  lines: Lines,
  level: number,
  title: string,
  containers: readonly any[],
  statuses?: readonly any[],
  resolved: Resolved = {},
): void {
  lines.add(level, `${title}:`);
  for (const container of containers) {
    const status = statuses?.find(({ name }) => name === container.name);
    // In a template the name stands one further to the right, what is below it does not.
    lines.add(1, `${level > 0 ? ' ' : ''}${container.name}:`);
    const inner = 2;
    if (status) lines.add(inner, `Container ID:\t${status.containerID ?? ''}`);
    lines.add(inner, `Image:\t${container.image ?? ''}`);
    if (status) lines.add(inner, `Image ID:\t${status.imageID ?? ''}`);
    portLines(lines, inner, container.ports ?? []);
    wordLines(lines, inner, 'Command', container.command ?? []);
    wordLines(lines, inner, 'Args', container.args ?? []);
    if (status) stateLines(lines, inner, status);
    resourceLines(lines, inner, container.resources ?? {});
    for (const [name, probe] of [
      ['Liveness', container.livenessProbe],
      ['Readiness', container.readinessProbe],
      ['Startup', container.startupProbe],
    ]) {
      if (probe) lines.add(inner, `${name}:\t${probeText(probe)}`);
    }
    envFromLines(lines, inner, container.envFrom ?? []);
    envLines(lines, inner, container.env ?? [], resolved);
    mountLines(lines, inner, container.volumeMounts ?? []);
    for (const device of container.volumeDevices ?? []) {
      lines.add(inner, `Devices:\n${'  '.repeat(inner + 1)}${device.devicePath} from ${device.name}`);
    }
  }
}

function portLines(lines: Lines, level: number, ports: readonly any[]): void {
  const texts = ports
    .map((port) => `${port.containerPort}/${port.protocol ?? 'TCP'}${port.name ? ` (${port.name})` : ''}`)
    .join(', ');
  const hosts = ports
    .map((port) => `${port.hostPort ?? 0}/${port.protocol ?? 'TCP'}${port.name ? ` (${port.name})` : ''}`)
    .join(', ');
  const many = ports.length > 1 ? 's' : '';
  lines.add(level, `Port${many}:\t${texts || '<none>'}`);
  lines.add(level, `Host Port${many}:\t${hosts || '<none>'}`);
}

function wordLines(lines: Lines, level: number, title: string, words: readonly string[]): void {
  if (words.length === 0) return;
  lines.add(level, `${title}:`);
  for (const word of words) {
    for (const line of word.split('\n')) lines.add(level + 1, line);
  }
}

function stateLines(lines: Lines, level: number, status: any): void {
  describeState(lines, level, 'State', status.state);
  if (status.lastState?.terminated) describeState(lines, level, 'Last State', status.lastState);
  lines.add(level, `Ready:\t${status.ready ? 'True' : 'False'}`);
  lines.add(level, `Restart Count:\t${status.restartCount ?? 0}`);
}

function describeState(lines: Lines, level: number, title: string, state: any): void {
  if (state?.running) {
    lines.add(level, `${title}:\tRunning`);
    lines.add(level + 1, `Started:\t${formatTimestamp(state.running.startedAt)}`);
  } else if (state?.terminated) {
    const { reason, message, exitCode, signal, startedAt, finishedAt } = state.terminated;
    lines.add(level, `${title}:\tTerminated`);
    if (reason) lines.add(level + 1, `Reason:\t${reason}`);
    if (message) lines.add(level + 1, `Message:\t${message}`);
    lines.add(level + 1, `Exit Code:\t${exitCode ?? 0}`);
    if (signal > 0) lines.add(level + 1, `Signal:\t${signal}`);
    lines.add(level + 1, `Started:\t${formatTimestamp(startedAt)}`);
    lines.add(level + 1, `Finished:\t${formatTimestamp(finishedAt)}`);
  } else {
    lines.add(level, `${title}:\tWaiting`);
    if (state?.waiting?.reason) lines.add(level + 1, `Reason:\t${state.waiting.reason}`);
  }
}

function resourceLines(lines: Lines, level: number, resources: any): void {
  for (const [title, list] of [
    ['Limits', resources.limits],
    ['Requests', resources.requests],
  ]) {
    const entries = Object.entries(list ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
    if (entries.length > 0) lines.add(level, `${title}:`);
    for (const [name, quantity] of entries) lines.add(level + 1, `${name}:\t${quantity}`);
  }
}

function envFromLines(lines: Lines, level: number, sources: readonly any[]): void {
  if (sources.length === 0) return;
  lines.add(level, 'Environment Variables from:');
  for (const { prefix, configMapRef, secretRef } of sources) {
    const ref = configMapRef ?? secretRef;
    const kind = configMapRef ? 'ConfigMap' : 'Secret';
    const tail = prefix ? ` with prefix '${prefix}'` : '';
    lines.add(level + 1, `${ref.name}\t${kind}${tail}\tOptional: ${ref.optional ?? false}`);
  }
}

function envLines(lines: Lines, level: number, env: readonly any[], resolved: Resolved): void {
  if (env.length === 0) {
    lines.add(level, 'Environment:\t<none>');
    return;
  }
  lines.add(level, 'Environment:');
  for (const { name, value = '', valueFrom } of env) {
    if (valueFrom === undefined) {
      value.split('\n').forEach((line: string, i: number) => {
        lines.add(level + 1, i === 0 ? `${name}:\t${line}` : `\t${line}`);
      });
    } else lines.add(level + 1, `${name}:\t${valueFromText(valueFrom, resolved)}`);
  }
}

function valueFromText(from: any, { pod }: Resolved): string {
  if (from.fieldRef) {
    const value = pod === undefined ? '' : fieldOf(pod, from.fieldRef.fieldPath);
    return `${value} (${from.fieldRef.apiVersion ?? 'v1'}:${from.fieldRef.fieldPath})`;
  }
  if (from.resourceFieldRef) {
    const { containerName, resource } = from.resourceFieldRef;
    return `${containerName ? `${containerName} ` : ''}(${resource})`;
  }
  const ref = from.secretKeyRef ?? from.configMapKeyRef;
  const kind = from.secretKeyRef ? 'secret' : 'config map';
  return `<set to the key '${ref.key}' ${from.secretKeyRef ? 'in' : 'of'} ${kind} '${ref.name}'>\tOptional: ${ref.optional ?? false}`;
}

function fieldOf(pod: any, path: string): string {
  const subscript = /^(metadata\.(?:labels|annotations))\['(.*)'\]$/.exec(path);
  const steps = subscript
    ? [...(subscript[1] as string).split('.'), subscript[2] as string]
    : path.split('.');
  const value = steps.reduce((at, step) => at?.[step], pod);
  return typeof value === 'string' ? value : '';
}

function mountLines(lines: Lines, level: number, mounts: readonly any[]): void {
  if (mounts.length === 0) {
    lines.add(level, 'Mounts:\t<none>');
    return;
  }
  lines.add(level, 'Mounts:');
  for (const mount of mounts.toSorted((a, b) => (a.mountPath < b.mountPath ? -1 : 1))) {
    const flags = [mount.readOnly ? 'ro' : 'rw', ...(mount.subPath ? [`path="${mount.subPath}"`] : [])];
    lines.add(level + 1, `${mount.mountPath} from ${mount.name} (${flags.join(',')})`);
  }
}
