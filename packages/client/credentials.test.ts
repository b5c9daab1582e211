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
