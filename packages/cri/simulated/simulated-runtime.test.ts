import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@coxswain/machinery';
import type { ContainerConfig } from '../container.ts';
import { runtimeSuite } from '../runtime-suite.ts';
import type { PodSandboxConfig } from '../sandbox.ts';
import { behaviourAnnotations } from './behaviour.ts';
import { SimulatedRuntime } from './simulated-runtime.ts';

const image = 'coxswain.test/app:1';

runtimeSuite(
  'SimulatedRuntime',
  async () => {
    const runtime = new SimulatedRuntime();
    await runtime.pullImage({ image }, undefined, sandbox('puller', {}));
    return { runtime, image, logDirectory: '', cgroupParent: '', close: async () => runtime.close() };
  },
  { [behaviourAnnotations.exitAfter]: '0.1', [behaviourAnnotations.exitCode]: '3' },
);

function sandbox(uid: string, annotations: Record<string, string>): PodSandboxConfig {
  return {
    metadata: { name: uid, namespace: 'default', uid, attempt: 0 },
    hostname: uid,
    logDirectory: '',
    portMappings: [],
    labels: {},
    annotations,
    linux: {
      cgroupParent: '',
      securityContext: { namespaceOptions: { network: 'POD', pid: 'CONTAINER', ipc: 'POD' } },
    },
  };
}

function container(name: string): ContainerConfig {
  return {
    metadata: { name, attempt: 0 },
    image: { image },
    command: [],
    args: [],
    workingDir: '',
    envs: [],
    mounts: [],
    devices: [],
    labels: {},
    annotations: {},
    logPath: '',
    stdin: false,
    stdinOnce: false,
    tty: false,
    linux: {
      resources: {},
      securityContext: {
        privileged: false,
        namespaceOptions: { network: 'POD', pid: 'CONTAINER', ipc: 'POD' },
        readonlyRootfs: false,
        supplementalGroups: [],
        noNewPrivs: false,
        maskedPaths: [],
        readonlyPaths: [],
      },
    },
  };
}

async function started(annotations: Record<string, string>) {
  const clock = new VirtualClock();
  const runtime = new SimulatedRuntime({ clock });
  const config = sandbox('a', annotations);
  await runtime.pullImage({ image }, undefined, config);
  const sandboxId = await runtime.runPodSandbox(config, '');
  const id = await runtime.createContainer(sandboxId, container('web'));
  await runtime.startContainer(id);
  return { clock, runtime, id };
}

test('startContainer() lets a container run until it is stopped when nothing says otherwise', async () => {
  const { clock, runtime, id } = await started({});
  await clock.advance(365 * 24 * 3_600_000);
  assert.equal((await runtime.containerStatus(id)).state, 'CONTAINER_RUNNING');
});

test('startContainer() lets a container end on the clock when its annotation names a time', async () => {
  const { clock, runtime, id } = await started({
    [behaviourAnnotations.exitAfter]: '60',
    [`${behaviourAnnotations.exitCode}.web`]: '7',
  });
  await clock.advance(59_999);
  assert.equal((await runtime.containerStatus(id)).state, 'CONTAINER_RUNNING');
  await clock.advance(1);
  const status = await runtime.containerStatus(id);
  assert.deepEqual([status.state, status.exitCode, status.reason], ['CONTAINER_EXITED', 7, 'Error']);
});

test('execSync() fails until the container is ready when its annotation names a delay', async () => {
  const { clock, runtime, id } = await started({ [behaviourAnnotations.readyAfter]: '5' });
  assert.equal((await runtime.execSync(id)).exitCode, 1);
  await clock.advance(5_000);
  assert.equal((await runtime.execSync(id)).exitCode, 0);
});

test('stopContainer() kills when the container takes longer than it is given', async () => {
  const { clock, runtime, id } = await started({ [behaviourAnnotations.stopDuration]: '60' });
  const stopping = runtime.stopContainer(id, 10);
  await clock.advance(10_000);
  await stopping;
  assert.equal((await runtime.containerStatus(id)).exitCode, 137);
});

test('runPodSandbox() refuses when all addresses are taken', async () => {
  const runtime = new SimulatedRuntime({ podCidr: '10.0.0.0/30' });
  const first = await runtime.runPodSandbox(sandbox('a', {}), '');
  assert.deepEqual((await runtime.podSandboxStatus(first)).ips, ['10.0.0.2']);
  await assert.rejects(runtime.runPodSandbox(sandbox('b', {}), ''), /no IP addresses available/);
  await runtime.removePodSandbox(first);
  await runtime.runPodSandbox(sandbox('b', {}), '');
});
