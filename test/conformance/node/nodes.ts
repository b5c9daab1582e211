import assert from 'node:assert/strict';
import { strategicPatch } from '../support/api.ts';
import type { Behaviours } from '../support/behaviours.ts';
import { idle } from '../support/pods.ts';
import type { Scope } from '../support/scope.ts';

const taint = { key: 'kubernetes.io/e2e-evict-taint-key', value: 'evictTaintVal', effect: 'NoExecute' };
const tolerates = (tolerationSeconds: number) => ({
  tolerations: [{ ...taint, operator: 'Equal', tolerationSeconds }],
});

/** Behaviours of nodes. */
export const nodes: Behaviours = (behaviour, alone) => {
  behaviour('[sig-node] Node Lifecycle should run through the lifecycle of a node', async (s) => {
    const name = `fake-${s.namespace}`;
    const path = s.path('nodes', name);
    await s.create({ apiVersion: 'v1', kind: 'Node', metadata: { name }, status: { phase: 'Running' } });
    assert.equal((await s.api.get(path)).metadata.name, name);
    const patched = await s.api.patch(path, { metadata: { labels: { [name]: 'patched' } } }, strategicPatch);
    assert.equal(patched.metadata.labels[name], 'patched');
    assert.equal((await s.api.get(`${s.path('nodes')}?labelSelector=${name}%3Dpatched`)).items.length, 1);
    const updated = await s.api.change(path, (node) => {
      node.metadata.labels[name] = 'updated';
    });
    assert.equal(updated.metadata.labels[name], 'updated');
    await s.api.delete(`${s.path('nodes')}?labelSelector=${name}%3Dupdated`);
    await s.gone('nodes', name);
  });

  const setTaints = (s: Scope, node: string, change: (taints: any[]) => any[]) =>
    s.api.change(s.path('nodes', node), (object) => {
      object.spec.taints = change(object.spec.taints ?? []);
    });
  const without = (taints: any[]) => taints.filter((t) => t.key !== taint.key);

  alone(
    '[sig-node] NoExecuteTaintManager Single Pod [Serial] removing taint cancels eviction [Disruptive]',
    async (s) => {
      const { spec } = await s.start(idle('tolerant', {}, tolerates(5)));
      await s.create(idle('measure', {}, { ...tolerates(14), nodeName: spec.nodeName }));
      await s.ready('measure');
      await setTaints(s, spec.nodeName, (taints) => [...taints, taint]);
      try {
        await s.until('nodes', spec.nodeName, 'tainted', (n) =>
          n.spec.taints?.some((t: any) => t.key === taint.key),
        );
        const watch = await s.api.watch(s.path('pods'));
        await setTaints(s, spec.nodeName, without);
        // What would have been evicted by now.
        await s.create(idle('later', {}, { nodeName: spec.nodeName, activeDeadlineSeconds: 7 }));
        await s.until('pods', 'later', 'past its deadline', (p) => p.status.phase === 'Failed');
        assert.equal((await s.get('pods', 'tolerant')).metadata.deletionTimestamp, undefined);
        assert.ok(!watch.events.some((e) => e.type === 'DELETED' && e.object.metadata.name === 'tolerant'));
        watch.close();
      } finally {
        await setTaints(s, spec.nodeName, without);
      }
    },
  );

  alone(
    '[sig-node] NoExecuteTaintManager Multiple Pods [Serial] evicts pods with minTolerationSeconds [Disruptive]',
    async (s) => {
      const { spec } = await s.start(idle('short', {}, tolerates(2)));
      await s.start(idle('long', {}, { ...tolerates(5), nodeName: spec.nodeName }));
      const watch = await s.api.watch(s.path('pods'));
      await setTaints(s, spec.nodeName, (taints) => [...taints, taint]);
      try {
        const first = await watch.next(
          'one is evicted',
          (e) => e.object.metadata.deletionTimestamp !== undefined,
        );
        assert.equal(first.object.metadata.name, 'short');
        assert.ok(
          first.object.status.conditions.some(
            (c: any) => c.type === 'DisruptionTarget' && c.reason === 'DeletionByTaintManager',
          ),
        );
        await watch.next(
          'the other too',
          (e) => e.object.metadata.name === 'long' && e.object.metadata.deletionTimestamp !== undefined,
        );
        await s.gone('pods', 'short');
        await s.gone('pods', 'long');
        watch.close();
      } finally {
        await setTaints(s, spec.nodeName, without);
      }
    },
  );
};
