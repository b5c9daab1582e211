import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { decodeProtobuf } from '@coxswain/api';
import { Client } from '@coxswain/client';
import {
  isAlreadyExists,
  isConflict,
  isNotFound,
  type KubeObject,
  silentLogger,
  systemClock,
} from '@coxswain/machinery';
import { openEtcdStore } from '@coxswain/store-etcd';
import { etcdMissing, TestingEtcd } from '@coxswain/store-etcd/etcd-suite';
import { loopbackUser } from './access/loopback-user.ts';
import { startTestServer } from './testing-server.ts';

const maps = { group: '', version: 'v1', resource: 'configmaps' };
const services = { group: '', version: 'v1', resource: 'services' };

type TestServer = Awaited<ReturnType<typeof startTestServer>>;

describe('two API servers over one etcd', { skip: etcdMissing ?? false }, () => {
  let etcd: TestingEtcd;
  let servers: [TestServer, TestServer];
  const of = (i: 0 | 1, resource: typeof maps) =>
    new Client(servers[i].server.loopback(loopbackUser)).resource(resource, 'default');
  const map = (name: string, data: Record<string, string> = {}): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data,
  });

  const start = async (advertiseAddress: string): Promise<TestServer> =>
    startTestServer({
      store: await openEtcdStore({ servers: [etcd.url] }),
      storageMediaType: 'application/vnd.kubernetes.protobuf',
      logger: silentLogger,
      clock: systemClock,
      advertiseAddress,
    });

  before(async () => {
    etcd = await TestingEtcd.start();
    servers = await Promise.all([start('10.0.0.1'), start('10.0.0.2')]);
  });
  after(async () => {
    for (const server of servers) await server.close();
    await etcd.stop();
  });

  test('the servers that are alive are the endpoints of the service kubernetes', async () => {
    const endpoints = of(0, { group: '', version: 'v1', resource: 'endpoints' });
    const third = await start('10.0.0.3');
    // As upstream's servers write it and look for it.
    const lease = await third.store.get('/registry/masterleases/10.0.0.3');
    assert.equal(decodeProtobuf(lease?.value ?? Buffer.alloc(0))['subsets'][0].addresses[0].ip, '10.0.0.3');
    const ips = async (): Promise<string[]> =>
      (await endpoints.get('kubernetes'))['subsets'][0].addresses.map((each: { ip: string }) => each.ip);
    assert.deepEqual(await ips(), ['10.0.0.1', '10.0.0.2', '10.0.0.3']);
    await third.close();
    assert.deepEqual(await ips(), ['10.0.0.1', '10.0.0.2']);
  });

  test('what one has acknowledged the other shows at once', async () => {
    for (let i = 0; i < 50; i++) {
      const [writer, reader] = i % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
      const made = await of(writer, maps).create(map(`m${i}`, { i: String(i) }));
      assert.deepEqual(await of(reader, maps).get(`m${i}`), made);
      const { items } = await of(reader, maps).list();
      assert.equal(items.filter((each) => /^m\d/.test(each.metadata.name ?? '')).length, i + 1);
    }
    for (let i = 0; i < 50; i++) {
      const [writer, reader] = i % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
      await of(writer, maps).delete(`m${i}`);
      await assert.rejects(of(reader, maps).get(`m${i}`), isNotFound);
      await assert.rejects(of(reader, maps).delete(`m${i}`), isNotFound);
    }
  });

  test('a name is given once, and an update of an old version is a conflict on either', async () => {
    const made = await of(0, maps).create(map('one'));
    await assert.rejects(of(1, maps).create(map('one')), isAlreadyExists);
    const updated = await of(1, maps).update({ ...made, data: { by: '1' } });
    await assert.rejects(of(0, maps).update({ ...made, data: { by: '0' } }), isConflict);
    const last = await of(0, maps).update({ ...updated, data: { by: '0' } });
    assert.deepEqual((await of(1, maps).get('one'))['data'], last['data']);
    const raced = await Promise.allSettled(
      ([0, 1] as const).map((i) => of(i, maps).update({ ...last, data: { by: `race ${i}` } })),
    );
    assert.equal(raced.filter((each) => each.status === 'fulfilled').length, 1);
  });

  test('a watch on one tells of the writes of the other in order', async () => {
    const seen: string[] = [];
    const stop = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    const from = (await of(1, maps).list()).metadata.resourceVersion ?? '';
    const watching = of(1, maps).watch(
      ({ type, object }) => {
        seen.push(`${type} ${(object as KubeObject).metadata.name}`);
        if (seen.length === 41) resolve();
      },
      { resourceVersion: from },
      stop.signal,
    );
    const wanted: string[] = [];
    for (let i = 0; i < 40; i++) {
      await of((i % 2) as 0 | 1, maps).create(map(`w${i}`));
      wanted.push(`ADDED w${i}`);
    }
    await of(0, maps).delete('w7');
    await promise;
    stop.abort();
    await watching;
    assert.deepEqual(seen, [...wanted, 'DELETED w7']);
  });

  test('what others have stored in another form or version is stored anew by an update that changes nothing', async () => {
    const key = '/registry/horizontalpodautoscalers/default/old';
    const scalers = of(0, { group: 'autoscaling', version: 'v2', resource: 'horizontalpodautoscalers' });
    const scaleTargetRef = { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' };
    const old = {
      kind: 'HorizontalPodAutoscaler',
      apiVersion: 'autoscaling/v1',
      metadata: { name: 'old', namespace: 'default', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: { minReplicas: 1, maxReplicas: 3, scaleTargetRef, targetCPUUtilizationPercentage: 80 },
      status: { currentReplicas: 0, desiredReplicas: 0 },
    };
    const { store } = servers[0];
    assert.ok((await store.create(key, Buffer.from(JSON.stringify(old)))).ok);
    const updated = await scalers.update(await scalers.get('old'));
    const kv = await store.get(key);
    assert.equal(String(kv?.modRevision), updated.metadata.resourceVersion);
    assert.equal(decodeProtobuf(kv?.value ?? Buffer.alloc(0)).apiVersion, 'autoscaling/v2');
    const again = await scalers.update(updated);
    assert.equal(again.metadata.resourceVersion, updated.metadata.resourceVersion);
  });

  const service = (name: string, spec: object = {}): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { type: 'NodePort', ports: [{ port: 80 }], ...spec },
  });

  test('no address and no node port is given twice', async () => {
    const made = await Promise.all(
      Array.from({ length: 60 }, (_, i) => of((i % 2) as 0 | 1, services).create(service(`s${i}`))),
    );
    assert.equal(new Set(made.map((each) => each['spec'].clusterIP)).size, 60);
    assert.equal(new Set(made.map((each) => each['spec'].ports[0].nodePort)).size, 60);
  });

  test('an address and a port that one gives back the other can give out', async () => {
    const asked = { clusterIP: '10.96.0.77', ports: [{ port: 80, nodePort: 30_007 }] };
    await of(0, services).create(service('first', asked));
    await assert.rejects(of(1, services).create(service('second', asked)), /already allocated/);
    await assert.rejects(
      of(1, services).create(service('second', { ports: asked.ports })),
      /provided port is already allocated/,
    );
    await of(0, services).delete('first');
    const second = await of(1, services).create(service('second', asked));
    assert.equal(second['spec'].clusterIP, '10.96.0.77');
    assert.equal(second['spec'].ports[0].nodePort, 30_007);
    await of(1, services).delete('second');
  });

  test('an etcd that dies under load loses nothing that was acknowledged, and watches go on', async () => {
    const seen = [new Set<string>(), new Set<string>()] as const;
    const stop = new AbortController();
    const acknowledged = new Set<string>();
    const twice: string[] = [];
    let wake = (): void => {};
    const from = (await of(0, maps).list()).metadata.resourceVersion ?? '';
    const watching = ([0, 1] as const).map((i) =>
      of(i, maps).watch(
        ({ object }) => {
          const { name = '' } = (object as KubeObject).metadata;
          if (seen[i].has(name)) twice.push(name);
          seen[i].add(name);
          wake();
        },
        { resourceVersion: from },
        stop.signal,
      ),
    );
    const write = async (writer: number): Promise<void> => {
      for (let i = 0; i < 40; i++) {
        const name = `k${writer}-${i}`;
        for (;;) {
          try {
            await of((writer % 2) as 0 | 1, maps).create(map(name));
            break;
          } catch (error) {
            // Nobody else gives these names: a try that failed may have done it.
            if (isAlreadyExists(error)) break;
            assert.equal((error as { status?: { code?: number } }).status?.code ?? 500, 500, String(error));
          }
        }
        acknowledged.add(name);
      }
    };
    const writers = Array.from({ length: 6 }, (_, i) => write(i));
    const told = async (count: number): Promise<void> => {
      while (Math.min(seen[0].size, seen[1].size) < count) await new Promise<void>((done) => (wake = done));
    };
    for (const count of [60, 140]) {
      await told(count);
      await etcd.signal('SIGKILL');
      await etcd.restart();
    }
    await Promise.all(writers);
    await told(240);
    stop.abort();
    await Promise.all(watching);
    assert.deepEqual(twice, []);
    for (const i of [0, 1] as const) {
      const { items } = await of(i, maps).list();
      const there = new Set(items.map((each) => each.metadata.name ?? ''));
      for (const name of acknowledged) assert.ok(there.has(name), `${name} is lost`);
      assert.deepEqual(seen[i], acknowledged);
    }
  });
});
