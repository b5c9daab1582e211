import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { collect, eventually, whyNotReal } from './support/cluster.ts';
import { httpGet, withCluster } from './support/fixture.ts';
import { idle, pod } from './support/objects.ts';

describe('streams to containers', { skip: whyNotReal ?? false }, () => {
  const cluster = withCluster('e2es', 1);
  const start = async (name: string, parts: object): Promise<void> => {
    await cluster.apply(pod(name, parts));
    await cluster.kubectl('wait', `pod/${name}`, '--for=condition=Ready', '--timeout=60s');
  };

  test('kubectl logs -f shows what is there, follows, and ends with the container', async () => {
    await start('talker', {
      command: ['sh', '-c', 'for i in 1 2 3 4 5; do echo line $i; sleep 0.3; done; sleep 2; exit 0'],
    });
    const { stdout } = await collect(cluster.spawnKubectl('logs', '-f', 'talker'));
    assert.match(stdout, /^line 1\nline 2\nline 3\nline 4\nline 5\n/);
    const tail = await cluster
      .kubectl('logs', 'talker', '--tail=2', '--previous')
      .catch(() => cluster.kubectl('logs', 'talker', '--tail=2'));
    assert.match(tail, /line \d\nline \d\n$/);
  });

  test('kubectl exec gives output, input and the exit code', async () => {
    await start('shell', idle);
    assert.equal(await cluster.kubectl('exec', 'shell', '--', 'echo', 'hello'), 'hello\n');
    const child = cluster.spawnKubectl('exec', '-i', 'shell', '--', 'tr', 'a-z', 'A-Z');
    const output = collect(child);
    child.stdin?.end('shout\n');
    assert.equal((await output).stdout, 'SHOUT\n');
    const failed = await cluster.tryKubectl('exec', 'shell', '--', 'sh', '-c', 'echo no >&2; exit 7');
    assert.equal(failed.code, 7);
    assert.match(failed.stderr, /^no\n/);
  });

  test('kubectl exec -it gives a terminal of the right size', async () => {
    const child = collect(
      // script gives kubectl a terminal, as a person has one.
      (await import('node:child_process')).spawn(
        'script',
        [
          '-qec',
          'stty rows 33 cols 99; kubectl exec -it shell -- sh -c "while [ \\"\\$(stty size)\\" = \\"0 0\\" ]; do sleep 0.1; done; stty size"',
          '/dev/null',
        ],
        {
          env: { ...process.env, KUBECONFIG: join(cluster.dir, 'server', 'admin.kubeconfig') },
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      ),
    );
    assert.match((await child).stdout, /33 99/);
  });

  test('kubectl attach reads from and writes to the running process', async () => {
    await start('echo', { command: ['sh', '-c', 'while read line; do echo "got $line"; done'], stdin: true });
    const child = cluster.spawnKubectl('attach', '-i', 'echo');
    let seen = '';
    child.stdout?.on('data', (data) => {
      seen += data;
    });
    child.stdin?.write('one\n');
    await eventually('an answer', async () => seen.includes('got one'));
    child.stdin?.write('two\n');
    await eventually('another', async () => seen.includes('got two'));
    child.kill();
  });

  test('kubectl port-forward carries many connections', async () => {
    await start('web', {});
    const child = cluster.spawnKubectl('port-forward', 'pod/web', ':8080');
    try {
      let said = '';
      child.stdout?.on('data', (data) => {
        said += data;
      });
      const port = await eventually('a local port', async () => /127\.0\.0\.1:(\d+) ->/.exec(said)?.[1]);
      const bodies = await Promise.all(
        Array.from({ length: 10 }, () => httpGet(`http://127.0.0.1:${port}/`)),
      );
      assert.ok(bodies.every(({ body }) => body === 'web version 1\n'));
    } finally {
      child.kill();
    }
  });

  test('kubectl cp brings files in and out unharmed', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'cp-'));
    try {
      const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 7919) % 251));
      writeFileSync(join(dir, 'out'), bytes);
      await cluster.kubectl('cp', join(dir, 'out'), 'shell:/tmp/there');
      await cluster.kubectl('cp', 'shell:/tmp/there', join(dir, 'back'));
      assert.ok(readFileSync(join(dir, 'back')).equals(bytes));
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
