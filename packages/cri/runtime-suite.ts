/** What every container runtime must do, as the kubelet relies on it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { systemClock } from '@coxswain/machinery';
import type { ContainerConfig, ContainerStatus } from './container.ts';
import type { Runtime, RuntimeEvent } from './contract.ts';
import { isRuntimeNotFound } from './runtime-error.ts';
import type { PodSandboxConfig } from './sandbox.ts';

/** A runtime under test. */
export interface RuntimeUnderTest {
  readonly runtime: Runtime;
  /** An image that is there. */
  readonly image: string;
  readonly logDirectory: string;
  readonly cgroupParent: string;
  close(): Promise<void>;
}

const namespaces = { network: 'POD', pid: 'CONTAINER', ipc: 'POD' } as const;
let made = 0;

function sandboxConfig(under: RuntimeUnderTest, annotations: Record<string, string> = {}): PodSandboxConfig {
  const uid = `uid-${++made}`;
  return {
    metadata: { name: `pod-${made}`, namespace: 'default', uid, attempt: 0 },
    hostname: `pod-${made}`,
    logDirectory: under.logDirectory,
    portMappings: [],
    labels: { 'io.kubernetes.pod.uid': uid },
    annotations,
    linux: { cgroupParent: under.cgroupParent, securityContext: { namespaceOptions: namespaces } },
  };
}

function containerConfig(name: string, image: string, script: string): ContainerConfig {
  return {
    metadata: { name, attempt: 0 },
    image: { image },
    command: ['sh', '-c', script],
    args: [],
    workingDir: '',
    envs: [],
    mounts: [],
    devices: [],
    labels: { 'io.kubernetes.container.name': name },
    annotations: { 'io.kubernetes.container.restartCount': '0' },
    logPath: `${name}-${made}.log`,
    stdin: false,
    stdinOnce: false,
    tty: false,
    linux: {
      resources: { cpuShares: 10 },
      securityContext: {
        privileged: false,
        namespaceOptions: namespaces,
        readonlyRootfs: false,
        supplementalGroups: [],
        noNewPrivs: false,
        maskedPaths: [],
        readonlyPaths: [],
      },
    },
  };
}

/** Resolves when the container is in the state; the runtime tells when to look again. */
async function untilState(runtime: Runtime, id: string, state: string): Promise<ContainerStatus> {
  const limit = AbortSignal.timeout(20_000);
  for (;;) {
    const status = await runtime.containerStatus(id);
    if (status.state === state) return status;
    await systemClock.sleep(20, limit);
  }
}

