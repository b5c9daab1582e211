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
  shareText,
  topFlags,
  usageText,
} from './usage.ts';

export const topNode: Verb = {
  usage: 'top node [NAME | -l label]',
  summary: 'Display resource (CPU/memory) usage of nodes.',
  flags: {
    ...topFlags,
    ...selectorFlags,
    'show-capacity': {
      type: 'bool',
      default: 'false',
      help: 'Shares of all that a node has, not of what pods may use',
    },
  },
  run,
};

const nodes = { group: '', version: 'v1', resource: 'nodes' };

async function run(session: Session): Promise<number> {
  const { flags, args } = session;
  const [name, ...more] = args;
  if (more.length > 0) throw session.usage('node [NAME | -l label]');
  const labelSelector = flags.string('selector');
  if (name !== undefined && labelSelector) {
    throw new Failure('only one of NAME or --selector can be provided');
  }
  await checkMetrics(session);
  const rest = await session.rest();
  const read = async (mapping: typeof nodes): Promise<readonly any[]> =>
    name === undefined
      ? (await rest.list({ mapping }, { labelSelector })).items
      : [await rest.get({ mapping, name })];
  const metrics = [...(await read({ ...metricsGroup, resource: 'nodes' }))];
  if (metrics.length === 0) throw new Failure('metrics not available yet');
  const available = new Map<string, ResourceList>(
    (await read(nodes)).map(({ metadata, status }) => [
      metadata.name,
      (flags.bool('show-capacity') ? status.capacity : status.allocatable) ?? {},
    ]),
  );
  const resources = measured(session);
  const tabs = new TabWriter((text) => session.out(text));
  if (!flags.bool('no-headers')) {
    const swap = resources.includes('swap') ? ['SWAP(bytes)', 'SWAP(%)'] : [];
    tabs.row(['NAME', 'CPU(cores)', 'CPU(%)', 'MEMORY(bytes)', 'MEMORY(%)', ...swap, '']);
  }
  metrics.sort(
    byUsage(
      session,
      (each) => each.usage,
      (each) => each.metadata.name,
    ),
  );
  for (const { metadata, usage } of metrics) {
    const whole = available.get(metadata.name) ?? {};
    available.delete(metadata.name);
    const cells = resources.flatMap((resource) => {
      const text = usageText(resource, usage[resource]);
      const limit = whole[resource];
      return limit === undefined ? [text] : [text, shareText(usage[resource], limit)];
    });
    tabs.row([metadata.name, ...cells, '']);
  }
  for (const missing of available.keys()) {
    tabs.row([missing, ...resources.flatMap(() => ['<unknown>', '<unknown>']), '']);
  }
  tabs.flush();
  return 0;
}
