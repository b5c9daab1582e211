import type { KubeObject } from '@coxswain/machinery';
import { Failure } from '../error-text.ts';
import { TabWriter } from '../print/tab-writer.ts';
import type { Session } from '../session.ts';
import { selectorFlags } from '../shared-flags.ts';
import type { Verb } from '../verb.ts';
import {
  byUsage,
  checkMetrics,
  measured,
  metricsGroup,
  type ResourceList,
  sumOf,
  topFlags,
  usageText,
} from './usage.ts';

interface ContainerMetrics {
  readonly name: string;
  readonly usage: ResourceList;
}

/** kubectl's: a pod that is younger has no metrics yet, and that is no fault. */
const metricsDelayMs = 2 * 60_000;

export const topPod: Verb = {
  usage: 'top pod [NAME | -l label]',
  summary: 'Display resource (CPU/memory) usage of pods.',
  flags: {
    ...topFlags,
    ...selectorFlags,
    'all-namespaces': { type: 'bool', shorthand: 'A', default: 'false', help: 'In all namespaces' },
    containers: { type: 'bool', default: 'false', help: 'Show containers one by one' },
    'field-selector': { type: 'string', help: 'Field selector' },
    sum: { type: 'bool', default: 'false', help: 'Show the sum too' },
  },
  run,
};

async function run(session: Session): Promise<number> {
  const { flags, args } = session;
  const [name, ...more] = args;
  if (more.length > 0) throw session.usage('pod [NAME | -l label]');
  const query = { labelSelector: flags.string('selector'), fieldSelector: flags.string('field-selector') };
  if (name !== undefined && (query.labelSelector || query.fieldSelector)) {
    throw new Failure('only one of NAME or selector can be provided');
  }
  await checkMetrics(session);
  const everywhere = flags.bool('all-namespaces');
  const namespace = everywhere ? undefined : await session.namespace();
  const read = async (group: object): Promise<readonly KubeObject[]> => {
    const rest = await session.rest();
    const mapping = { group: '', version: 'v1', ...group, resource: 'pods' };
    if (name !== undefined) return [await rest.get({ mapping, namespace, name })];
    return (await rest.list({ mapping, namespace }, query)).items;
  };
  const metrics = [...(await read(metricsGroup))];
  if (metrics.length === 0) {
    explainNothing(session, await read({}));
    session.err(everywhere ? 'No resources found\n' : `No resources found in ${namespace} namespace.\n`);
    return 0;
  }
  print(session, metrics);
  return 0;
}

/** Pods without metrics must be young. */
function explainNothing(session: Session, pods: readonly KubeObject[]): void {
  for (const { metadata } of pods) {
    const age = session.clock.now() - Date.parse(metadata.creationTimestamp ?? '');
    if (age <= metricsDelayMs) continue;
    throw new Failure(
      `Metrics not available for pod ${metadata.namespace}/${metadata.name}, age: ${age / 1_000}s`,
    );
  }
  if (pods.length > 0) throw new Failure('metrics not available yet');
}

function print(session: Session, metrics: KubeObject[]): void {
  const { flags } = session;
  const everywhere = flags.bool('all-namespaces');
  const single = flags.bool('containers');
  const resources = measured(session);
  const containersOf = (pod: KubeObject): ContainerMetrics[] => pod['containers'] ?? [];
  const usageOf = (pod: KubeObject): ResourceList =>
    sumOf(
      containersOf(pod).map((container) => container.usage),
      resources,
    );
  const nameOf = ({ metadata }: KubeObject): string =>
    `${everywhere ? metadata.namespace : ''}/${metadata.name}`;
  const cells = (usage: ResourceList): string[] => resources.map((each) => usageText(each, usage[each]));
  const columns = [
    ...(everywhere ? ['NAMESPACE'] : []),
    ...(single ? ['POD'] : []),
    ...['NAME', 'CPU(cores)', 'MEMORY(bytes)', ...(resources.includes('swap') ? ['SWAP(bytes)'] : [])],
  ];
  const tabs = new TabWriter((text) => session.out(text));
  if (!flags.bool('no-headers')) tabs.row([...columns, '']);
  for (const pod of metrics.sort(byUsage(session, usageOf, nameOf))) {
    const place = everywhere ? [pod.metadata.namespace ?? ''] : [];
    const name = pod.metadata.name ?? '';
    if (!single) tabs.row([...place, name, ...cells(usageOf(pod)), '']);
    const containers = containersOf(pod).toSorted(
      byUsage(
        session,
        (each) => each.usage,
        (each) => each.name,
      ),
    );
    for (const each of single ? containers : [])
      tabs.row([...place, name, each.name, ...cells(each.usage), '']);
  }
  if (flags.bool('sum')) {
    // Without headers kubectl counts the columns in front as none.
    const before = flags.bool('no-headers') ? resources.length + 1 : columns.length;
    const blanks = (count: number): string[] => Array.from({ length: Math.max(0, count) }, () => '');
    tabs.row([...blanks(before - 2), '________', '________', '']);
    tabs.row([...blanks(before - 3), '', ...cells(sumOf(metrics.map(usageOf), resources)), '']);
  }
  tabs.flush();
}
