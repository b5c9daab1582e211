import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type Clock, MetricsRegistry, silentLogger, systemClock, VirtualClock } from '@coxswain/machinery';
import { MemoryStore, type Store, type StoreEvent } from '@coxswain/store';
import { storeContractSuite } from '@coxswain/store/contract-suite';
import { openEtcdStore } from '@coxswain/store-etcd';
import { etcdMissing, TestingEtcd } from '@coxswain/store-etcd/etcd-suite';
import { TransformingStore } from '../layers/transforming-store.ts';
import type { EncryptionConfig } from './config.ts';
import { Encryption } from './encryption.ts';
import { EncryptionTransformer } from './encryption-transformer.ts';
import { KmsMetrics } from './kms/kms-metrics.ts';
import { storedResource } from './stored-resource.ts';
import { TestingKms } from './testing-kms.ts';

const registry = new MetricsRegistry();
const metrics = new KmsMetrics(registry, systemClock);
const secret = Buffer.alloc(32, 3).toString('base64');
const gcm = { aesgcm: { keys: [{ name: 'k', secret }] } };
const everything: EncryptionConfig = { resources: [{ resources: ['*.*'], providers: [gcm] }] };
const text = (value: Uint8Array | undefined): string => Buffer.from(value ?? []).toString();

async function encrypted(
  store: Store,
  config: EncryptionConfig,
  prefix = '/registry',
): Promise<TransformingStore> {
  const encryption = await Encryption.build(config, systemClock, silentLogger, metrics);
  after(() => encryption.close());
  return encryptedBy(store, encryption, prefix);
}

function encryptedBy(
  store: Store,
  encryption: Encryption,
  keyPrefix = '/registry',
  clock: Clock = systemClock,
): TransformingStore {
  return new TransformingStore(
    store,
    new EncryptionTransformer({ encryption: () => encryption, keyPrefix, clock, logger: silentLogger }),
  );
}

const suiteEncryption = await Encryption.build(everything, systemClock, silentLogger, metrics);
storeContractSuite('a store of encrypted values', async (clock) =>
  encryptedBy(new MemoryStore({ clock }), suiteEncryption, '/registry', clock),
);

test('storedResource() tells the resource of a key', () => {
  const of = (key: string) => {
    const found = storedResource(key);
    return found && `${found.resource}.${found.group}`;
  };
  assert.equal(of('/registry/secrets/default/a'), 'secrets.');
  assert.equal(of('/registry/minions/n'), 'nodes.');
  assert.equal(of('/registry/services/specs/default/a'), 'services.');
  assert.equal(of('/registry/deployments/default/a'), 'deployments.apps');
  assert.equal(of('/registry/events/default/a'), 'events.');
  assert.equal(
    of('/registry/apiextensions.k8s.io/customresourcedefinitions/a'),
    'customresourcedefinitions.apiextensions.k8s.io',
  );
  assert.equal(of('/registry/example.com/boats/default/a'), 'boats.example.com');
  assert.equal(of('/registry/ranges/serviceips'), undefined);
  assert.equal(of('/registry/masterleases/10.0.0.1'), undefined);
});

describe('a store of encrypted values', () => {
  test('encrypts the resources that the configuration names, and no others', async () => {
    const store = new MemoryStore({ clock: systemClock });
    const config = { resources: [{ resources: ['secrets', '*.apps'], providers: [gcm, { identity: {} }] }] };
    const seen = await encrypted(store, config);
    for (const key of ['/registry/secrets/d/a', '/registry/deployments/d/a', '/registry/configmaps/d/a'])
      await seen.create(key, Buffer.from('plain'));
    const kept = async (key: string) => text((await store.get(key))?.value);
    assert.match(await kept('/registry/secrets/d/a'), /^k8s:enc:aesgcm:v1:k:/);
    assert.match(await kept('/registry/deployments/d/a'), /^k8s:enc:aesgcm:v1:k:/);
    assert.equal(await kept('/registry/configmaps/d/a'), 'plain');
    const { kvs } = await seen.range({ prefix: '/registry/' });
    assert.deepEqual(
      kvs.map((kv) => text(kv.value)),
      ['plain', 'plain', 'plain'],
    );
  });

  test('tells of plain values in events, of before and after, whoever wrote them', async () => {
    const store = new MemoryStore({ clock: systemClock });
    const [here, there] = [await encrypted(store, everything), await encrypted(store, everything)];
    const events: StoreEvent[] = [];
    here.watch({
      prefix: '/registry/',
      afterRevision: 1,
      onEvents: (more) => events.push(...more),
      onEnd: () => {},
    });
    const made = await there.create('/registry/secrets/d/a', Buffer.from('one'));
    const next = await here.update('/registry/secrets/d/a', Buffer.from('two'), made.revision);
    await there.delete('/registry/secrets/d/a', next.revision);
    assert.deepEqual(
      events.map((event) => [
        event.type,
        text(event.kv.value),
        event.type === 'put' ? text(event.previous?.value) : '',
      ]),
      [
        ['put', 'one', ''],
        ['put', 'two', 'one'],
        ['delete', 'two', ''],
      ],
    );
  });

  test('a value moved under another key is not taken for its own', async () => {
    const store = new MemoryStore({ clock: systemClock });
    const seen = await encrypted(store, everything);
    await seen.create('/registry/secrets/d/a', Buffer.from('plain'));
    const stored = (await store.get('/registry/secrets/d/a'))?.value as Uint8Array;
    await store.create('/registry/secrets/d/b', stored);
    assert.match(text((await seen.get('/registry/secrets/d/b'))?.value), /message authentication failed$/);
  });
});

