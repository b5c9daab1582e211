import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { newKubeconfig, writeKubeconfig } from '@coxswain/client';
import { ApiProcess } from '../support/api-process.ts';
import { eventually } from './support/cluster.ts';
import { pod } from './support/objects.ts';

const cox = fileURLToPath(new URL('../../cox', import.meta.url));
const run = promisify(execFile);

/** Who the components are, as upstream's certificates name them. */
const users = {
  admin: 'admin,admin-uid,"system:masters"',
  scheduler: 'system:kube-scheduler,scheduler-uid',
  manager: 'system:kube-controller-manager,manager-uid,"system:masters"',
  node: 'system:node:alone,node-uid,"system:nodes"',
};

describe('components, each in a process of its own over HTTPS', () => {
  const dir = mkdtempSync(join(tmpdir(), 'coxswain-components-'));
  const running: ChildProcess[] = [];
  let server: ApiProcess | undefined;
  const start = (...args: readonly string[]): ChildProcess => {
    const child = spawn(cox, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    running.push(child);
    return child;
  };
  const config = (who: string): string => join(dir, `${who}.kubeconfig`);
  const kubectl = async (...args: readonly string[]): Promise<string> =>
    (await run('kubectl', ['--kubeconfig', config('admin'), ...args])).stdout;
  const stop = async (child: ChildProcess): Promise<number | null> => {
    if (child.exitCode !== null) return child.exitCode;
    child.kill('SIGTERM');
    return await new Promise((resolve) => child.once('exit', resolve));
  };

  before(async () => {
    const tokens = new Map(Object.keys(users).map((who) => [who, randomUUID() as string]));
    server = await ApiProcess.start({
      command: 'apiserver',
      dir: join(dir, 'state'),
      users: new Map(Object.entries(users).map(([who, user]) => [tokens.get(who) as string, user])),
      flags: ['--service-cluster-ip-range=10.99.0.0/16'],
    });
    const { url, ca } = server;
    for (const who of Object.keys(users)) {
      const parts = { name: 'c', server: url, ca, token: tokens.get(who) as string };
      await writeKubeconfig(config(who), newKubeconfig(parts));
    }
  });

  after(async () => {
    // The server goes last: the others give up their leases.
    for (const child of running.reverse()) await stop(child);
    await server?.stop();
    rmSync(dir, { recursive: true });
  });

  test('controller manager, scheduler and node bring a Deployment up through the API alone', async () => {
    start(
      'controller-manager',
      `--kubeconfig=${config('manager')}`,
      '--controllers=*,-namespace-controller',
      '--v=1',
    );
    start('scheduler', `--kubeconfig=${config('scheduler')}`, '--v=1');
    start('simulate', `alone=${config('node')}`, '--v=1');
    await kubectl('create', 'deployment', 'web', '--image=example/web:1', '--replicas=5');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    const leases = await kubectl('get', 'leases', '-n', 'kube-system', '-o', 'name');
    assert.match(leases, /kube-controller-manager/);
    assert.match(leases, /kube-scheduler/);
  });

  test('a second scheduler under another name places the pods that ask for it, and only those', async () => {
    await writeFile(dir, 'other.json', pod('mine', {}, { schedulerName: 'other' }));
    await kubectl('create', '-f', join(dir, 'other.json'));
    await eventually(
      'the service account is there',
      async () => (await kubectl('get', 'sa', 'default', '-o', 'name')) !== '',
    );
    assert.equal(await kubectl('get', 'pod', 'mine', '-o', 'jsonpath={.spec.nodeName}'), '');
    start('scheduler', `--kubeconfig=${config('manager')}`, '--scheduler-name=other', '--v=1');
    await eventually(
      'it is placed',
      async () => (await kubectl('get', 'pod', 'mine', '-o', 'jsonpath={.spec.nodeName}')) === 'alone',
    );
  });

  test('a component that stops gives its lease up, and another takes over at once', async () => {
    const leader = running.find((child) => child.spawnargs.includes('scheduler'));
    const before = await kubectl(
      'get',
      'lease',
      'kube-scheduler',
      '-n',
      'kube-system',
      '-o',
      'jsonpath={.spec.holderIdentity}',
    );
    assert.equal(await stop(leader as ChildProcess), 0);
    start('scheduler', `--kubeconfig=${config('scheduler')}`, '--v=1');
    await eventually('another leads', async () => {
      const now = await kubectl(
        'get',
        'lease',
        'kube-scheduler',
        '-n',
        'kube-system',
        '-o',
        'jsonpath={.spec.holderIdentity}',
      );
      return now !== '' && now !== before;
    });
    await kubectl('scale', 'deployment/web', '--replicas=8');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
  });

  test('a second server is refused the data dir, and says who holds it', async () => {
    const refused = await run(cox, ['apiserver', `--data-dir=${dir}/state`, '--secure-port=0']).catch(
      (error) => error,
    );
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /^error: open the data dir ".*": process \d+ is using it/);
    assert.equal(refused.stderr.trim().split('\n').length, 1);
  });

  test('an unknown flag names the nearest one, and a missing one is named', async () => {
    const unknown = await run(cox, ['scheduler', '--kubeconfg=x']).catch((error) => error);
    assert.equal(unknown.code, 2);
    assert.equal(unknown.stderr, 'error: unknown flag: --kubeconfg; the nearest known one is --kubeconfig\n');
    const missing = await run(cox, ['scheduler']).catch((error) => error);
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /^error: --kubeconfig is missing/);
  });
});

async function writeFile(dir: string, name: string, object: object): Promise<void> {
  writeFileSync(join(dir, name), JSON.stringify(object));
}
