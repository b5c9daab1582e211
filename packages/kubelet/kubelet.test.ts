import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { behaviourAnnotations } from '@coxswain/cri';
import type { KubeObject } from '@coxswain/machinery';
import { container, type SimulatedNode, startSimulatedNode } from './testing/simulated-node-suite.ts';
import type { Pod } from './types.ts';

const { exitAfter, exitCode, readyAfter, pullError, stopDuration } = behaviourAnnotations;

function phase(pod: Pod | undefined): string | undefined {
  return pod?.status.phase;
}

function condition(pod: Pod | undefined, type: string): string | undefined {
  return pod?.status.conditions?.find((c) => c.type === type)?.status;
}

describe('kubelet', () => {
  let node: SimulatedNode;
  beforeEach(async () => {
    node = await startSimulatedNode();
  });
  afterEach(() => node.close());

  test('registers its node with capacity, conditions and a lease', async () => {
    const registered = node.api.find({ group: '', resource: 'nodes' }, 'node-1');
    assert.equal(registered?.['status'].capacity.cpu, '2');
    assert.deepEqual(registered?.['status'].addresses, [
      { type: 'InternalIP', address: '192.0.2.1' },
      { type: 'Hostname', address: 'node-1' },
    ]);
    assert.equal(
      registered?.['status'].conditions.find((c: { type: string }) => c.type === 'Ready').status,
      'True',
    );
    const leases = { group: 'coordination.k8s.io', resource: 'leases' };
    await node.until('a lease', () => node.api.find(leases, 'kube-node-lease/node-1') !== undefined);
    const first = node.api.find(leases, 'kube-node-lease/node-1')?.['spec'].renewTime;
    await node.clock.advance(10_000);
    assert.notEqual(node.api.find(leases, 'kube-node-lease/node-1')?.['spec'].renewTime, first);
  });

  test('runs a pod and tells of it', async () => {
    await node.create('web');
    await node.until('running', () => phase(node.pod('web')) === 'Running');
    const status = node.pod('web')?.status;
    assert.equal(status?.podIP, '10.244.0.2');
    assert.equal(status?.hostIP, '192.0.2.1');
    assert.equal(status?.qosClass, 'BestEffort');
    assert.equal(status?.observedGeneration, 1);
    assert.deepEqual(
      status?.conditions?.map((c) => `${c.type}=${c.status}`),
      ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(
        (type) => `${type}=True`,
      ),
    );
    const [app] = status?.containerStatuses ?? [];
    assert.ok(app?.ready && app.started && app.state?.running);
    await node.until('events', () => node.events('web').length >= 4);
    assert.deepEqual(
      node.events('web').map((e) => e.replace(/ in .*/, '')),
      [
        'Pulling: Pulling image "coxswain.test/app:1"',
        'Pulled: Successfully pulled image "coxswain.test/app:1"',
        'Created: Container created',
        'Started: Container started',
      ],
    );
  });

  test('stops a deleted pod, lets it go, and leaves nothing behind', async () => {
    await node.create('web');
    await node.until('running', () => phase(node.pod('web')) === 'Running');
    await node.delete('web');
    await node.until('gone', () => node.pod('web') === undefined);
    await node.until('events', () => node.events('web').some((e) => e === 'Killing: Stopping container app'));
    await node.clock.advance(0);
    assert.deepEqual(await node.runtime.listPodSandbox(), []);
    assert.deepEqual(await node.runtime.listContainers(), []);
  });

  test('kills a container that does not stop within the grace period', async () => {
    await node.create('slow', { terminationGracePeriodSeconds: 5 }, { [stopDuration]: '3600' });
    await node.until('running', () => phase(node.pod('slow')) === 'Running');
    await node.delete('slow', 5);
    await node.clock.advance(4_000);
    assert.ok(node.pod('slow')?.metadata.deletionTimestamp);
    await node.until('gone', () => node.pod('slow') === undefined, 3);
  });

  test('restarts a container that ends, waiting twice as long each time', async () => {
    await node.create('crash', {}, { [exitAfter]: '1', [exitCode]: '3' });
    const restarts = (): number => node.pod('crash')?.status.containerStatuses?.[0]?.restartCount ?? 0;
    const ended = async (): Promise<number> => {
      await node.until(
        'backing off',
        () => node.pod('crash')?.status.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff',
        600,
      );
      return node.clock.now();
    };
    await node.until('first restart', () => restarts() === 1, 5);
    for (const [i, seconds] of [10, 20, 40, 80, 160, 300, 300].entries()) {
      const from = await ended();
      const message = node.pod('crash')?.status.containerStatuses?.[0]?.state?.waiting?.message;
      assert.match(message ?? '', /^back-off .* restarting failed container=app pod=crash_default\(/);
      await node.until('next restart', () => restarts() === i + 2, seconds + 2);
      const waited = (node.clock.now() - from) / 1000;
      assert.ok(Math.abs(waited - seconds) < 1, `waited ${waited} s in place of ${seconds} s`);
    }
    const last = node.pod('crash')?.status.containerStatuses?.[0]?.lastState?.terminated;
    assert.deepEqual([last?.exitCode, last?.reason], [3, 'Error']);
  });

  for (const [name, code, want] of [
    ['done', '0', 'Succeeded'],
    ['failed', '1', 'Failed'],
  ] as const) {
    test(`ends a pod that is never restarted as ${want} when its container exits with ${code}`, async () => {
      await node.create(name, { restartPolicy: 'Never' }, { [exitAfter]: '2', [exitCode]: code });
      await node.until(want, () => phase(node.pod(name)) === want);
      const pod = node.pod(name);
      assert.equal(pod?.status.containerStatuses?.[0]?.state?.terminated?.exitCode, Number(code));
      assert.equal(condition(pod, 'Ready'), 'False');
      // Its logs may still be asked for: the container stays.
      assert.equal((await node.runtime.listContainers()).length, 1);
    });
  }

  test('keeps containers running over its own restart', async () => {
    await node.create('web');
    await node.until('running', () => phase(node.pod('web')) === 'Running');
    const before = await node.runtime.listContainers();
    const writes = node.api.writes.filter((w) => w.startsWith('patch pods/status')).length;
    await node.restart();
    await node.clock.advance(5_000);
    assert.deepEqual(
      (await node.runtime.listContainers()).map((c) => [c.id, c.state]),
      before.map((c) => [c.id, c.state]),
    );
    assert.equal(node.api.writes.filter((w) => w.startsWith('patch pods/status')).length, writes);
    await node.delete('web');
    await node.until('gone', () => node.pod('web') === undefined);
  });

  test('stops a pod that was deleted while it was down', async () => {
    await node.create('web');
    await node.until('running', () => phase(node.pod('web')) === 'Running');
    node.api.intercept = () => undefined;
    await node.restart();
    await node.client.resource({ group: '', version: 'v1', resource: 'pods' }, 'default').delete('web', {
      gracePeriodSeconds: 0,
    });
    await node.until('empty', () => node.pod('web') === undefined);
    await node.clock.advance(1_000);
    assert.deepEqual(await node.runtime.listPodSandbox(), []);
  });

  test('runs init containers one after the other, and sidecars beside the rest', async () => {
    await node.create(
      'app',
      {
        restartPolicy: 'Never',
        initContainers: [container('one'), container('proxy', { restartPolicy: 'Always' }), container('two')],
      },
      { [`${exitAfter}.one`]: '3', [`${exitAfter}.two`]: '3', [`${exitAfter}.app`]: '10' },
    );
    const states = async (): Promise<Record<string, string>> =>
      Object.fromEntries(
        (await node.runtime.listContainers()).map((c) => [
          c.metadata.name,
          c.state.replace('CONTAINER_', ''),
        ]),
      );
    await node.clock.advance(1_000);
    assert.deepEqual(await states(), { one: 'RUNNING' });
    assert.equal(condition(node.pod('app'), 'Initialized'), 'False');
    await node.clock.advance(3_000);
    assert.deepEqual(await states(), { one: 'EXITED', proxy: 'RUNNING', two: 'RUNNING' });
    await node.clock.advance(3_000);
    assert.deepEqual(await states(), { one: 'EXITED', proxy: 'RUNNING', two: 'EXITED', app: 'RUNNING' });
    assert.equal(condition(node.pod('app'), 'Initialized'), 'True');
    await node.until('the end', () => phase(node.pod('app')) === 'Succeeded', 20);
    assert.equal((await states())['proxy'], 'EXITED');
  });

  test('plays the probes and hooks that need a network or a program', async () => {
    const containers = [
      container('app', {
        lifecycle: { postStart: { exec: { command: ['x'] } }, preStop: { sleep: { seconds: 4 } } },
        livenessProbe: { httpGet: { port: 80 }, periodSeconds: 1, failureThreshold: 1 },
        readinessProbe: { tcpSocket: { port: 80 }, periodSeconds: 1 },
      }),
    ];
    await node.create('web', { containers });
    await node.until('ready', () => condition(node.pod('web'), 'Ready') === 'True');
    await node.clock.advance(10_000);
    assert.equal(node.pod('web')?.status.containerStatuses?.[0]?.restartCount, 0);
    await node.delete('web');
    await node.clock.advance(3_500);
    assert.ok(node.pod('web'));
    await node.until('gone', () => node.pod('web') === undefined, 2);
  });

  test('is not ready until the readiness probe succeeds', async () => {
    const readinessProbe = { exec: { command: ['check'] }, periodSeconds: 2, failureThreshold: 1 };
    await node.create('web', { containers: [container('app', { readinessProbe })] }, { [readyAfter]: '7' });
    await node.until('running', () => phase(node.pod('web')) === 'Running');
    assert.equal(condition(node.pod('web'), 'Ready'), 'False');
    await node.until('ready', () => condition(node.pod('web'), 'Ready') === 'True', 10);
    assert.ok(node.events('web').some((e) => e.startsWith('Unhealthy: Readiness probe failed')));
  });

  test('restarts a container whose liveness probe fails', async () => {
    const livenessProbe = { exec: { command: ['check'] }, periodSeconds: 1, failureThreshold: 3 };
    const containers = [container('app', { livenessProbe })];
    await node.create('web', { containers }, { [readyAfter]: '3600' });
    await node.until(
      'restarted',
      () => node.pod('web')?.status.containerStatuses?.[0]?.restartCount === 1,
      20,
    );
    await node.clock.advance(100);
    const killing = 'Killing: Container app failed liveness probe, will be restarted';
    assert.ok(node.events('web').includes(killing), node.events('web').join('\n'));
  });

  test('probes for readiness only after the startup probe has succeeded', async () => {
    const exec = { command: ['check'] };
    const containers = [
      container('app', {
        startupProbe: { exec, periodSeconds: 1, failureThreshold: 30 },
        readinessProbe: { exec, periodSeconds: 30 },
      }),
    ];
    await node.create('web', { containers }, { [readyAfter]: '5' });
    await node.clock.advance(3_000);
    assert.equal(node.pod('web')?.status.containerStatuses?.[0]?.started, false);
    // Ready within moments of the start, not a period of the readiness probe later.
    await node.until('ready', () => condition(node.pod('web'), 'Ready') === 'True', 5);
    assert.ok(!node.events('web').some((e) => e.includes('Readiness')));
  });

  test('says why an image cannot be pulled, and tries again ever later', async () => {
    await node.create('web', {}, { [pullError]: 'no such image' });
    const reason = (): string | undefined =>
      node.pod('web')?.status.containerStatuses?.[0]?.state?.waiting?.reason;

    await node.until('refused', () => reason() === 'ErrImagePull', 5);
    await node.until('backing off', () => reason() === 'ImagePullBackOff', 5);
    assert.equal(phase(node.pod('web')), 'Pending');
    assert.ok(node.events('web').includes('BackOff: Back-off pulling image "coxswain.test/app:1"'));
  });

  test('refuses a pod for which the node has no room', async () => {
    const containers = [container('app', { resources: { requests: { cpu: '3' } } })];
    await node.create('big', { containers });
    await node.until('refused', () => phase(node.pod('big')) === 'Failed');
    assert.equal(node.pod('big')?.status.reason, 'OutOfcpu');
    assert.equal(
      node.pod('big')?.status.message,
      "Pod was rejected: Node didn't have enough resource: cpu, requested: 3000, used: 0, capacity: 2000",
    );
    assert.deepEqual(await node.runtime.listPodSandbox(), []);
  });

  test('changes the resources of a running container, restarting it only where its policy says so', async () => {
    const requests = { cpu: '100m', memory: '100Mi' };
    const resizePolicy = [
      { resourceName: 'cpu', restartPolicy: 'NotRequired' },
      { resourceName: 'memory', restartPolicy: 'RestartContainer' },
    ];
    const resources = { requests, limits: { cpu: '200m', memory: '100Mi' } };
    await node.create('web', { containers: [container('app', { resources, resizePolicy })] });
    await node.until('running', () => phase(node.pod('web')) === 'Running');
    const status = () => node.pod('web')?.status.containerStatuses?.[0];
    const resize = async (next: typeof resources): Promise<void> => {
      const pod = node.pod('web') as Pod;
      const spec = { ...pod.spec, containers: [{ ...pod.spec.containers[0], resources: next }] };
      const metadata = { ...pod.metadata, generation: (pod.metadata.generation ?? 1) + 1 };
      const body = { ...pod, metadata, spec } as unknown as KubeObject;
      await node.client.resource({ group: '', version: 'v1', resource: 'pods' }, 'default').update(body);
    };
    const more = { requests: { cpu: '200m', memory: '100Mi' }, limits: { cpu: '400m', memory: '100Mi' } };
    await resize(more);
    await node.until('more CPU', () => status()?.resources?.limits?.['cpu'] === '400m');
    assert.equal(status()?.restartCount, 0);
    const [listed] = await node.runtime.listContainers();
    const { resources: actual } = await node.runtime.containerStatus(listed?.id ?? '');
    assert.deepEqual([actual?.cpuShares, actual?.cpuQuota], [204, 40_000]);

    const memory = { requests: { cpu: '200m', memory: '200Mi' }, limits: { cpu: '400m', memory: '200Mi' } };
    await resize(memory);
    await node.until('a restart', () => status()?.restartCount === 1);
    await node.until('more memory', () => status()?.resources?.limits?.['memory'] === '200Mi');

    await resize({ requests: { cpu: '3', memory: '200Mi' }, limits: { cpu: '3', memory: '200Mi' } });
    await node.until('a refusal', () => condition(node.pod('web'), 'PodResizePending') === 'True');
    const pending = node.pod('web')?.status.conditions?.find((c) => c.type === 'PodResizePending');
    assert.equal(pending?.reason, 'Infeasible');
    assert.equal(status()?.resources?.limits?.['cpu'], '400m');
    await resize(memory);
    await node.until('peace', () => condition(node.pod('web'), 'PodResizePending') === undefined);
  });

  test('fails a pod that is active for longer than it may be', async () => {
    await node.create('batch', { activeDeadlineSeconds: 30 });
    await node.until('running', () => phase(node.pod('batch')) === 'Running');
    await node.clock.advance(25_000);
    assert.equal(phase(node.pod('batch')), 'Running');
    await node.until('failed', () => phase(node.pod('batch')) === 'Failed', 10);
    assert.equal(node.pod('batch')?.status.reason, 'DeadlineExceeded');
    await node.until(
      'stopped',
      () => node.pod('batch')?.status.containerStatuses?.[0]?.state?.terminated !== undefined,
    );
  });
});
