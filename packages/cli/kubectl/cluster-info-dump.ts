import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type KubeObject, writeJson } from '@coxswain/machinery';
import { messageOf } from './error-text.ts';
import { escapeText } from './print/json.ts';
import { outputOf, printerOf, withoutManagedFields } from './print/printer.ts';
import { pathOf } from './rest.ts';
import type { Session } from './session.ts';
import { printFlags } from './shared-flags.ts';
import type { Verb } from './verb.ts';

/** What is dumped of a namespace, by the names of the files. */
const resources = [
  ['events', '', 'events'],
  ['replication-controllers', '', 'replicationcontrollers'],
  ['services', '', 'services'],
  ['daemonsets', 'apps', 'daemonsets'],
  ['deployments', 'apps', 'deployments'],
  ['replicasets', 'apps', 'replicasets'],
  ['pods', '', 'pods'],
] as const;

/** Takes a part of the dump under the name of its file. */
type Sink = (file: string, text: string) => void;

export const dump: Verb = {
  usage: 'cluster-info dump [flags]',
  summary: 'Dump cluster information out suitable for debugging and diagnosing cluster problems.',
  flags: {
    ...printFlags,
    output: { ...printFlags.output, default: 'json' },
    'all-namespaces': { type: 'bool', shorthand: 'A', default: 'false', help: 'Of all namespaces' },
    namespaces: { type: 'strings', help: 'Of these namespaces' },
    'output-directory': { type: 'string', help: 'Write files into this folder; - or none: standard output' },
    'pod-running-timeout': {
      type: 'duration',
      default: '20s',
      help: 'Accepted; logs of pods are read as they are',
    },
  },
  run,
};

async function run(session: Session): Promise<number> {
  const { flags } = session;
  const dir = flags.string('output-directory') ?? '';
  const toFiles = dir !== '' && dir !== '-';
  const sink: Sink = (file, text) => {
    if (!toFiles) {
      session.out(text);
      return;
    }
    const path = join(dir, file);
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    writeFileSync(path, text);
  };
  const { format } = outputOf(session);
  const extension = format === 'json' || format === 'yaml' ? `.${format}` : '.txt';
  const nodes = await listed(session, '', 'nodes', undefined);
  await print(session, nodes, (text) => sink(`nodes${extension}`, text));
  for (const namespace of await namespacesOf(session)) {
    let pods: readonly KubeObject[] = [];
    for (const [file, group, resource] of resources) {
      const list = await listed(session, group, resource, namespace);
      if (resource === 'pods') pods = list.items;
      await print(session, list, (text) => sink(join(namespace, `${file}${extension}`), text));
    }
    for (const pod of pods)
      await printLogs(session, pod, (text) =>
        sink(join(namespace, pod.metadata.name ?? '', 'logs.txt'), text),
      );
  }
  if (toFiles) session.out(`Cluster info dumped to ${dir}\n`);
  return 0;
}

async function namespacesOf(session: Session): Promise<readonly string[]> {
  const { flags } = session;
  if (flags.bool('all-namespaces')) {
    const { items } = await listed(session, '', 'namespaces', undefined);
    return items.map(({ metadata }) => metadata.name ?? '');
  }
  const named = flags.strings('namespaces');
  return named.length > 0 ? named : ['kube-system', await session.namespace()];
}

async function listed(session: Session, group: string, resource: string, namespace: string | undefined) {
  return (await session.rest()).list({ mapping: { group, version: 'v1', resource }, namespace });
}

/** JSON stands in the server's order of fields, as it came. */
async function print(session: Session, list: object, write: (text: string) => void): Promise<void> {
  if (outputOf(session).format === 'json') {
    const shown = session.flags.bool('show-managed-fields') ? list : withoutManagedFields(list);
    write(`${escapeText(writeJson(shown, 4))}\n`);
    return;
  }
  (await printerOf(session, write))?.print([list]);
}

async function printLogs(session: Session, pod: KubeObject, write: (text: string) => void): Promise<void> {
  const { name = '', namespace = '' } = pod.metadata;
  const mapping = { group: '', version: 'v1', resource: 'pods' };
  const rest = await session.rest();
  let text = '';
  for (const { name: container } of [...(pod['spec'].initContainers ?? []), ...pod['spec'].containers]) {
    const of = `logs for container ${container} of pod ${namespace}/${name} ====\n`;
    text += `==== START ${of}`;
    try {
      text += await rest.raw('GET', pathOf({ mapping, namespace, name, subresource: 'log' }, { container }));
    } catch (error) {
      // One that never ran has none: the others are wanted all the same.
      text += `${messageOf(error)}\n`;
    }
    text += `==== END ${of}`;
  }
  write(text);
}
