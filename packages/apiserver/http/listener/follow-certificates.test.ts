import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { type KubeObject, silentLogger, systemClock } from '@coxswain/machinery';
import { until } from '@coxswain/machinery/testing';
import { type Issuer, PkiDir } from '@coxswain/pki';
import { openHttps } from '@coxswain/pki/testing';
import { startTestServer } from '../../testing-server.ts';
import { FollowedPair } from './follow-certificates.ts';

const dir = mkdtempSync(join(tmpdir(), 'coxswain-certificates-'));
after(() => rmSync(dir, { recursive: true }));

test('followCertificates() exchanges the certificates of a server that runs', async () => {
  const pki = new PkiDir(join(dir, 'pki'), systemClock);
  const [oldCa, newCa] = ['old', 'new'].map((name) => pki.authority(name, name)) as [Issuer, Issuer];
  const paths = ['cert', 'key', 'ca'].map((name) => join(dir, name)) as [string, string, string];
  const install = (ca: Issuer, name: string): void => {
    const serving = pki.leaf(`serving-${name}`, ca, {
      subject: { commonName: `serving ${name}` },
      usages: ['server'],
      altNames: ['127.0.0.1'],
    });
    writeFileSync(paths[0], serving.certificate);
    writeFileSync(paths[1], serving.key);
    writeFileSync(paths[2], ca.certificate);
  };
  const read = (): { cert: string; key: string; clientCA: string } => {
    const [cert, key, clientCA] = paths.map((path) => readFileSync(path, 'utf8')) as [string, string, string];
    return { cert, key, clientCA };
  };
  install(oldCa, 'old');
  const { server, close } = await startTestServer({
    listen: { host: '127.0.0.1', port: 0, ...read(), files: { paths, read } },
  });
  try {
    const joe = (ca: Issuer, name: string) =>
      pki.leaf(`joe-${name}`, ca, { subject: { commonName: 'joe' }, usages: ['client'] });
    assert.deepEqual(await whoAmI(server.port, oldCa, joe(oldCa, 'old')), ['joe', 'serving old']);
    const open = new Agent({ keepAlive: true, maxSockets: 1 });
    const before = await whoAmI(server.port, oldCa, joe(oldCa, 'old'), open);
    assert.deepEqual(before, ['joe', 'serving old']);
    install(newCa, 'new');
    await until(async () => (await served(server.port)) === 'serving new');
    assert.deepEqual(await whoAmI(server.port, newCa, joe(newCa, 'new')), ['joe', 'serving new']);
    assert.deepEqual(await whoAmI(server.port, newCa, joe(oldCa, 'old')), [401, 'serving new']);
    // a connection from before is still greeted with the old certificate, and no longer is its client anybody
    assert.deepEqual(await whoAmI(server.port, oldCa, joe(oldCa, 'old'), open), [401, 'serving old']);
    open.destroy();
    const transport = server.loopback({ name: 'root', groups: ['system:masters'] });
    const name = 'extension-apiserver-authentication';
    const at = { group: '', version: 'v1', resource: 'configmaps', namespace: 'kube-system', name };
    const data = async (): Promise<Record<string, string>> =>
      ((await transport.request({ ...at, verb: 'get' })) as KubeObject)['data'];
    await until(async () => (await data())['client-ca-file'] === oldCa.certificate + newCa.certificate);
  } finally {
    await close();
  }
});

/** Who a client is to the server, or the code of the answer; and the name of the server's certificate. */
async function whoAmI(
  port: number,
  ca: Issuer,
  client: { readonly certificate: string; readonly key: string },
  agent: Agent | false = false,
): Promise<readonly [string | number, string]> {
  const answer = await openHttps(
    `https://127.0.0.1:${port}/apis/authentication.k8s.io/v1/selfsubjectreviews`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      agent,
      ca: ca.certificate,
      cert: client.certificate,
      key: client.key,
    },
    '{"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1"}',
  );
  const name = certificateName(answer);
  const code = answer.statusCode ?? 0;
  const text = Buffer.concat(await answer.toArray()).toString();
  return [code === 201 ? JSON.parse(text).status.userInfo.username : code, name];
}

/** The name of the server's certificate. */
async function served(port: number): Promise<string> {
  const answer = await openHttps(`https://127.0.0.1:${port}/livez`, { rejectUnauthorized: false });
  answer.resume();
  return certificateName(answer);
}

function certificateName({ socket }: IncomingMessage): string {
  return String((socket as TLSSocket).getPeerCertificate().subject.CN);
}

test('FollowedPair.follow() tells of another pair when both files are exchanged', async () => {
  const pki = new PkiDir(join(dir, 'pair'), systemClock);
  const ca = pki.authority('ca', 'ca');
  const paths = ['pair-cert', 'pair-key'].map((name) => join(dir, name)) as [string, string];
  const install = (name: string): void => {
    const leaf = pki.leaf(name, ca, { subject: { commonName: name }, usages: ['client'] });
    writeFileSync(paths[0], leaf.certificate);
    writeFileSync(paths[1], leaf.key);
  };
  install('one');
  const pair = new FollowedPair(paths, () => {
    const [cert, key] = paths.map((path) => readFileSync(path, 'utf8')) as [string, string];
    return { cert, key };
  });
  const first = pair.current;
  let stop = (): void => {};
  const renewed = new Promise<void>((resolve) => {
    stop = pair.follow(resolve, systemClock, silentLogger);
  });
  install('two');
  await renewed;
  stop();
  assert.notEqual(pair.current.cert, first.cert);
});
