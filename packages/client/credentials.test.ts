import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { VirtualClock } from '@coxswain/machinery';
import { CredentialSource } from './credentials.ts';

const dir = mkdtempSync(join(tmpdir(), 'coxswain-credentials-'));
after(() => rmSync(dir, { recursive: true, force: true }));

it('a token file is read again after a minute, or when the token was refused', async () => {
  const tokenFile = join(dir, 'token');
  const clock = new VirtualClock();
  const source = new CredentialSource({ tokenFile }, clock);
  const token = async () => (await source.current()).authorization;
  writeFileSync(tokenFile, 'one\n');
  assert.equal(await token(), 'Bearer one');
  writeFileSync(tokenFile, 'two\n');
  assert.equal(await token(), 'Bearer one');
  await clock.advance(60_001);
  assert.equal(await token(), 'Bearer two');
  writeFileSync(tokenFile, 'three\n');
  assert.equal(source.refresh(), true);
  assert.equal(await token(), 'Bearer three');
  writeFileSync(tokenFile, '');
  source.refresh();
  await assert.rejects(async () => token(), /it is empty/);
});

it('an exec plugin is asked once until its token expires', async () => {
  const clock = new VirtualClock();
  const count = join(dir, 'count');
  const expirationTimestamp = new Date(clock.now() + 60_000).toISOString();
  const script = `
    const fs = require('node:fs');
    fs.appendFileSync(process.env.COUNT_FILE, 'x');
    const asked = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
    const token = asked.kind + fs.readFileSync(process.env.COUNT_FILE).length;
    console.log(JSON.stringify({ kind: 'ExecCredential', status: { token, expirationTimestamp: '${expirationTimestamp}' } }));`;
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: ['-e', script],
    env: [{ name: 'COUNT_FILE', value: count }],
  };
  const source = new CredentialSource({ exec }, clock);
  assert.equal((await source.current()).authorization, 'Bearer ExecCredential1');
  assert.equal((await source.current()).authorization, 'Bearer ExecCredential1');
  await clock.advance(60_000);
  assert.equal((await source.current()).authorization, 'Bearer ExecCredential2');
  const broken = new CredentialSource({ exec: { ...exec, command: join(dir, 'absent') } }, clock);
  await assert.rejects(async () => broken.current(), /getting credentials: exec: /);
});

it('a user name gives basic authorization, a certificate no header', async () => {
  const clock = new VirtualClock();
  const basic = await new CredentialSource({ username: 'u', password: 'p' }, clock).current();
  assert.equal(basic.authorization, `Basic ${Buffer.from('u:p').toString('base64')}`);
  assert.deepEqual(await new CredentialSource({ cert: 'C', key: 'K' }, clock).current(), {
    cert: 'C',
    key: 'K',
  });
});

it('the files of a client certificate are read again after five minutes', async () => {
  const [certFile, keyFile] = [join(dir, 'tls.crt'), join(dir, 'tls.key')];
  const put = (text: string): void => {
    for (const path of [certFile, keyFile]) writeFileSync(path, text);
  };
  put('old');
  const clock = new VirtualClock();
  const pair = { cert: Buffer.from('old'), key: Buffer.from('old') };
  const source = new CredentialSource({ ...pair, certFile, keyFile }, clock);
  put('new');
  assert.equal((await source.current()).cert, pair.cert);
  await clock.advance(5 * 60_000 + 1);
  const { cert, key } = await source.current();
  assert.deepEqual([String(cert), String(key)], ['new', 'new']);
  rmSync(certFile);
  await clock.advance(5 * 60_000 + 1);
  assert.equal((await source.current()).cert, cert);
});

it('an exec plugin is told of the cluster when it asks for that, and its faults are told', async () => {
  const run = (script: string, more: object = {}): Promise<unknown> => {
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', script],
      env: null,
      ...more,
    };
    const execCluster = { server: 'https://api.example' };
    return Promise.resolve(new CredentialSource({ exec, execCluster }, new VirtualClock()).current());
  };
  const echo = `console.log(JSON.stringify({ status: { token: JSON.parse(process.env.KUBERNETES_EXEC_INFO).spec.cluster?.server ?? 'none' } }))`;
  assert.deepEqual(await run(echo, { provideClusterInfo: true }), {
    authorization: 'Bearer https://api.example',
  });
  assert.deepEqual(await run(echo), { authorization: 'Bearer none' });
  await assert.rejects(run('process.exit(3)'), /failed with exit code 3$/);
  await assert.rejects(run('console.log("no")'), /decoding stdout: /);
  await assert.rejects(run('console.log("{}")'), /didn't return a status field/);
  await assert.rejects(run('console.log(`{"status":{}}`)'), /didn't return a token or cert\/key pair/);
  await assert.rejects(
    run('console.log(`{"status":{"clientKeyData":"k"}}`)'),
    /only certificate or key, not both/,
  );
  await assert.rejects(
    run('console.log(`{"apiVersion":"v0","status":{"token":"t"}}`)'),
    /plugin returned version v0/,
  );
  const absent = { command: join(dir, 'absent'), installHint: 'Get it from x.' };
  await assert.rejects(run('', absent), /executable .*absent not found\n\nGet it from x\.$/);
});
