import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { aNode, aPlacer, aPod, asking } from './fixtures-suite.ts';
import { defaultPlugins } from './plugins/default-plugins.ts';
import { findPreemption, type PreemptionResult } from './preemption.ts';
import { schedulePod } from './schedule-pod.ts';

function preempt(
  nodes: readonly KubeObject[],
  placed: readonly KubeObject[],
  pod: KubeObject,
  budgets: readonly Record<string, any>[] = [],
): PreemptionResult {
  const placement = schedulePod(aPlacer(nodes, placed), pod);
  assert.ok(placement.node === undefined, 'the pod fits without preemption');
  return findPreemption(placement.cycle, defaultPlugins, placement.refusals, budgets);
}

const on = (node: string, priority: number, cpu = '2'): object => ({
  ...asking(cpu),
  nodeName: node,
  priority,
});

test('findPreemption() picks the node whose victims matter least and spares who may stay', () => {
  const placed = [
    aPod('a1', on('a', 5)),
    aPod('a2', on('a', 1)),
    aPod('b1', on('b', 9)),
    aPod('b2', on('b', 8)),
  ];
  const { candidate } = preempt(
    [aNode('a'), aNode('b')],
    placed,
    aPod('p', { ...asking('2'), priority: 10 }),
  );
  assert.equal(candidate?.node, 'a');
  assert.deepEqual(
    candidate?.victims.map((v) => v.metadata.name),
    ['a2'],
  );
});

test('findPreemption() avoids breaking a disruption budget when another node is as good', () => {
  const guarded = aPod('a1', on('a', 1, '4'), { labels: { app: 'guarded' } });
  const placed = [guarded, aPod('b1', on('b', 2, '4'))];
  const budget = {
    metadata: { namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'guarded' } } },
    status: { disruptionsAllowed: 0 },
  };
  const { candidate } = preempt(
    [aNode('a'), aNode('b')],
    placed,
    aPod('p', { ...asking('2'), priority: 10 }),
    [budget],
  );
  assert.equal(candidate?.node, 'b');
});

test('findPreemption() says why when nobody less important is there', () => {
  const placed = [aPod('a1', on('a', 10, '4'))];
  const result = preempt([aNode('a')], placed, aPod('p', { ...asking('2'), priority: 10 }));
  assert.ok(!result.candidate);
  assert.equal(result.message, '0/1 nodes are available: 1 No preemption victims found for incoming pod.');
});

test('findPreemption() leaves nodes alone that no eviction could free', () => {
  const placed = [aPod('a1', on('a', 1, '4'))];
  const result = preempt([aNode('a')], placed, aPod('p', { ...asking('5'), priority: 10 }));
  assert.ok(!result.candidate);
  assert.equal(result.message, '0/1 nodes are available: 1 Preemption is not helpful for scheduling.');
});
