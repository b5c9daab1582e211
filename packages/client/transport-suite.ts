import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isAlreadyExists, isConflict, isNotFound, type KubeList, type KubeObject } from '@coxswain/machinery';
import { Client, type ResourceClient } from './client.ts';
import type { Transport, WatchEvent } from './transport.ts';

/** An API server to test a transport against, with the namespace `default`. */
export interface TransportUnderTest {
  readonly transport: Transport;
  close(): Promise<void>;
}

const configMaps = { group: '', version: 'v1', resource: 'configmaps' };

function configMap(name: string, data: Record<string, string>, labels?: Record<string, string>): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', ...(labels === undefined ? {} : { labels }) },
    data,
  };
}

/** A running watch that remembers its events. */
class WatchRecorder {
  readonly events: WatchEvent[] = [];
  readonly done: Promise<void>;
  readonly #abort = new AbortController();
  #wake: (() => void) | undefined;

  constructor(maps: ResourceClient, options: Parameters<ResourceClient['watch']>[1]) {
    const onEvent = (event: WatchEvent): void => {
      this.events.push(event);
      this.#wake?.();
    };
    this.done = maps.watch(onEvent, options, this.#abort.signal);
  }

  get shown(): string[] {
    return this.events.map(({ type, object }) => `${type} ${(object as KubeObject).metadata.name}`);
  }

  async count(n: number): Promise<void> {
    while (this.events.length < n) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  stop(): Promise<void> {
    this.#abort.abort();
    return this.done;
  }
}

/** What every transport must do, whatever carries it. Uses ConfigMaps named `suite-*`. */
export function transportContractSuite(name: string, open: () => Promise<TransportUnderTest>): void {
  describe(`${name} keeps the transport contract`, () => {
    let under: TransportUnderTest;
    let maps: ResourceClient;
    before(async () => {
      under = await open();
      maps = new Client(under.transport).resource(configMaps, 'default');
    });
    after(() => under.close());

    it('create() gives the object with its metadata, get() gives it again', async () => {
      const created = await maps.create(configMap('suite-a', { k: '1' }));
      assert.equal(created.kind, 'ConfigMap');
      assert.ok(created.metadata.uid && created.metadata.resourceVersion);
      const got = await maps.get('suite-a');
      assert.deepEqual(got, created);
      await maps.delete('suite-a');
    });

    it('a request does not change its body', async () => {
      const body = Object.freeze(configMap('suite-frozen', { k: '1' }));
      Object.freeze(body.metadata);
      await maps.create(body);
      assert.deepEqual(body, configMap('suite-frozen', { k: '1' }));
      await maps.delete('suite-frozen');
    });

    it('failures are StatusErrors with reasons', async () => {
      await assert.rejects(maps.get('suite-absent'), isNotFound);
      const created = await maps.create(configMap('suite-b', { k: '1' }));
      await assert.rejects(maps.create(configMap('suite-b', { k: '2' })), isAlreadyExists);
      await maps.update({ ...created, data: { k: '2' } });
      await assert.rejects(maps.update({ ...created, data: { k: '3' } }), isConflict);
      await maps.delete('suite-b');
      await assert.rejects(maps.delete('suite-b'), isNotFound);
    });

    it('patch() merges', async () => {
      await maps.create(configMap('suite-c', { k: '1', gone: 'x' }));
      const patched = await maps.patch('suite-c', 'application/merge-patch+json', {
        data: { gone: null, more: '2' },
      });
      assert.deepEqual(patched['data'], { k: '1', more: '2' });
      await maps.delete('suite-c');
    });

    it('list() selects by label and gives a kind with each item', async () => {
      await maps.create(configMap('suite-d1', {}, { suite: 'd' }));
      await maps.create(configMap('suite-d2', {}, { suite: 'd', tier: 'x' }));
      const list: KubeList = await maps.list({ labelSelector: 'suite=d' });
      assert.deepEqual(
        list.items.map((item) => `${item.kind} ${item.metadata.name}`),
        ['ConfigMap suite-d1', 'ConfigMap suite-d2'],
      );
      assert.ok(list.metadata.resourceVersion);
      const one = await maps.list({ labelSelector: 'suite=d,tier' });
      assert.equal(one.items.length, 1);
      await maps.deleteCollection({ labelSelector: 'suite=d' });
      assert.equal((await maps.list({ labelSelector: 'suite=d' })).items.length, 0);
    });

    it('watch() goes on where a list ended and stops when told', async () => {
      await maps.create(configMap('suite-e', { k: '1' }));
      const list = await maps.list();
      const seen = new WatchRecorder(maps, { resourceVersion: list.metadata.resourceVersion ?? '' });
      const created = await maps.create(configMap('suite-f', { k: '1' }));
      await maps.update({ ...created, data: { k: '2' } });
      await maps.delete('suite-f');
      await seen.count(3);
      assert.deepEqual(seen.shown, ['ADDED suite-f', 'MODIFIED suite-f', 'DELETED suite-f']);
      await seen.stop();
      await maps.delete('suite-e');
      assert.equal(seen.events.length, 3);
    });

    it('watch() with a selector shows an object that stops matching as deleted', async () => {
      const list = await maps.list();
      const resourceVersion = list.metadata.resourceVersion ?? '';
      const seen = new WatchRecorder(maps, { resourceVersion, labelSelector: 'suite=g' });
      await maps.create(configMap('suite-other', {}));
      const created = await maps.create(configMap('suite-g', {}, { suite: 'g' }));
      await maps.update({ ...created, metadata: { ...created.metadata, labels: {} } });
      await seen.count(2);
      assert.deepEqual(seen.shown, ['ADDED suite-g', 'DELETED suite-g']);
      await seen.stop();
      await maps.delete('suite-g');
      await maps.delete('suite-other');
    });

    it('watch() resolves when its signal was aborted before', async () => {
      await maps.watch(() => assert.fail('an event after the abort'), {}, AbortSignal.abort());
    });

    it('request() rejects with the reason of an aborted signal', async () => {
      const reason = new Error('stop');
      await assert.rejects(
        under.transport.request({ ...configMaps, verb: 'list', signal: AbortSignal.abort(reason) }),
        reason,
      );
    });
  });
}
