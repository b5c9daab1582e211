import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../e2e/support/cluster.ts';
import { idle, pod } from '../../e2e/support/objects.ts';
import type { Suite } from '../support/suite.ts';

/** Reserves nothing but what is asked for, so that nodes fill by it alone. */
const resource = 'example.com/conformance-slots';
const resourcePath = `/status/capacity/${resource.replace('/', '~1')}`;

const slots = (name: string, count: number, spec: object = {}): object => {
  const amount = { [resource]: String(count) };
  return pod(name, { ...idle, resources: { requests: amount, limits: amount } }, spec);
};

const scheduled = (object: any): any =>
  object.status.conditions?.find((condition: any) => condition.type === 'PodScheduled');

const priorityClass = (name: string, value: number): object => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  value,
});

/** These fill nodes, so they run one after the other. */
export function scheduling({ api, namespace }: Suite): void {
  const nodes = async (): Promise<string[]> =>
    (await api.get('/api/v1/nodes')).items.map(({ metadata }: any) => metadata.name);
  const running = (path: string): Promise<any> =>
    api.until(`${path} runs`, path, ({ status }) => status.phase === 'Running');
  const refused = (path: string): Promise<any> =>
    api.until(`${path} fits nowhere`, path, (object) => scheduled(object)?.reason === 'Unschedulable');
  const label = (node: string, value: string | null): Promise<any> =>
    api.patch(`/api/v1/nodes/${node}`, { metadata: { labels: { 'conformance/here': value } } });

  /** Classes are the whole cluster's: there may be one already. */
  const ensureClass = async (name: string, value: number): Promise<void> => {
    const body = priorityClass(name, value);
    const { status } = await api.call('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', body);
    assert.ok(status === 201 || status === 409);
  };

  /** Gives every node slots for the time of `work`; the pods that took them go with them. */
  async function withSlots(pods: string, count: number, work: () => Promise<void>): Promise<void> {
    const patch = async (body: object): Promise<void> => {
      for (const node of await nodes()) {
        await api.patch(`/api/v1/nodes/${node}/status`, body, 'application/json-patch+json');
      }
    };
    await patch([{ op: 'add', path: resourcePath, value: String(count) }]);
    for (const node of await nodes()) {
      await api.until(
        'the slots can be had',
        `/api/v1/nodes/${node}`,
        ({ status }) => status.allocatable[resource] === String(count),
      );
    }
    try {
      await work();
    } finally {
      await api.delete(pods, { gracePeriodSeconds: 0 });
      await patch([{ op: 'remove', path: resourcePath }]);
    }
  }

  test('Conformance Tests should have at least two untainted nodes', async () => {
    const { items } = await api.get('/api/v1/nodes');
    const usable = items.filter(({ spec, status }: any) => {
      const ready = status.conditions.find(({ type }: any) => type === 'Ready');
      return ready.status === 'True' && !spec.unschedulable && (spec.taints ?? []).length === 0;
    });
    assert.ok(usable.length >= 2);
  });

  test('SchedulerPredicates [Serial] validates resource limits of pods that are allowed to run', async () => {
    const path = `/api/v1/namespaces/${await namespace('sched-pred')}/pods`;
    const sized = (name: string, cpu: string, node?: string): object =>
      pod(
        name,
        { ...idle, resources: { requests: { cpu }, limits: { cpu } } },
        node === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': node } },
      );
    const all = await nodes();
    for (const node of all) {
      const { status } = await api.get(`/api/v1/nodes/${node}`);
      const { items } = await api.get(`/api/v1/pods?fieldSelector=spec.nodeName%3D${node}`);
      const used = items
        .filter((p: any) => !['Succeeded', 'Failed'].includes(p.status.phase))
        .flatMap((p: any) => p.spec.containers)
        .map((c: any) => milli(c.resources?.requests?.cpu))
        .reduce((a: number, b: number) => a + b, 0);
      const filler = Math.floor((milli(status.allocatable.cpu) - used) * 0.7);
      await api.create(path, sized(`filler-${node}`, `${filler}m`, node));
      await running(`${path}/filler-${node}`);
    }
    const { status } = await api.get(`/api/v1/nodes/${all[0]}`);
    await api.create(path, sized('additional-pod', `${Math.floor(milli(status.allocatable.cpu) * 0.5)}m`));
    const { message } = scheduled(await refused(`${path}/additional-pod`));
    assert.match(message, /^0\/2 nodes are available: 2 Insufficient cpu/);
    await Promise.all(all.map((node) => api.delete(`${path}/filler-${node}`, { gracePeriodSeconds: 0 })));
    await api.delete(`${path}/additional-pod`);
  });

  test('SchedulerPredicates [Serial] validates that NodeSelector is respected if not matching', async () => {
    const path = `/api/v1/namespaces/${await namespace('sched-pred')}/pods`;
    await api.create(path, pod('restricted-pod', idle, { nodeSelector: { label: 'nonempty' } }));
    const { message } = scheduled(await refused(`${path}/restricted-pod`));
    assert.match(
      message,
      /^0\/2 nodes are available: 2 node\(s\) didn't match Pod's node affinity\/selector/,
    );
  });

  test('SchedulerPredicates [Serial] validates that NodeSelector is respected if matching', async () => {
    const path = `/api/v1/namespaces/${await namespace('sched-pred')}/pods`;
    const [, node = ''] = await nodes();
    await label(node, '42');
    try {
      await api.create(path, pod('with-labels', idle, { nodeSelector: { 'conformance/here': '42' } }));
      assert.equal((await running(`${path}/with-labels`)).spec.nodeName, node);
    } finally {
      await label(node, null);
    }
  });

  test('SchedulerPredicates [Serial] validates that there exists conflict between pods with same hostPort and protocol but one using 0.0.0.0 hostIP', async () => {
    const path = `/api/v1/namespaces/${await namespace('sched-pred')}/pods`;
    const [node = ''] = await nodes();
    const { status } = await api.get(`/api/v1/nodes/${node}`);
    const { address } = status.addresses.find(({ type }: any) => type === 'InternalIP');
    const bound = (name: string, hostIP: string): object =>
      pod(
        name,
        {
          ports: [
            { containerPort: 8080, hostPort: 54322, protocol: 'TCP', ...(hostIP === '' ? {} : { hostIP }) },
          ],
        },
        { nodeSelector: { 'kubernetes.io/hostname': node } },
      );
    await api.create(path, bound('pod4', ''));
    await running(`${path}/pod4`);
    await api.create(path, bound('pod5', address));
    const { message } = scheduled(await refused(`${path}/pod5`));
    assert.match(message, /1 node\(s\) didn't have free ports for the requested pod ports/);
  });

  test('SchedulerPreemption [Serial] validates basic preemption works', async () => {
    const path = `/api/v1/namespaces/${await namespace('sched-preempt')}/pods`;
    for (const [name, value] of Object.entries({ low: 1, medium: 100, high: 1000 })) {
      await ensureClass(`sched-${name}`, value);
    }
    await withSlots(path, 10, async () => {
      for (const [index, node] of (await nodes()).entries()) {
        for (const number of [0, 1]) {
          const first = index + number === 0;
          const priorityClassName = first ? 'sched-low' : 'sched-medium';
          const name = `pod${index}-${number}-${priorityClassName}`;
          const nodeSelector = { 'kubernetes.io/hostname': node };
          await api.create(path, slots(name, 4, { priorityClassName, nodeSelector }));
          await running(`${path}/${name}`);
        }
      }
      await api.create(path, slots('preemptor', 4, { priorityClassName: 'sched-high' }));
      await running(`${path}/preemptor`);
      const victim = await api.call('GET', `${path}/pod0-0-sched-low`);
      assert.ok(victim.status === 404 || victim.body.metadata.deletionTimestamp);
      for (const name of ['pod0-1-sched-medium', 'pod1-0-sched-medium', 'pod1-1-sched-medium']) {
        assert.equal((await api.get(`${path}/${name}`)).metadata.deletionTimestamp, undefined);
      }
    });
  });

  test('SchedulerPreemption [Serial] validates lower priority pod preemption by critical pod', async () => {
    const path = `/api/v1/namespaces/${await namespace('sched-preempt')}/pods`;
    const system = '/api/v1/namespaces/kube-system/pods';
    await ensureClass('sched-low', 1);
    await withSlots(path, 1, async () => {
      const [node = ''] = await nodes();
      const nodeSelector = { 'kubernetes.io/hostname': node };
      await api.create(path, slots('victim', 1, { nodeSelector, priorityClassName: 'sched-low' }));
      await running(`${path}/victim`);
      const critical = { nodeSelector, priorityClassName: 'system-cluster-critical' };
      await api.create(system, slots('critical-pod', 1, critical));
      try {
        await running(`${system}/critical-pod`);
        const victim = await api.call('GET', `${path}/victim`);
        assert.ok(victim.status === 404 || victim.body.metadata.deletionTimestamp);
      } finally {
        await api.delete(`${system}/critical-pod`, { gracePeriodSeconds: 0 });
      }
    });
  });

  test('SchedulerPreemption [Serial] validates pod disruption condition is added to the preempted pod', async () => {
    const path = `/api/v1/namespaces/${await namespace('sched-preempt')}/pods`;
    const finalizer = 'e2e.example.com/keep';
    await ensureClass('sched-low', 1);
    await ensureClass('sched-high', 1000);
    await withSlots(path, 1, async () => {
      const [node = ''] = await nodes();
      const nodeSelector = { 'kubernetes.io/hostname': node };
      const victim = slots('victim-pod', 1, { nodeSelector, priorityClassName: 'sched-low' }) as any;
      victim.metadata.finalizers = [finalizer];
      await api.create(path, victim);
      await running(`${path}/victim-pod`);
      await api.create(path, slots('preemptor', 1, { nodeSelector, priorityClassName: 'sched-high' }));
      const marked = await api.until(
        'the victim goes',
        `${path}/victim-pod`,
        (p) => p.metadata.deletionTimestamp,
      );
      const condition = marked.status.conditions.find(({ type }: any) => type === 'DisruptionTarget');
      assert.equal(condition.status, 'True');
      assert.equal(condition.reason, 'PreemptionByScheduler');
      await api.change(`${path}/victim-pod`, (object) => {
        object.metadata.finalizers = [];
      });
      await running(`${path}/preemptor`);
      await api.delete(`${path}/preemptor`, { gracePeriodSeconds: 0 });
    });
  });

  test('SchedulerPreemption [Serial] PreemptionExecutionPath runs ReplicaSets to verify preemption running path', async () => {
    const base = await namespace('sched-preempt');
    const path = `/apis/apps/v1/namespaces/${base}/replicasets`;
    const sets = [1, 2, 3, 4].map((number) => `sched-p${number}`);
    for (const [index, name] of sets.entries()) await ensureClass(name, index + 1);
    await withSlots(`/api/v1/namespaces/${base}/pods`, 999, async () => {
      const [node = ''] = await nodes();
      const nodeSelector = { 'kubernetes.io/hostname': node };
      const set = (priorityClassName: string, replicas: number, count: number): object => {
        const name = `rs-${priorityClassName}`;
        const template = slots(name, count, { nodeSelector, priorityClassName }) as any;
        return {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          metadata: { name },
          spec: {
            replicas,
            selector: { matchLabels: { app: name } },
            template: { metadata: { labels: { app: name } }, spec: template.spec },
          },
        };
      };
      const created = new Map<string, Set<string>>();
      const log = await api.watch(`/api/v1/namespaces/${base}/pods`);
      const ready = (name: string, count: number): Promise<any> =>
        api.until(`${name} is ready`, `${path}/rs-${name}`, ({ status }) => status.readyReplicas === count);
      await api.create(path, set('sched-p1', 1, 200));
      await api.create(path, set('sched-p2', 1, 300));
      await api.create(path, set('sched-p3', 1, 450));
      await Promise.all(sets.slice(0, 3).map((name) => ready(name, 1)));
      await api.create(path, set('sched-p4', 1, 500));
      await ready('sched-p4', 1);
      await eventually('lower sets made pods anew', async () => {
        for (const { object } of log.events) {
          const names = created.get(object.metadata.labels.app) ?? new Set();
          created.set(object.metadata.labels.app, names.add(object.metadata.name));
        }
        return created.get('rs-sched-p1')?.size === 2 && created.get('rs-sched-p2')?.size === 2;
      });
      // The third stays: evicting the two lower ones frees enough.
      assert.equal(created.get('rs-sched-p3')?.size, 1);
      assert.equal(created.get('rs-sched-p4')?.size, 1);
      log.close();
      for (const name of sets) await api.delete(`${path}/rs-${name}`);
      await api.until('no pods', `/api/v1/namespaces/${base}/pods`, ({ items }) => items.length === 0);
    });
  });
}

function milli(cpu: string | undefined): number {
  if (cpu === undefined) return 0;
  return cpu.endsWith('m') ? Number(cpu.slice(0, -1)) : Number(cpu) * 1000;
}
