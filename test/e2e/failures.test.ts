import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { eventually, whyNotReal } from './support/cluster.ts';
import { httpGet, withCluster } from './support/fixture.ts';
import { deployment, idle, pod, service } from './support/objects.ts';
import { toolImage } from './support/tool-image.ts';

describe('failures and change', { skip: whyNotReal ?? false }, () => {
  const cluster = withCluster('e2ef', 2, '--node-monitor-grace-period=20s', '--node-monitor-period=1s');

  test('a Deployment rolls to a new image and back with no failed request to its Service', async () => {
    await cluster.apply(
      deployment('web', 3, { lifecycle: { preStop: { sleep: { seconds: 1 } } } }),
      service('web', { type: 'NodePort', ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] }),
    );
    await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    const addresses = [...(await cluster.nodeAddresses()).values()];
    await eventually(
      'the service answers',
      async () => (await httpGet(`http://${addresses[0]}:30080/`)).status === 200,
    );
    const failures: string[] = [];
    const versions = new Set<string>();
    let asked = 0;
    let done = false;
    const asking = Array.from({ length: 3 }, async (_, i) => {
      while (!done) {
        try {
          const { body } = await httpGet(`http://${addresses[i % addresses.length]}:30080/`);
          versions.add(body.trim().split(' ').at(-1) as string);
        } catch (error) {
          failures.push(String((error as Error).cause ?? error));
        }
        asked++;
        // Requests at a pace that leaves the machine, which runs everything, room to roll.
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    });
    try {
      await cluster.kubectl('set', 'image', 'deployment/web', `main=${toolImage(2)}`);
      await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=90s');
      await eventually('the new version answers', async () => versions.has('2'));
      versions.clear();
      await cluster.kubectl('rollout', 'undo', 'deployment/web');
      await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=90s');
      await eventually('the old version answers', async () => versions.has('1'));
    } finally {
      done = true;
      await Promise.all(asking);
    }
    assert.deepEqual(failures, []);
    assert.ok(asked > 50, `only ${asked} requests were made`);
    assert.match(await cluster.kubectl('rollout', 'history', 'deployment/web'), /^3 /m);
  });

  test('kill -9 of the server loses no acknowledged write, stops no container, and watches go on', async () => {
    await cluster.apply(pod('steady', idle));
    await cluster.kubectl('wait', 'pod/steady', '--for=condition=Ready', '--timeout=60s');
    const before = (await cluster.json('get', 'pod', 'steady')).status.containerStatuses[0];
    const acknowledged: string[] = [];
    let stopped = false;
    const writer = (async () => {
      for (let i = 0; !stopped; i++) {
        const { code } = await cluster.tryKubectl('create', 'configmap', `w-${i}`, `--from-literal=n=${i}`);
        if (code === 0) acknowledged.push(`w-${i}`);
      }
    })();
    const watch = cluster.spawnKubectl('get', 'configmaps', '-w', '-o', 'name');
    let watched = '';
    watch.stdout?.on('data', (data) => {
      watched += data;
    });
    await eventually('some writes are there', async () => acknowledged.length >= 10);
    process.kill(await cluster.pid('server'), 'SIGKILL');
    await eventually(
      'the server is gone',
      async () => (await cluster.tryKubectl('get', '--raw', '/readyz')).code !== 0,
    );
    await cluster.mend();
    const more = acknowledged.length;
    await eventually('writes go on', async () => acknowledged.length >= more + 3);
    stopped = true;
    await writer;
    watch.kill();
    const { items } = await cluster.json('get', 'configmaps');
    const there = new Set(items.map((map: any) => map.metadata.name));
    assert.deepEqual(
      acknowledged.filter((name) => !there.has(name)),
      [],
    );
    assert.ok(watched.includes('configmap/w-0'));
    const after = (await cluster.json('get', 'pod', 'steady')).status.containerStatuses[0];
    assert.equal(after.containerID, before.containerID);
    assert.equal(after.restartCount, 0);
  });

  test('a node whose agent is killed goes NotReady, and its pods move to the other node', async () => {
    const tolerations = ['not-ready', 'unreachable'].map((name) => ({
      key: `node.kubernetes.io/${name}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 2,
    }));
    await cluster.apply(deployment('mover', 2, {}, { tolerations }));
    await cluster.kubectl('rollout', 'status', 'deployment/mover', '--timeout=60s');
    const placed = async (): Promise<any[]> =>
      (await cluster.json('get', 'pods', '-l', 'app=mover')).items.filter(
        (p: any) => !p.metadata.deletionTimestamp,
      );
    assert.deepEqual(new Set((await placed()).map((p) => p.spec.nodeName)).size, 2, 'one pod on each node');
    process.kill(await cluster.pid('agent-node-2'), 'SIGKILL');
    await eventually('node-2 is NotReady', async () => {
      const node = await cluster.json('get', 'node', 'node-2');
      const ready = node.status.conditions.find((c: any) => c.type === 'Ready');
      return (
        ready.status === 'Unknown' &&
        node.spec.taints?.some((t: any) => t.key === 'node.kubernetes.io/unreachable')
      );
    });
    await eventually('both pods run on node-1', async () => {
      const pods = await placed();
      return (
        pods.length === 2 && pods.every((p) => p.spec.nodeName === 'node-1' && p.status.phase === 'Running')
      );
    });
    // The agent comes back, finds its containers and takes away what has moved.
    await cluster.mend();
    await eventually(
      'the moved pod is gone for good',
      async () => (await cluster.json('get', 'pods', '-l', 'app=mover')).items.length === 2,
    );
  });

  test('cox down leaves nothing behind', async () => {
    await cluster.down();
    const shown = (command: string, ...args: string[]): string =>
      execFileSync(command, args, { encoding: 'utf8' });
    assert.doesNotMatch(shown('ip', 'netns'), /e2ef/);
    assert.doesNotMatch(shown('ip', 'link'), /e2ef/);
    assert.doesNotMatch(shown('nft', 'list', 'tables'), /e2ef/);
    assert.doesNotMatch(shown('cat', '/proc/self/mounts'), /coxswain-e2ef/);
    assert.doesNotMatch(shown('ps', 'axww', '-o', 'args'), /coxswain-e2ef/);
    assert.doesNotMatch(shown('find', '/sys/fs/cgroup', '-maxdepth', '2', '-name', '*e2ef*'), /e2ef/);
  });
});
