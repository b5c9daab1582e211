import assert from 'node:assert/strict';
import { eventually } from '../../e2e/support/cluster.ts';
import { strategicPatch } from '../support/api.ts';
import type { Behaviours } from '../support/behaviours.ts';
import { container, idle, podOf, server, waitForever } from '../support/pods.ts';
import { readWebSocket } from '../support/web-socket.ts';

/** Behaviours of pods in the API. */
export const podsApi: Behaviours = (behaviour) => {
  behaviour('[sig-node] Pods should be submitted and removed', async (s) => {
    const watch = await s.api.watch(s.path('pods'), { labelSelector: 'time=now' });
    await s.create(server('submitted', { labels: { time: 'now' } }));
    await watch.next('added', (e) => e.type === 'ADDED');
    assert.equal((await s.get('pods')).items.length, 1);
    await s.ready('submitted');
    await s.delete('pods', 'submitted', { gracePeriodSeconds: 30 });
    await watch.next('deletion is on its way', (e) => e.object.metadata.deletionTimestamp !== undefined);
    const last = await watch.next('deleted', (e) => e.type === 'DELETED');
    assert.notEqual(last.object.metadata.deletionGracePeriodSeconds, undefined);
    watch.close();
    assert.equal((await s.api.get(`${s.path('pods')}?labelSelector=time%3Dnow`)).items.length, 0);
  });

  behaviour('[sig-node] Pods should be updated', async (s) => {
    await s.start(server('updated', { labels: { time: 'now' } }));
    await s.api.change(s.path('pods', 'updated'), (pod) => {
      pod.metadata.labels.time = 'later';
    });
    assert.equal((await s.api.get(`${s.path('pods')}?labelSelector=time%3Dlater`)).items.length, 1);
  });

  behaviour('[sig-node] Pods should allow activeDeadlineSeconds to be updated', async (s) => {
    await s.start(idle('deadline'));
    await s.api.change(s.path('pods', 'deadline'), (pod) => {
      pod.spec.activeDeadlineSeconds = 5;
    });
    const pod = await s.until('pods', 'deadline', 'failed', (p) => p.status.phase === 'Failed');
    assert.equal(pod.status.reason, 'DeadlineExceeded');
  });

  behaviour('[sig-node] Pods should get a host IP', async (s) => {
    const { spec, status } = await s.start(idle('hosted'));
    const node = await s.get('nodes', spec.nodeName);
    assert.equal(status.hostIP, node.status.addresses.find((a: any) => a.type === 'InternalIP').address);
    assert.deepEqual(status.hostIPs, [{ ip: status.hostIP }]);
  });

  behaviour('[sig-node] Pods should delete a collection of pods', async (s) => {
    for (const name of ['one', 'two', 'three'])
      await s.create(idle(name, {}, {}, { labels: { type: 'Testing' } }));
    await s.api.delete(`${s.path('pods')}?labelSelector=type%3DTesting`, { gracePeriodSeconds: 1 });
    await eventually('no pods', async () => (await s.get('pods')).items.length === 0);
  });

  behaviour('[sig-node] Pods should patch a pod status', async (s) => {
    await s.start(idle('patched'));
    const body = {
      metadata: { annotations: { patched: 'true' } },
      status: { message: 'Patched by e2e test', reason: 'E2E' },
    };
    const pod = await s.api.patch(`${s.path('pods', 'patched')}/status`, body, strategicPatch);
    assert.equal(pod.status.message, 'Patched by e2e test');
    assert.equal(pod.status.reason, 'E2E');
  });

  behaviour('[sig-node] Pods should run through the lifecycle of Pods and PodStatus', async (s) => {
    const watch = await s.api.watch(s.path('pods'), { labelSelector: 'test-pod-static=true' });
    await s.create(idle('lives', {}, {}, { labels: { 'test-pod-static': 'true' } }));
    await watch.next('running', (e) => e.object.status.phase === 'Running');
    await s.api.patch(
      s.path('pods', 'lives'),
      { metadata: { labels: { 'test-pod': 'patched' } }, spec: { terminationGracePeriodSeconds: 1 } },
      strategicPatch,
    );
    await watch.next(
      'patched',
      (e) => e.type === 'MODIFIED' && e.object.metadata.labels['test-pod'] === 'patched',
    );
    await eventually('a status of ours', async () => {
      const pod = await s.api.get(`${s.path('pods', 'lives')}/status`);
      const ready = pod.status.conditions.find((c: any) => c.type === 'Ready');
      ready.status = 'False';
      ready.message = 'told so';
      const { status } = await s.api.call('PUT', `${s.path('pods', 'lives')}/status`, pod);
      return status === 200;
    });
    await watch.next('unready', (e) => e.object.status.conditions.some((c: any) => c.message === 'told so'));
    await s.api.delete(`${s.path('pods')}?labelSelector=test-pod-static%3Dtrue`, { gracePeriodSeconds: 1 });
    await watch.next('deleted', (e) => e.type === 'DELETED');
    watch.close();
  });

  behaviour('[sig-node] Pods should support remote command execution over websockets', async (s) => {
    await s.start(idle('remote', { command: ['sh', '-c', `echo container is alive; ${waitForever}`] }));
    const query = 'command=echo&command=remote+execution+test&stderr=1&stdout=1&container=main';
    const path = `${s.path('pods', 'remote')}/exec?${query}`;
    const { protocol, messages } = await readWebSocket(s.cluster.dir, path, 'channel.k8s.io');
    assert.equal(protocol, 'channel.k8s.io');
    const output = messages
      .filter((m) => m[0] === 1)
      .map((m) => m.subarray(1).toString())
      .join('');
    assert.equal(output, 'remote execution test\n');
    const rest = messages.filter((m) => m.length > 1 && m[0] === 2);
    assert.deepEqual(rest, []);
  });

  behaviour(
    '[sig-node] Pods should support retrieving logs from the container over websockets',
    async (s) => {
      await s.start(idle('talks', { command: ['sh', '-c', `echo container is alive; ${waitForever}`] }));
      const path = `${s.path('pods', 'talks')}/log?container=main`;
      const { messages } = await readWebSocket(s.cluster.dir, path, 'binary.k8s.io');
      assert.equal(Buffer.concat(messages).toString(), 'container is alive\n');
    },
  );

  behaviour(
    '[sig-node] Pods Extended Pods Set QOS Class should be set on Pods with matching resource requests and limits for memory and cpu',
    async (s) => {
      const amounts = { cpu: '100m', memory: '100Mi' };
      await s.create(idle('guaranteed', { resources: { requests: amounts, limits: amounts } }));
      assert.equal((await s.get('pods', 'guaranteed')).status.qosClass, 'Guaranteed');
    },
  );

  const observed = (generation: number) => (pod: any) => pod.status.observedGeneration === generation;

  behaviour(
    '[sig-node] Pods Extended (pod generation) Pod Generation pod generation should start at 1 and increment per update [MinimumKubeletVersion:1.34]',
    async (s) => {
      const resources = { requests: { cpu: '10m', memory: '20Mi' }, limits: { cpu: '20m', memory: '40Mi' } };
      await s.create(idle('counts', { resources }, { tolerations: [{ key: 'a', operator: 'Exists' }] }));
      let pod = await s.ready('counts');
      assert.equal(pod.metadata.generation, 1);
      const path = s.path('pods', 'counts');
      const steps: readonly [(pod: any) => void, number, string?][] = [
        [
          (p) => {
            p.spec.activeDeadlineSeconds = 1000;
          },
          2,
        ],
        [
          (p) => {
            p.spec.containers[0].image = p.spec.containers[0].image.replace(':1', ':1@sha256:').split('@')[0];
          },
          2,
        ],
        [
          (p) => {
            p.spec.tolerations.push({ key: 'b', operator: 'Exists' });
          },
          3,
        ],
        [
          (p) => {
            p.metadata.annotations = { key: 'value' };
          },
          3,
        ],
        [
          (p) => {
            p.metadata.labels = { key: 'value' };
          },
          3,
        ],
        [
          (p) => {
            p.spec.containers[0].resources.requests.cpu = '15m';
          },
          4,
          '/resize',
        ],
      ];
      for (const [mutate, generation, subresource = ''] of steps) {
        pod = await s.api.change(path + subresource, mutate);
        assert.equal(pod.metadata.generation, generation);
        await s.until('pods', 'counts', `observed at ${generation}`, observed(generation));
      }
      await s.api.change(`${path}/ephemeralcontainers`, (p) => {
        p.spec.ephemeralContainers = [container('more', { command: ['sh', '-c', waitForever] })];
      });
      pod = await s.until('pods', 'counts', 'observed at 5', observed(5));
      assert.equal(pod.metadata.generation, 5);
      for (const { observedGeneration } of pod.status.conditions) assert.ok(observedGeneration >= 1);
    },
  );

  behaviour(
    '[sig-node] Pods Extended (pod generation) Pod Generation custom-set generation on new pods and graceful delete',
    async (s) => {
      const pod = idle('set', {}, { terminationGracePeriodSeconds: 10 });
      pod.spec.containers[0].command = ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done'];
      await s.create({
        ...pod,
        metadata: { ...pod.metadata, generation: 100, finalizers: ['example.com/hold'] },
      });
      assert.equal((await s.get('pods', 'set')).metadata.generation, 1);
      await s.ready('set');
      const deleted = await s.delete('pods', 'set');
      assert.equal(deleted.metadata.generation, 2);
      await s.until('pods', 'set', 'observed at 2', observed(2));
      await s.api.change(s.path('pods', 'set'), (p) => {
        delete p.metadata.finalizers;
      });
      await s.gone('pods', 'set');
    },
  );

  behaviour(
    '[sig-node] Pods Extended (pod generation) Pod Generation issue 500 podspec updates and verify generation and observedGeneration eventually converge [MinimumKubeletVersion:1.34]',
    async (s) => {
      await s.start(idle('busy'));
      for (let i = 0; i < 499; i += 1) {
        const body = [
          { op: 'add', path: '/spec/tolerations/-', value: { key: `key-${i}`, operator: 'Exists' } },
        ];
        await s.api.patch(s.path('pods', 'busy'), body, 'application/json-patch+json');
      }
      const pod = await s.until('pods', 'busy', 'observed at 500', observed(500));
      assert.equal(pod.metadata.generation, 500);
    },
  );

  const amounts = (cpu: string, memory: string) => ({ requests: { cpu, memory }, limits: { cpu, memory } });
  const resize = '[sig-node] Pod InPlace Resize Container';
  const three = `${resize} guaranteed pods with multiple containers 3 containers -`;
  type Sizes = readonly object[];
  const cases: Record<string, { before: Sizes; after: Sizes; replace?: boolean }> = {
    [`${three} increase cpu & mem on c1, c2, decrease cpu & mem on c3 - net increase`]: {
      before: [amounts('20m', '40Mi'), amounts('20m', '40Mi'), amounts('30m', '60Mi')],
      after: [amounts('30m', '50Mi'), amounts('30m', '50Mi'), amounts('25m', '55Mi')],
    },
    [`${three} increase cpu & mem on c1, decrease cpu & mem on c2, c3 - net decrease`]: {
      before: [amounts('20m', '40Mi'), amounts('30m', '60Mi'), amounts('30m', '60Mi')],
      after: [amounts('25m', '45Mi'), amounts('25m', '55Mi'), amounts('25m', '55Mi')],
    },
    [`${three} increase: CPU (c1,c3), memory (c2, c3) ; decrease: CPU (c2)`]: {
      before: [amounts('20m', '40Mi'), amounts('30m', '40Mi'), amounts('20m', '40Mi')],
      after: [amounts('30m', '40Mi'), amounts('25m', '50Mi'), amounts('30m', '50Mi')],
    },
    [`${resize} burstable pods - extended 6 containers - various operations performed (including adding limits and requests)`]:
      {
        before: [
          {},
          { requests: { cpu: '20m' } },
          { limits: { cpu: '30m' } },
          { requests: { memory: '40Mi' } },
          amounts('20m', '40Mi'),
          { requests: { cpu: '10m', memory: '30Mi' } },
        ],
        after: [
          { requests: { cpu: '10m', memory: '30Mi' } },
          { requests: { cpu: '20m' }, limits: { cpu: '30m' } },
          { requests: { cpu: '30m', memory: '30Mi' }, limits: { cpu: '30m', memory: '30Mi' } },
          { requests: { memory: '40Mi' }, limits: { memory: '50Mi' } },
          amounts('25m', '50Mi'),
          { requests: { cpu: '15m', memory: '35Mi' }, limits: { cpu: '20m', memory: '45Mi' } },
        ],
      },
    [`${resize} burstable pods - extended resize with equivalents`]: {
      before: [{ requests: { cpu: '2m' }, limits: { cpu: '10m' } }],
      after: [{ requests: { cpu: '1m' }, limits: { cpu: '5m' } }],
    },
    [`${resize} resize pod via the replace endpoint`]: {
      before: [amounts('20m', '40Mi')],
      after: [amounts('30m', '50Mi')],
      replace: true,
    },
  };
  for (const [title, { before, after, replace }] of Object.entries(cases)) {
    behaviour(`${title} [MinimumKubeletVersion:1.34]`, async (s) => {
      const containers = before.map((resources, i) =>
        container(`c${i + 1}`, { command: ['sh', '-c', waitForever], resources }),
      );
      await s.start(podOf('resized', containers));
      const path = `${s.path('pods', 'resized')}/resize`;
      if (replace) {
        await s.api.change(path, (pod) => {
          pod.spec.containers.forEach((c: any, i: number) => {
            c.resources = after[i];
          });
        });
      } else {
        const body = {
          spec: { containers: after.map((resources, i) => ({ name: `c${i + 1}`, resources })) },
        };
        await s.api.patch(path, body, strategicPatch);
      }
      const pod = await s.until(
        'pods',
        'resized',
        'resized',
        (p) =>
          p.status.observedGeneration === p.metadata.generation &&
          !p.status.conditions.some((c: any) => c.type.startsWith('PodResize')) &&
          p.spec.containers.every(
            (c: any, i: number) =>
              JSON.stringify(sorted(p.status.containerStatuses[i]?.resources)) ===
              JSON.stringify(sorted(c.resources)),
          ),
      );
      for (const [i, c] of pod.spec.containers.entries()) {
        const { restartCount, allocatedResources = {} } = pod.status.containerStatuses[i];
        assert.equal(restartCount, 0);
        assert.deepEqual(sorted(allocatedResources), sorted(c.resources.requests ?? {}));
        assert.deepEqual(sorted(c.resources), sorted({ ...before[i], ...(after[i] as object) }));
      }
      assert.deepEqual(await s.api.get(path), await s.get('pods', 'resized'));
      const last = pod.spec.containers.length;
      const { limits } = pod.spec.containers[last - 1].resources;
      const shown = await s.kubectl('exec', 'resized', '-c', `c${last}`, '--', 'sh', '-c', readLimits);
      const [bytes, quota] = shown.trim().split('\n');
      if (limits?.memory !== undefined) {
        assert.equal(bytes, String(Number.parseInt(limits.memory, 10) * 2 ** 20));
      }
      // Microseconds of each 100 ms; the kernel takes no less than 1 ms.
      if (limits?.cpu !== undefined) {
        assert.equal(quota, String(Math.max(1000, Number.parseInt(limits.cpu, 10) * 100)));
      }
    });
  }
};

/** Memory in bytes and CPU quota, a line each, whichever version the cgroups have. */
const readLimits =
  'cd /sys/fs/cgroup; cat memory.max 2>/dev/null || cat memory/memory.limit_in_bytes;' +
  ' cut -d" " -f1 cpu.max 2>/dev/null || cat cpu/cpu.cfs_quota_us';

function sorted(value: any): any {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