describe('a store of encrypted values with a KMS', () => {
  const config = (kms: TestingKms): EncryptionConfig => ({
    resources: [
      {
        resources: ['secrets'],
        providers: [
          { kms: { apiVersion: 'v2', name: 'p', endpoint: kms.endpoint, timeoutMs: 2_000 } },
          { identity: {} },
        ],
      },
    ],
  });

  test('one seed serves many writes; another server asks the plugin for it once', async () => {
    const kms = await TestingKms.start();
    after(() => kms.close());
    const store = new MemoryStore({ clock: systemClock });
    const seen = await encrypted(store, config(kms));
    for (const name of ['a', 'b', 'c']) await seen.create(`/registry/secrets/d/${name}`, Buffer.from(name));
    assert.match(text((await store.get('/registry/secrets/d/a'))?.value), /^k8s:enc:kms:v2:p:/);
    assert.deepEqual(kms.calls, { status: 1, encrypt: 1, decrypt: 0 });
    const other = await encrypted(store, config(kms));
    const { kvs } = await other.range({ prefix: '/registry/secrets/' });
    assert.deepEqual(
      kvs.map((kv) => text(kv.value)),
      ['a', 'b', 'c'],
    );
    assert.deepEqual(kms.calls, { status: 2, encrypt: 2, decrypt: 1 });
    const told = registry.text();
    const use = (type: string): RegExp =>
      new RegExp(
        `^apiserver_envelope_encryption_key_id_hash_total\\{apiserver_id_hash="sha256:\\w+",key_id_hash="sha256:\\w+",provider_name="p",transformation_type="${type}"\\} 3$`,
        'm',
      );
    assert.match(told, use('to_storage'));
    assert.match(told, use('from_storage'));
    assert.match(
      told,
      /kms_operations_latency_seconds_count\{grpc_status_code="OK",method_name="\/v2.KeyManagementService\/Encrypt",provider_name="p"\} 2/,
    );
    assert.match(told, /^apiserver_storage_envelope_transformation_cache_misses_total 1$/m);
  });

  test('what was written with an old key of the plugin is stale once the plugin has another', async () => {
    const kms = await TestingKms.start();
    after(() => kms.close());
    const encryption = await Encryption.build(config(kms), systemClock, silentLogger, metrics);
    after(() => encryption.close());
    const store = new MemoryStore({ clock: systemClock });
    const seen = encryptedBy(store, encryption);
    const { revision } = await seen.create('/registry/secrets/d/a', Buffer.from('a'));
    assert.equal(await seen.isStale('/registry/secrets/d/a'), false);
    kms.keyId = 'key-2';
    assert.equal(await encryption.kms[0]?.check(), undefined);
    assert.equal(await seen.isStale('/registry/secrets/d/a'), true);
    await seen.update('/registry/secrets/d/a', Buffer.from('a'), revision);
    assert.equal(await seen.isStale('/registry/secrets/d/a'), false);
    assert.equal(text((await seen.get('/registry/secrets/d/a'))?.value), 'a');
  });

  test('an outage fails the check, and writes go on for three minutes', async () => {
    const kms = await TestingKms.start();
    after(() => kms.close());
    const clock = new VirtualClock();
    const service = {
      status: async () => {
        if (down) throw new Error('down');
        return { version: 'v2', healthz: 'ok', keyId: 'k' };
      },
      encrypt: async () => ({ ciphertext: Buffer.from('x'), keyId: 'k', annotations: {} }),
      decrypt: async () => Buffer.alloc(32),
      close: () => {},
    };
    let down = false;
    const { KmsV2 } = await import('./kms/kms-v2.ts');
    const provider = new KmsV2({ name: 'p', service, clock, logger: silentLogger, metrics });
    await provider.start();
    down = true;
    assert.match((await provider.check()) ?? '', /error: down/);
    await provider.encrypt(Buffer.from('a'), '/registry/secrets/d/a');
    await clock.advance(180_001);
    assert.throws(
      () => provider.encrypt(Buffer.from('a'), '/registry/secrets/d/a'),
      /^Error: encryptedDEKSource with keyID hash "sha256:\w+" expired at \S+Z \(current time is \S+Z\)$/,
    );
    down = false;
    assert.equal(await provider.check(), undefined);
    await provider.encrypt(Buffer.from('a'), '/registry/secrets/d/a');
    provider.close();
  });

  test('a value waits for a plugin that is not there yet', async () => {
    const kms = await TestingKms.start();
    after(() => kms.close());
    const store = new MemoryStore({ clock: systemClock });
    await (await encrypted(store, config(kms))).create('/registry/secrets/d/a', Buffer.from('a'));
    kms.halt();
    const other = await encrypted(store, config(kms));
    const reading = other.get('/registry/secrets/d/a');
    await kms.restart();
    assert.equal(text((await reading)?.value), 'a');
  });
});

describe('a store of encrypted values over an etcd', { skip: etcdMissing ?? false }, () => {
  test('values are bound to the keys that etcd has, under whatever prefix', async () => {
    const etcd = await TestingEtcd.start();
    after(() => etcd.stop());
    const one = await openEtcdStore({ servers: [etcd.url], prefix: '/other' });
    after(() => one.close());
    const seen = await encrypted(one, everything, '/other');
    await seen.create('/registry/secrets/d/a', Buffer.from('plain'));
    const stored = (await one.get('/registry/secrets/d/a'))?.value as Uint8Array;
    const [provider] = [await Encryption.build(everything, systemClock, silentLogger, metrics)];
    const chain = provider.chainOf({ group: '', resource: 'secrets' });
    assert.equal(text(await chain?.fromStored(stored, '/other/secrets/d/a')), 'plain');
  });
});
