import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStore, type StoreEvent } from '@coxswain/store';
import { storeContractSuite } from '@coxswain/store/contract-suite';
import type { Passage, StorageTransformer } from './storage-transformer.ts';
import { TransformingStore } from './transforming-store.ts';

const text = (value: Uint8Array | undefined): string => Buffer.from(value ?? []).toString();
const flipped = (value: Uint8Array): Uint8Array => value.map((byte) => byte ^ 0xff);

/** Turns every bit around, and counts what it was asked to read. */
class Flipping implements StorageTransformer {
  readonly read: string[] = [];

  passage(key: string): Passage {
    return key.startsWith('/registry/plain/') ? 'unchanged' : 'immediate';
  }

  toStorage(_key: string, value: Uint8Array): Uint8Array | Promise<Uint8Array> {
    return flipped(value);
  }

  fromStorage(key: string, stored: Uint8Array): Uint8Array | Promise<Uint8Array> {
    this.read.push(key);
    return flipped(stored);
  }

  isStale(): boolean {
    return true;
  }
}

/** Does the same when it is let: reading waits for a gate, which is open at first. */
class FlippingRemotely extends Flipping {
  gate: Promise<void> = Promise.resolve();

  override passage(key: string): Passage {
    return super.passage(key) === 'unchanged' ? 'unchanged' : 'remote';
  }

  override async toStorage(_key: string, value: Uint8Array): Promise<Uint8Array> {
    return flipped(value);
  }

  override async fromStorage(_key: string, stored: Uint8Array): Promise<Uint8Array> {
    await this.gate;
    return flipped(stored);
  }
}

for (const transformer of [new Flipping(), new FlippingRemotely()]) {
  storeContractSuite(
    `a store that transforms ${transformer instanceof FlippingRemotely ? 'remotely' : 'at once'}`,
    async (clock) => new TransformingStore(new MemoryStore({ clock }), transformer),
  );
}

test('TransformingStore keeps values transformed, but those that pass unchanged', async () => {
  const inner = new MemoryStore();
  const store = new TransformingStore(inner, new Flipping());
  const value = Buffer.from('value');
  await store.create('/registry/pods/d/a', value);
  await store.create('/registry/plain/a', value);
  assert.deepEqual((await inner.get('/registry/pods/d/a'))?.value, flipped(value));
  assert.equal((await inner.get('/registry/plain/a'))?.value, value);
  assert.equal(await store.isStale('/registry/pods/d/a'), true);
  assert.equal(await store.isStale('/registry/plain/a'), false);
  assert.equal(await store.isStale('/registry/pods/d/none'), false);
});

test('TransformingStore tells of its own writes without reading them back, and of the state before when asked', async () => {
  const transformer = new Flipping();
  const store = new TransformingStore(new MemoryStore(), transformer);
  const events: StoreEvent[] = [];
  store.watch({
    prefix: '/registry/',
    afterRevision: 1,
    onEvents: (more) => void events.push(...more),
    onEnd: () => {},
  });
  const { revision } = await store.create('/registry/pods/d/a', Buffer.from('one'));
  const two = Buffer.from('two');
  await store.update('/registry/pods/d/a', two, revision);
  const told = events[1];
  assert.ok(told?.type === 'put');
  assert.equal(told.kv.value, two);
  assert.deepEqual(transformer.read, []);
  assert.equal(text(told.previous?.value), 'one');
  assert.deepEqual(transformer.read, ['/registry/pods/d/a']);
});

test('TransformingStore tells of events in their order when one waits to be read, and of the end after them', async () => {
  const inner = new MemoryStore();
  const transformer = new FlippingRemotely();
  const store = new TransformingStore(inner, transformer);
  const gate = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const told: string[] = [];
  store.watch({
    prefix: '/registry/',
    afterRevision: 1,
    onEvents: (events) => void told.push(...events.map((event) => text(event.kv.value))),
    onEnd: () => {
      told.push('end');
      ended.resolve();
    },
  });
  transformer.gate = gate.promise;
  await inner.create('/registry/pods/d/a', flipped(Buffer.from('first')));
  await inner.create('/registry/plain/b', Buffer.from('second'));
  await inner.close();
  assert.deepEqual(told, []);
  gate.resolve();
  await ended.promise;
  assert.deepEqual(told, ['first', 'second', 'end']);
});

test('TransformingStore tells nothing more after close(), though events wait, and ends the watch that throws late', async () => {
  const inner = new MemoryStore();
  const transformer = new FlippingRemotely();
  const store = new TransformingStore(inner, transformer);
  const gate = Promise.withResolvers<void>();
  const fault = new Error('what a handler throws');
  const ended = Promise.withResolvers<Error | undefined>();
  const told: string[] = [];
  const closed = store.watch({
    prefix: '/registry/',
    afterRevision: 1,
    onEvents: () => void told.push('of the closed watch'),
    onEnd: () => void told.push('the end of the closed watch'),
  });
  store.watch({
    prefix: '/registry/',
    afterRevision: 1,
    onEvents: () => {
      told.push('once');
      throw fault;
    },
    onEnd: ended.resolve,
  });
  transformer.gate = gate.promise;
  await inner.create('/registry/pods/d/a', flipped(Buffer.from('first')));
  await inner.create('/registry/pods/d/b', flipped(Buffer.from('second')));
  closed.close();
  gate.resolve();
  assert.equal(await ended.promise, fault);
  await inner.create('/registry/plain/c', Buffer.from('third'));
  assert.deepEqual(told, ['once']);
});
