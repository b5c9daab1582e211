import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Client } from '@coxswain/client';
import { type KubeObject, MetricsRegistry, silentLogger, systemClock } from '@coxswain/machinery';
import { MemoryStore, openEmbeddedStore } from '@coxswain/store';
import { openEtcdStore } from '@coxswain/store-etcd';
import { etcdMissing, TestingEtcd } from '@coxswain/store-etcd/etcd-suite';
import { loopbackUser } from '../../access/loopback-user.ts';
import { TestListener } from '../../http/testing-listener.ts';
import { startTestServer } from '../../testing-server.ts';
import { EncryptionSource } from './encryption-source.ts';
import { TestingKms } from './testing-kms.ts';

const key = (name: string): object => ({
  aesgcm: { keys: [{ name, secret: Buffer.alloc(32, name).toString('base64') }] },
});
const whole = (providers: readonly object[], resources = ['secrets', 'configmaps']): string =>
  JSON.stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'EncryptionConfiguration',
    resources: [{ resources, providers }],
  });
const options = (text: string, keyPrefix = '/registry') => ({
  path: 'enc.yaml',
  read: () => text,
  reload: false,
  keyPrefix,
});

const secret = (value: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'a' },
  data: { password: Buffer.from(value).toString('base64') },
});
const secrets = { group: '', version: 'v1', resource: 'secrets' };

type Started = Awaited<ReturnType<typeof startTestServer>>;
const secretsOf = ({ server }: Started) =>
  new Client(server.loopback(loopbackUser)).resource(secrets, 'default');

describe('an API server with encryption at rest', () => {
  test('leaves no secret in its data dir, and reads it after a restart', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'coxswain-encryption-'));
    after(() => rmSync(dir, { recursive: true }));
    const password = 'correct horse battery staple';
    const start = async (): Promise<Started> =>
      startTestServer({
        store: await openEmbeddedStore({ dir, clock: systemClock, logger: silentLogger }),
        clock: systemClock,
        encryption: options(whole([key('k')])),
      });
    let started = await start();
    await secretsOf(started).create(secret(password));
    const files = () => readdirSync(dir).map((name) => readFileSync(join(dir, name)));
    const hidden = [password, Buffer.from(password).toString('base64')];
    const check = (): void => {
      for (const text of hidden)
        assert.equal(
          files().some((file) => file.includes(text)),
          false,
        );
      assert.ok(files().some((file) => file.includes('k8s:enc:aesgcm:v1:k:')));
    };
    check();
    await started.close();
    check();
    started = await start();
    assert.deepEqual((await secretsOf(started).get('a'))['data'], secret(password)['data']);
    await started.close();
  });

  test('an update that changes nothing writes anew what an old key wrote, and only that', async () => {
    const store = new MemoryStore({ clock: systemClock });
    store.close = async () => {};
    const run = async (text: string, fn: (started: Started) => Promise<void>): Promise<void> => {
      const started = await startTestServer({ store, clock: systemClock, encryption: options(text) });
      await fn(started);
      await started.close();
    };
    const prefix = async (): Promise<string> =>
      Buffer.from((await store.get('/registry/secrets/default/a'))?.value ?? []).toString('latin1', 0, 24);
    await run(whole([{ identity: {} }]), async (started) => {
      await secretsOf(started).create(secret('x'));
    });
    assert.match(await prefix(), /^\{"kind":"Secret"/);
    for (const name of ['one', 'two']) {
      await run(whole([key(name), key('one'), { identity: {} }]), async (started) => {
        const before = await secretsOf(started).get('a');
        const after = await secretsOf(started).update(before);
        assert.notEqual(after.metadata.resourceVersion, before.metadata.resourceVersion);
        assert.ok((await prefix()).startsWith(`k8s:enc:aesgcm:v1:${name}:`));
        const again = await secretsOf(started).update(after);
        assert.equal(again.metadata.resourceVersion, after.metadata.resourceVersion);
      });
    }
  });

  test('what no key can read is told of, and keeps nobody from the rest', async () => {
    const store = new MemoryStore({ clock: systemClock });
    store.close = async () => {};
    const before = options(whole([key('one')], ['secrets']));
    const first = await startTestServer({ store, clock: systemClock, encryption: before });
    await secretsOf(first).create(secret('x'));
    await first.close();
    const config = whole([key('two'), { identity: {} }], ['secrets']);
    const second = await startTestServer({ store, clock: systemClock, encryption: options(config) });
    const fault = {
      message:
        'Internal error occurred: unable to transform key "/registry/secrets/default/a": no matching key was found for the provided AES transformer',
    };
    await assert.rejects(secretsOf(second).get('a'), fault);
    await assert.rejects(secretsOf(second).update(secret('y')), fault);
    const other: KubeObject = { ...secret('z'), metadata: { name: 'b' } };
    await secretsOf(second).create(other);
    assert.deepEqual((await secretsOf(second).get('b'))['data'], other['data']);
    await second.close();
    const third = await startTestServer({ store, clock: systemClock });
    await assert.rejects(secretsOf(third).get('a'), /identity transformer tried to read encrypted data/);
    await third.close();
  });

  test('a KMS that is not well shows in the health checks', async () => {
    const kms = await TestingKms.start();
    after(() => kms.close());
    const provider = { kms: { apiVersion: 'v2', name: 'p', endpoint: kms.endpoint, timeout: '1s' } };
    const listener = await TestListener.start({ encryption: options(whole([provider])) });
    after(() => listener.close());
    assert.equal((await listener.ask('/healthz/kms-providers')).code, 200);
    kms.healthz = 'tired';
    assert.equal((await listener.ask('/healthz/kms-providers')).code, 500);
    kms.healthz = 'ok';
    assert.equal((await listener.ask('/healthz/kms-providers')).code, 200);
    const body = JSON.stringify(secret('x'));
    assert.equal(
      (await listener.ask('/api/v1/namespaces/default/secrets', { method: 'POST', body })).code,
      201,
    );
    const counted =
      /apiserver_storage_transformation_operations_total\{resource="secrets",status="OK",transformation_type="to_storage",transformer_prefix="k8s:enc:kms:v2:"\} 1/;
    assert.match((await listener.ask('/metrics')).body, counted);
  });
});

