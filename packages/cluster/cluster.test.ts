import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ClusterError } from './cluster-error.ts';
import { clusterDown } from './down.ts';
import { writeOciArchive } from './image/oci-archive.ts';
import { tarArchive } from './image/tar.ts';
import { checkRealNodes } from './machine.ts';
import { machineArchitecture } from './mod.ts';
import { processesWithArgument } from './process-table.ts';
import { readState } from './state.ts';
import { clusterStatus, imageLoad } from './status.ts';
import { clusterUp, type UpOptions } from './up.ts';

const missing = await checkRealNodes().then(
  () => undefined,
  (error: unknown) => {
    if (error instanceof ClusterError) return error.message;
    throw error;
  },
);

/** Everything of a kind that this machine has, to compare before and after. */
async function traces(name: string): Promise<readonly string[]> {
  const sh = (command: string): string[] =>
    execFileSync('sh', ['-c', command], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(name));
  const cgroups = await readdir('/sys/fs/cgroup', { recursive: true }).catch(() => []);
  return [
    ...sh('ip -o link show'),
    ...sh('nft list tables'),
    ...sh('cat /proc/self/mounts'),
    ...sh('ls /run/netns 2>/dev/null || true'),
    ...cgroups.filter((path) => path.includes(name)),
  ];
}

describe('a cluster with two real nodes', { skip: missing ?? false }, () => {
  // Of its own name and networks, so that it stands beside any other on this machine.
  const name = `t${process.pid.toString(36)}`;
  let dir: string;
  let options: UpOptions;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'cox-'));
    const sleep = ['sh', '-c', 'exec sleep 1000000'];
    options = {
      dir,
      name,
      nodes: 2,
      nodeCidr: '10.219.77.0/24',
      podCidr: '10.220.0.0/16',
      serviceCidr: '10.221.0.0/16',
      programs: {
        server: () => sleep,
        agent: () => sleep,
        simulator: () => [],
        serverReady: async () => {},
        nodesReady: async () => {},
      },
    };
    await clusterUp(options);
  });

  after(async () => {
    await clusterDown({ dir, graceMs: 500 });
    await rm(dir, { recursive: true, force: true });
  });

  test('runs every program, and each node reaches the other', async () => {
    const status = await clusterStatus(dir);
    assert.equal(status?.server.running, true);
    for (const node of status?.nodes ?? []) {
      assert.equal(node.agent.running, true);
      assert.equal(node.containerd?.running, true);
    }
    const [one, two] = status?.plan.nodes ?? [];
    const routes = execFileSync('nsenter', [`--net=${one?.netns}`, 'ip', 'route', 'get', two!.address]);
    assert.match(String(routes), /dev eth0/);
  });

  test('imageLoad() brings an archive into every node under its name', async () => {
    const file = join(dir, 'image.tar');
    const image = { name: 'coxswain.example/test:1', architecture: machineArchitecture(), config: {} };
    await writeOciArchive({ ...image, layers: [{ tar: tarArchive([{ path: 'file' }]) }] }, file);
    assert.deepEqual(await imageLoad(dir, file), ['coxswain.example/test:1']);
    for (const node of (await readState(dir))!.plan.nodes) {
      const list = execFileSync('ctr', ['--address', node.socket!, '-n', 'k8s.io', 'images', 'list']);
      assert.match(String(list), /coxswain\.example\/test:1 .*io\.coxswain\.image=local/);
    }
    await assert.rejects(imageLoad(dir, join(dir, 'none.tar')), { code: 'INVALID_OPTION' });
  });

  test('imageLoad() reads what `docker save` writes', async () => {
    const layer = tarArchive([{ path: 'file', content: Buffer.from('x') }]);
    const digest = `sha256:${createHash('sha256').update(layer).digest('hex')}`;
    const config = {
      architecture: machineArchitecture(),
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [digest] },
    };
    const manifest = [
      { Config: 'config.json', RepoTags: ['coxswain.example/docker:2'], Layers: ['layer.tar'] },
    ];
    const file = join(dir, 'docker.tar');
    const text = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
    const entries = [
      { path: 'config.json', content: text(config) },
      { path: 'layer.tar', content: layer },
      { path: 'manifest.json', content: text(manifest) },
    ];
    await writeFile(file, tarArchive(entries));
    assert.deepEqual(await imageLoad(dir, file), ['coxswain.example/docker:2']);
  });

  test('clusterUp() starts a containerd again whose loop was killed', async () => {
    const before = (await clusterStatus(dir))!.nodes[0]!;
    process.kill(before.containerd!.pid!, 'SIGKILL');
    await clusterUp(options);
    const now = (await clusterStatus(dir))!.nodes[0]!;
    assert.equal(now.containerd?.running, true);
    const config = join(dir, 'nodes', now.name, 'containerd.toml');
    assert.equal((await processesWithArgument(config)).length, 2, 'one loop and one containerd');
  });

  test('clusterUp() starts what was killed and leaves the rest alone', async () => {
    const before = (await clusterStatus(dir))!;
    process.kill(before.nodes[0]!.agent.pid!, 'SIGKILL');
    await clusterUp(options);
    const now = (await clusterStatus(dir))!;
    assert.equal(now.nodes[0]!.agent.running, true);
    assert.notEqual(now.nodes[0]!.agent.pid, before.nodes[0]!.agent.pid);
    assert.equal(now.server.pid, before.server.pid);
    assert.equal(now.nodes[1]!.containerd?.pid, before.nodes[1]!.containerd?.pid);
  });

  test('clusterUp() refuses other options for a cluster that is there', async () => {
    await assert.rejects(clusterUp({ ...options, nodes: 3 }), { code: 'BUSY' });
  });

  test('clusterUp() refuses a second cluster of the same name', async () => {
    const other = await mkdtemp(join(tmpdir(), 'cox-'));
    const networks = { nodeCidr: '10.219.78.0/24', podCidr: '10.222.0.0/16', serviceCidr: '10.223.0.0/16' };
    await assert.rejects(clusterUp({ ...options, ...networks, dir: other }), {
      code: 'BUSY',
      message: new RegExp(`another cluster named "${name}" is in "${dir}"`),
    });
    await rm(other, { recursive: true });
  });

  test('clusterUp() says which process ended when one does', async () => {
    const other = await mkdtemp(join(tmpdir(), 'cox-'));
    const programs = {
      ...options.programs,
      server: () => ['false'],
      serverReady: () => new Promise<void>(() => {}),
    };
    await assert.rejects(clusterUp({ dir: other, simulate: 1, programs }), {
      code: 'PROCESS_DIED',
      message: /the process server ended; see ".*server\.log"/,
    });
    await clusterDown({ dir: other, graceMs: 0 });
  });

  test('clusterDown() leaves nothing, even after parts were killed', async () => {
    const status = (await clusterStatus(dir))!;
    assert.notDeepEqual(await traces(name), []);
    process.kill(status.server.pid!, 'SIGKILL');
    process.kill(status.nodes[0]!.containerd!.pid!, 'SIGKILL');
    await rm(join(dir, 'pids', 'agent-node-2.json'));
    assert.equal(await clusterDown({ dir, graceMs: 500 }), true);
    assert.deepEqual(await traces(name), []);
    assert.equal(existsSync(dir), false);
    for (const pid of status.nodes.map((node) => node.agent.pid)) {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      assert.doesNotMatch(command.replaceAll('\0', ' '), /sleep 1000000/);
    }
    assert.equal(await clusterDown({ dir }), false);
  });
});
