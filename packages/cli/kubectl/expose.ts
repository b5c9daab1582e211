import type { KubeObject } from '@coxswain/machinery';
import { createGenerated, generatorFlags } from './create/generator.ts';
import { Failure } from './error-text.ts';
import { overridden, overrideFlags } from './overrides.ts';
import { fileSources } from './read-files.ts';
import { builderOptions, visit } from './resource-builder.ts';
import type { Session } from './session.ts';
import { fileFlags, managerFlag } from './shared-flags.ts';
import { kubectlCommand, type Verb } from './verb.ts';

const verb: Verb = {
  usage:
    'expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]',
  summary: 'Expose a resource as a new Kubernetes service.',
  flags: {
    ...generatorFlags,
    ...fileFlags,
    ...managerFlag('kubectl-expose'),
    ...overrideFlags,
    'cluster-ip': { type: 'string', help: 'Address to take, or None' },
    'external-ip': { type: 'string', help: 'Further address' },
    labels: { type: 'strings', shorthand: 'l', help: 'Labels of the service' },
    'load-balancer-ip': { type: 'string', help: 'Address of the load balancer' },
    name: { type: 'string', help: 'Name of the service' },
    port: { type: 'string', help: 'Port of the service' },
    protocol: { type: 'string', help: 'TCP, UDP or SCTP' },
    selector: { type: 'string', help: 'Selector of the service' },
    'session-affinity': { type: 'string', help: 'None or ClientIP' },
    'target-port': { type: 'string', help: 'Port of the pods, by number or name' },
    type: { type: 'string', help: 'ClusterIP, NodePort, LoadBalancer or ExternalName' },
  },
  run: async (session) => {
    if (session.args.length === 0 && fileSources(session) === undefined) {
      throw session.usage('You must provide one or more resources by argument or filename.');
    }
    const { selector: _s, all: _a, ...options } = builderOptions(session);
    await visit(session, options, async ({ mapping, object }) => {
      const service = await overridden(session, serviceFor(session, mapping.kind, object));
      await createGenerated(session, service, undefined, 'exposed');
    });
    return 0;
  },
};

export const expose = kubectlCommand('expose', verb);

function serviceFor({ flags }: Session, kind: string, object: KubeObject): KubeObject {
  const selector = selectorOf(flags.string('selector'), kind, object);
  const ports = portsOf(kind, object);
  const given = (flags.string('port') ?? '').split(',').filter((port) => port !== '');
  const headless = flags.string('cluster-ip') === 'None';
  if (given.length === 0 && ports.length === 0 && !headless) {
    throw new Failure("couldn't find port via --port flag or introspection");
  }
  const target = flags.string('target-port');
  const numbers = given.length > 0 ? given.map(Number) : ports.map(({ port }) => port);
  const specs = numbers.map((port, i) => ({
    ...(numbers.length > 1 ? { name: `port-${i + 1}` } : {}),
    port,
    protocol: flags.string('protocol') ?? ports.find((each) => each.port === port)?.protocol ?? 'TCP',
    targetPort: target === undefined ? port : /^\d+$/.test(target) ? Number(target) : target,
  }));
  const labels = flags.strings('labels');
  const own =
    labels.length > 0 ? Object.fromEntries(labels.map((text) => text.split('='))) : object.metadata.labels;
  const set = (key: string, value: unknown): object =>
    value === undefined || value === '' ? {} : { [key]: value };
  const external = flags.string('external-ip');
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      ...(own === undefined ? {} : { labels: own }),
      name: flags.string('name') || (object.metadata.name as string),
    },
    spec: {
      ...set('clusterIP', flags.string('cluster-ip')),
      ...set('externalIPs', external ? [external] : undefined),
      ...set('loadBalancerIP', flags.string('load-balancer-ip')),
      ports: specs,
      selector,
      ...set('sessionAffinity', flags.string('session-affinity')),
      ...set('type', flags.string('type')),
    },
    status: { loadBalancer: {} },
  };
}

function selectorOf(text: string | undefined, kind: string, object: KubeObject): Record<string, string> {
  if (text) return Object.fromEntries(text.split(',').map((pair) => pair.split('=') as [string, string]));
  if (kind === 'Pod') {
    if (Object.keys(object.metadata.labels ?? {}).length === 0)
      throw new Failure(
        "couldn't retrieve selectors via --selector flag or introspection: the pod has no labels and cannot be exposed",
      );
    return object.metadata.labels as Record<string, string>;
  }
  const selector = object['spec']?.selector;
  if (kind === 'Service' || kind === 'ReplicationController') return selector;
  if (selector?.matchExpressions)
    throw new Failure(
      `couldn't retrieve selectors via --selector flag or introspection: couldn't convert expressions - "${JSON.stringify(selector.matchExpressions)}" to map-based selector format`,
    );
  if (selector?.matchLabels) return selector.matchLabels;
  throw new Failure(`cannot expose a ${kind}`);
}

function portsOf(kind: string, object: KubeObject): { port: number; protocol: string }[] {
  if (kind === 'Service') return object['spec'].ports;
  const spec = kind === 'Pod' ? object['spec'] : object['spec']?.template?.spec;
  return (spec?.containers ?? []).flatMap((container: any) =>
    (container.ports ?? []).map((each: any) => ({
      port: each.containerPort,
      protocol: each.protocol ?? 'TCP',
    })),
  );
}