test('EncryptionSource takes up another configuration, and keeps the one it has when that is faulty', async () => {
  const kms = await TestingKms.start();
  after(() => kms.close());
  let text = whole([key('one')]);
  const registry = new MetricsRegistry();
  const source = await EncryptionSource.open(
    { path: 'enc.yaml', read: () => text, reload: true, keyPrefix: '/registry' },
    systemClock,
    silentLogger,
    registry,
  );
  after(() => source.close());
  const written = async (): Promise<string> => {
    const chain = source.current.chainOf({ group: '', resource: 'secrets' });
    const value = await chain?.toStored(Buffer.from('x'), '/registry/secrets/default/a');
    return Buffer.from(value ?? []).toString('latin1', 0, 21);
  };
  text = whole([key('two')]);
  await source.reload();
  assert.equal(await written(), 'k8s:enc:aesgcm:v1:two');
  text = 'kind: Nonsense';
  await source.reload();
  assert.equal(await written(), 'k8s:enc:aesgcm:v1:two');
  kms.healthz = 'tired';
  text = whole([{ kms: { apiVersion: 'v2', name: 'p', endpoint: kms.endpoint } }]);
  await source.reload();
  assert.equal(await written(), 'k8s:enc:aesgcm:v1:two');
  kms.healthz = 'ok';
  await source.reload();
  assert.match(await written(), /^k8s:enc:kms:v2:p:/);
  assert.match(registry.text(), /reloads_total\{apiserver_id_hash="sha256:\w+",status="success"\} 2/);
  assert.match(registry.text(), /reloads_total\{apiserver_id_hash="sha256:\w+",status="failure"\} 2/);
});

describe('two API servers over one etcd with encryption at rest', { skip: etcdMissing ?? false }, () => {
  test('read what either wrote, in the form and under the keys of upstream', async () => {
    const etcd = await TestingEtcd.start();
    const closing: (() => Promise<void>)[] = [];
    // Servers close before what they store in.
    after(async () => {
      await Promise.all(closing.map((close) => close()));
      await etcd.stop();
    });
    const start = async (prefix: string): Promise<Started> => {
      const started = await startTestServer({
        store: await openEtcdStore({ servers: [etcd.url], prefix }),
        storageMediaType: 'application/vnd.kubernetes.protobuf',
        clock: systemClock,
        encryption: options(whole([key('k')]), prefix),
      });
      closing.push(() => started.close());
      return started;
    };
    const [one, two] = [await start('/cluster'), await start('/cluster')];
    await secretsOf(one).create(secret('x'));
    const seen = await secretsOf(two).get('a');
    assert.deepEqual(seen['data'], secret('x')['data']);
    await secretsOf(two).update({ ...seen, data: secret('y')['data'] });
    assert.deepEqual((await secretsOf(one).get('a'))['data'], secret('y')['data']);
    const raw = await openEtcdStore({ servers: [etcd.url] });
    closing.push(() => raw.close());
    const stored = Buffer.from((await raw.get('/cluster/secrets/default/a'))?.value ?? []);
    const head = 'k8s:enc:aesgcm:v1:k:';
    assert.equal(stored.toString('latin1', 0, head.length), head);
    const { openGcm } = await import('./aes-gcm.ts');
    const plain = openGcm(Buffer.alloc(32, 'k'), stored.subarray(head.length), '/cluster/secrets/default/a');
    assert.equal(plain.toString('latin1', 0, 4), 'k8s\0');
  });
});
