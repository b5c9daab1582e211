import type { KubeObject } from '@coxswain/machinery';
import { Failure } from './error-text.ts';
import { podOfResource, selectorOfWorkload } from './pods-of.ts';
import { parseResourceArgs } from './resource-args.ts';
import type { Session } from './session.ts';
import { kubectlCommand, type Verb } from './verb.ts';

const verb: Verb = {
  usage: 'port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]',
  summary: 'Forward one or more local ports to a pod.',
  flags: {
    address: { type: 'strings', default: 'localhost', help: 'Addresses to listen on' },
    'pod-running-timeout': { type: 'duration', default: '1m0s', help: 'Longest wait for a pod' },
  },
  run,
};

export const portForward = kubectlCommand('port-forward', verb);

/** A local port (0: any free one) and the pod's port that it leads to. */
export interface ForwardedPort {
  readonly local: number;
  readonly remote: number;
}

async function run(session: Session): Promise<number> {
  const { flags, args } = session;
  const [resource, ...specs] = args;
  if (resource === undefined || specs.length === 0) {
    throw session.usage('TYPE/NAME and list of ports are required for port-forward');
  }
  const timeout = flags.duration('pod-running-timeout') ?? 0;
  const service = await serviceOf(session, resource);
  const pod = await podOfResource(session, resource, timeout);
  const phase = pod['status']?.phase;
  if (phase !== 'Running') {
    throw new Failure(`unable to forward port because pod is not running. Current status=${phase}`);
  }
  const ports = specs.map((spec) => parsePort(spec, pod, service));
  const { forwardPorts } = await import('./forward-ports.ts');
  await forwardPorts(session, pod, ports, flags.strings('address'));
  return 0;
}

async function serviceOf(session: Session, resource: string): Promise<KubeObject | undefined> {
  if (!resource.includes('/')) return undefined;
  const { pairs } = await parseResourceArgs(await session.discovery(), [resource]);
  const { mapping, name } = pairs[0]!;
  if (mapping.kind !== 'Service' || mapping.group !== '') return undefined;
  const service = await (await session.rest()).get({ mapping, namespace: await session.namespace(), name });
  selectorOfWorkload('Service', service);
  return service;
}

/** Reads `80`, `8080:80`, `:80` and `8080:http`; ports of a service are those of its pod. */
export function parsePort(spec: string, pod: KubeObject, service?: KubeObject): ForwardedPort {
  const parts = spec.split(':');
  if (parts.length > 2) throw new Failure(`invalid port format '${spec}'`);
  const remoteText = parts.at(-1) as string;
  const localText = parts.length === 2 ? (parts[0] as string) : undefined;
  const named = service === undefined ? portOfPod(remoteText, pod) : portOfService(remoteText, pod, service);
  const local =
    localText === undefined
      ? service && /^\d+$/.test(remoteText)
        ? Number(remoteText)
        : named
      : Number(localText || 0);
  if (!Number.isInteger(local) || local < 0 || local > 65535) {
    throw new Failure(
      `error parsing local port '${localText}': strconv.ParseUint: parsing "${localText}": invalid syntax`,
    );
  }
  if (named === 0) throw new Failure('remote port must be > 0');
  return { local, remote: named };
}

function portOfPod(text: string, pod: KubeObject): number {
  if (/^\d+$/.test(text)) return Number(text);
  for (const container of pod['spec'].containers) {
    for (const port of container.ports ?? []) if (port.name === text) return port.containerPort;
  }
  throw new Failure(`Pod '${pod.metadata.name}' does not have a named port '${text}'`);
}

function portOfService(text: string, pod: KubeObject, service: KubeObject): number {
  const ports = service['spec'].ports as any[];
  const port = ports.find((each) => (/^\d+$/.test(text) ? each.port === Number(text) : each.name === text));
  if (port === undefined) {
    throw new Failure(
      /^\d+$/.test(text)
        ? `Service ${service.metadata.name} does not have a service port ${text}`
        : `Service '${service.metadata.name}' does not have a named port '${text}'`,
    );
  }
  if (service['spec'].clusterIP === 'None' && /^\d+$/.test(text)) return Number(text);
  return portOfPod(String(port.targetPort ?? port.port), pod);
}
