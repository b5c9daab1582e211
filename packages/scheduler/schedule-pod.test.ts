import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { aNode, aPlacer, aPod, asking, noCluster } from './fixtures-suite.ts';
import { enoughNodes, explainRefusals, schedulePod } from './schedule-pod.ts';

interface Case {
  readonly title: string;
  readonly nodes: readonly KubeObject[];
  readonly placed?: readonly KubeObject[];
  readonly pod: KubeObject;
  /** The node, or the text of why there is none. */
  readonly expect: string;
}

const antiAffinity = (labels: object): object => ({
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } },
      ],
    },
  },
});

const spread = (whenUnsatisfiable: string): object => ({
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable,
      labelSelector: { matchLabels: { app: 'a' } },
    },
  ],
});

const cases: readonly Case[] = [
  { title: 'there are no nodes', nodes: [], pod: aPod('p'), expect: 'no nodes available to schedule pods' },
  {
    title: 'requests exceed what is left',
    nodes: [aNode('a'), aNode('b', { spec: { unschedulable: true } })],
    placed: [aPod('x', { ...asking('3'), nodeName: 'a' })],
    pod: aPod('p', asking('2')),
    expect: '0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable.',
  },
  {
    title: 'several resources lack on one node',
    nodes: [aNode('a', { allocatable: { pods: '0' } })],
    pod: aPod('p', asking('5', '9Gi')),
    expect: '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 Too many pods.',
  },
  {
    title: 'the emptier node is the better one',
    nodes: [aNode('a'), aNode('b')],
    placed: [aPod('x', { ...asking('2', '2Gi'), nodeName: 'a' })],
    pod: aPod('p', asking('1', '1Gi')),
    expect: 'b',
  },
  {
    title: 'a taint is not tolerated',
    nodes: [aNode('a', { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } })],
    pod: aPod('p', { tolerations: [{ key: 'k', value: 'other', effect: 'NoSchedule' }] }),
    expect: '0/1 nodes are available: 1 node(s) had untolerated taint {k: v}.',
  },
  {
    title: 'a taint is tolerated',
    nodes: [aNode('a', { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } })],
    pod: aPod('p', { tolerations: [{ key: 'k', operator: 'Exists' }] }),
    expect: 'a',
  },
  {
    title: 'a node selector names a label that one node has',
    nodes: [aNode('a'), aNode('b', { labels: { disk: 'ssd' } })],
    pod: aPod('p', { nodeSelector: { disk: 'ssd' } }),
    expect: 'b',
  },
  {
    title: 'a host port is taken for all addresses',
    nodes: [aNode('a')],
    placed: [
      aPod('x', { nodeName: 'a', containers: [{ name: 'c', ports: [{ hostPort: 80, protocol: 'TCP' }] }] }),
    ],
    pod: aPod('p', {
      containers: [{ name: 'c', ports: [{ hostPort: 80, protocol: 'TCP', hostIP: '10.0.0.1' }] }],
    }),
    expect: "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.",
  },
  {
    title: 'anti-affinity keeps two of a kind apart',
    nodes: [aNode('a'), aNode('b')],
    placed: [aPod('x', { nodeName: 'a' }, { labels: { app: 'a' } })],
    pod: aPod('p', antiAffinity({ app: 'a' }), { labels: { app: 'a' } }),
    expect: 'b',
  },
  {
    title: 'a running pod wants to be alone',
    nodes: [aNode('a')],
    placed: [aPod('x', { ...antiAffinity({ app: 'b' }), nodeName: 'a' })],
    pod: aPod('p', {}, { labels: { app: 'b' } }),
    expect: "0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules.",
  },
  {
    title: 'a spread constraint forbids a second pod while another node has none',
    nodes: [aNode('a'), aNode('b', { spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } })],
    placed: [aPod('x', { nodeName: 'a' }, { labels: { app: 'a' } })],
    pod: aPod('p', spread('DoNotSchedule'), { labels: { app: 'a' } }),
    expect:
      "0/2 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) had untolerated taint {k: }.",
  },
  {
    title: 'a spread constraint that only prefers',
    nodes: [aNode('a'), aNode('b')],
    placed: [aPod('x', { nodeName: 'a' }, { labels: { app: 'a' } })],
    pod: aPod('p', spread('ScheduleAnyway'), { labels: { app: 'a' } }),
    expect: 'b',
  },
];

for (const { title, nodes, placed, pod, expect } of cases) {
  test(`schedulePod() gives ${expect} when ${title}`, () => {
    const placer = aPlacer(nodes, placed);
    const placement = schedulePod(placer, pod);
    const got = placement.node ?? explainRefusals(nodes.length, placement.refusals);
    assert.equal(got, expect);
  });
}

test('schedulePod() spreads the pods of one service evenly when they state no constraint', () => {
  const cluster = { ...noCluster, spreadSelectors: () => [{ matchLabels: { app: 'web' } }] };
  const placer = aPlacer([aNode('a'), aNode('b')], [], { cluster });
  const counts: Record<string, number> = {};
  for (let i = 0; i < 8; i++) {
    const pod = aPod(`p${i}`, {}, { labels: { app: 'web' } });
    const { node } = schedulePod(placer, pod);
    assert.ok(node);
    placer.snapshot.assume(pod, node);
    counts[node] = (counts[node] ?? 0) + 1;
  }
  assert.deepEqual(counts, { a: 4, b: 4 });
});

test('enoughNodes() looks at all of a small cluster and at a share of a large one', () => {
  assert.deepEqual([1, 99, 100, 1000, 5000, 10_000].map(enoughNodes), [1, 99, 100, 420, 500, 500]);
});