/** @param exiting annotations that let a simulated container end by itself with code 3 */
export function runtimeSuite(
  name: string,
  start: () => Promise<RuntimeUnderTest>,
  exiting: Record<string, string> = {},
): void {
  describe(name, () => {
    let under: RuntimeUnderTest;
    let runtime: Runtime;
    before(async () => {
      under = await start();
      runtime = under.runtime;
    });
    after(() => under.close());

    test('runPodSandbox() gives a ready sandbox with an address and the labels it was made with', async () => {
      const config = sandboxConfig(under);
      const id = await runtime.runPodSandbox(config, '');
      const status = await runtime.podSandboxStatus(id);
      assert.equal(status.state, 'SANDBOX_READY');
      assert.equal(status.ips.length, 1);
      assert.equal(status.hostNetwork, false);
      assert.deepEqual(status.labels, config.labels);
      const listed = await runtime.listPodSandbox({ labels: config.labels });
      assert.deepEqual(
        listed.map((s) => s.id),
        [id],
      );
      await runtime.removePodSandbox(id);
    });

    test('stopPodSandbox() stops its containers and takes its address, and may be repeated', async () => {
      const config = sandboxConfig(under);
      const id = await runtime.runPodSandbox(config, '');
      const container = await runtime.createContainer(
        id,
        containerConfig('c', under.image, 'sleep 1000'),
        config,
      );
      await runtime.startContainer(container);
      await runtime.stopPodSandbox(id);
      await runtime.stopPodSandbox(id);
      assert.equal((await runtime.podSandboxStatus(id)).state, 'SANDBOX_NOTREADY');
      assert.equal((await runtime.containerStatus(container)).state, 'CONTAINER_EXITED');
      await runtime.removePodSandbox(id);
      await runtime.removePodSandbox(id);
      await assert.rejects(runtime.podSandboxStatus(id), isRuntimeNotFound);
      await assert.rejects(runtime.containerStatus(container), isRuntimeNotFound);
    });

    test('startContainer() leads from created to running, and stopContainer() to exited', async () => {
      const config = sandboxConfig(under);
      const id = await runtime.runPodSandbox(config, '');
      const container = await runtime.createContainer(
        id,
        containerConfig('c', under.image, 'trap "exit 0" TERM; sleep 1000 & wait'),
        config,
      );
      assert.equal((await runtime.containerStatus(container)).state, 'CONTAINER_CREATED');
      await runtime.startContainer(container);
      const running = await runtime.containerStatus(container);
      assert.equal(running.state, 'CONTAINER_RUNNING');
      assert.ok(running.startedAt >= running.createdAt);
      assert.equal(running.annotations['io.kubernetes.container.restartCount'], '0');
      await runtime.stopContainer(container, 5);
      await runtime.stopContainer(container, 5);
      const stopped = await runtime.containerStatus(container);
      assert.equal(stopped.state, 'CONTAINER_EXITED');
      assert.ok(stopped.finishedAt >= stopped.startedAt);
      await runtime.removePodSandbox(id);
    });

    test('a container that ends by itself is told of, with its exit code', async () => {
      const events: RuntimeEvent[] = [];
      const stop = new AbortController();
      await new Promise<void>((resolve) => {
        void runtime.watchEvents?.((event) => events.push(event), resolve, stop.signal);
        // Some runtimes answer the subscription with the first event only.
        void runtime.listContainers().then(() => resolve());
      });
      const config = sandboxConfig(under, exiting);
      const id = await runtime.runPodSandbox(config, '');
      const container = await runtime.createContainer(
        id,
        containerConfig('c', under.image, 'sleep 0.3; exit 3'),
        config,
      );
      await runtime.startContainer(container);
      const status = await untilState(runtime, container, 'CONTAINER_EXITED');
      assert.equal(status.exitCode, 3);
      assert.equal(status.reason, 'Error');
      assert.ok(events.some((e) => e.type === 'stopped' && e.containerId === container));
      stop.abort();
      await runtime.removePodSandbox(id);
    });

    test('listContainers() selects by label, sandbox and state', async () => {
      const config = sandboxConfig(under);
      const id = await runtime.runPodSandbox(config, '');
      const make = (n: string) =>
        runtime.createContainer(id, containerConfig(n, under.image, 'sleep 1000'), config);
      const [a, b] = [await make('a'), await make('b')];
      await runtime.startContainer(a);
      const ids = async (filter: Parameters<Runtime['listContainers']>[0]) =>
        (await runtime.listContainers(filter)).map((c) => c.id).sort();
      assert.deepEqual(await ids({ podSandboxId: id }), [a, b].sort());
      assert.deepEqual(await ids({ podSandboxId: id, state: 'CONTAINER_RUNNING' }), [a]);
      const labels = { 'io.kubernetes.container.name': 'b' };
      assert.deepEqual(await ids({ podSandboxId: id, labels }), [b]);
      await runtime.removePodSandbox(id);
      assert.deepEqual(await ids({ podSandboxId: id }), []);
    });

    test('imageStatus() gives the image by name and by id, and nothing for one that is not there', async () => {
      const byName = await runtime.imageStatus({ image: under.image });
      assert.ok(byName);
      assert.ok(byName.repoTags.includes(under.image));
      assert.deepEqual(await runtime.imageStatus({ image: byName.id }), byName);
      assert.equal(await runtime.imageStatus({ image: 'coxswain.test/absent:1' }), undefined);
    });

    test('execSync() runs in a running container only', async () => {
      const config = sandboxConfig(under);
      const id = await runtime.runPodSandbox(config, '');
      const container = await runtime.createContainer(
        id,
        containerConfig('c', under.image, 'sleep 1000'),
        config,
      );
      await assert.rejects(runtime.execSync(container, ['ls', '/'], 5));
      await runtime.startContainer(container);
      assert.equal((await runtime.execSync(container, ['ls', '/'], 5)).exitCode, 0);
      await runtime.removePodSandbox(id);
    });
  });
}
