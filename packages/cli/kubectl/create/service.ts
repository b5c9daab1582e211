import { isDNS1123Subdomain } from '@coxswain/machinery';
import type { FlagSpecs } from '../../flags.ts';
import { Failure } from '../error-text.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';
import { generatorVerb } from './generator.ts';

const tcpFlag: FlagSpecs = { tcp: { type: 'strings', help: 'Ports, as PORT or PORT:TARGETPORT' } };

const clusterIP = generatorVerb({
  usage: 'create service clusterip NAME [--tcp=<port>:<targetPort>]',
  summary: 'Create a ClusterIP service with the specified name.',
  flags: { ...tcpFlag, clusterip: { type: 'string', help: 'Address to take, or None' } },
  failing: 'ClusterIP service',
  build: (session, name) => {
    const ip = session.flags.string('clusterip') ?? '';
    if (ip === 'None' && session.flags.strings('tcp').length === 0) {
      return serviceOf(name, { ports: undefined, clusterIP: 'None', type: 'ClusterIP' });
    }
    return serviceOf(name, {
      ports: portsOf(session),
      ...(ip === '' ? {} : { clusterIP: ip }),
      type: 'ClusterIP',
    });
  },
});

const nodePort = generatorVerb({
  usage: 'create service nodeport NAME [--tcp=port:targetPort]',
  summary: 'Create a NodePort service with the specified name.',
  flags: { ...tcpFlag, 'node-port': { type: 'int', default: '0', help: 'Port on the nodes' } },
  failing: 'NodePort service',
  build: (session, name) => {
    const port = session.flags.int('node-port') ?? 0;
    const ports = portsOf(session).map((each) => (port > 0 ? { ...each, nodePort: port } : each));
    return serviceOf(name, { ports, type: 'NodePort' });
  },
});

const loadBalancer = generatorVerb({
  usage: 'create service loadbalancer NAME [--tcp=port:targetPort]',
  summary: 'Create a LoadBalancer service with the specified name.',
  flags: tcpFlag,
  failing: 'LoadBalancer service',
  build: (session, name) => serviceOf(name, { ports: portsOf(session), type: 'LoadBalancer' }),
});

const externalName = generatorVerb({
  usage: 'create service externalname NAME --external-name external.name',
  summary: 'Create an ExternalName service with the specified name.',
  required: ['external-name'],
  flags: { ...tcpFlag, 'external-name': { type: 'string', help: 'The name that the service stands for' } },
  failing: 'ExternalName service',
  build: (session, name) => {
    const external = session.flags.string('external-name') ?? '';
    const [fault] = isDNS1123Subdomain(external);
    if (fault !== undefined) throw new Failure(`invalid service external name ${external}`);
    const ports = session.flags.strings('tcp').length > 0 ? portsOf(session) : undefined;
    return serviceOf(name, { externalName: external, ports, type: 'ExternalName' });
  },
});

export const service: Verb = {
  usage: 'create service [flags]',
  summary: 'Create a service using a specified subcommand.',
  subcommands: {
    clusterip: async () => clusterIP,
    externalname: async () => externalName,
    loadbalancer: async () => loadBalancer,
    nodeport: async () => nodePort,
  },
};

function serviceOf(name: string, spec: object) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { labels: { app: name }, name },
    spec: { ...spec, selector: { app: name } },
    status: { loadBalancer: {} },
  };
}

function portsOf(
  session: Session,
): { name: string; port: number; protocol: string; targetPort: number | string }[] {
  const texts = session.flags.strings('tcp');
  if (texts.length === 0) throw new Failure('at least one tcp port specifier must be provided');
  return texts.map((text) => {
    const [port = '', target = port] = text.split(':');
    if (!/^\d+$/.test(port) || Number(port) > 65535)
      throw new Failure(`strconv.Atoi: parsing "${port}": invalid syntax`);
    const targetPort = /^\d+$/.test(target) ? Number(target) : target;
    return { name: text.replaceAll(':', '-'), port: Number(port), protocol: 'TCP', targetPort };
  });
}
