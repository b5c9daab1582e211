import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Client } from '@coxswain/client';
import { newServiceUnavailable, VirtualClock } from '@coxswain/machinery';
import { FakeTransport } from './fake-transport.ts';
import { createInformerFactory } from './informer-factory.ts';

const pods = { group: '', version: 'v1', resource: 'pods' };
const pod = (name: string, node = '', namespace = 'default') => ({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name, namespace, labels: { app: name } },
  spec: { nodeName: node },
});

function setUp() {
  const clock = new VirtualClock();
  const transport = new FakeTransport({ clock });
  const client = new Client(transport);
  const factory = createInformerFactory(client, { clock, random: () => 0 });
  const stop = new AbortController();
  const log: string[] = [];
  const informer = factory.informer(pods);
  informer.addHandler({
    onAdd: (object) => log.push(`+${object.metadata.name}`),
    onUpdate: (before, after) =>
      log.push(`${before.metadata.name}:${before['spec'].nodeName}>${after['spec'].nodeName}`),
    onDelete: (object) => log.push(`-${object.metadata.name}`),
  });
  return { clock, transport, client: client.resource(pods, 'default'), factory, informer, stop, log };
}

it('an informer lists, follows the watch and keeps its indexes', async () => {
  const { clock, transport, client, factory, informer, stop, log } = setUp();
  transport.seed(pods, pod('a', 'n1'), pod('b', '', 'other'));
  informer.addIndex('byNode', (object) => [object['spec'].nodeName]);
  assert.equal(informer.synced, false);
  factory.start(stop.signal);
  await factory.whenSynced(stop.signal);
  assert.deepEqual(log, ['+a', '+b']);
  await client.create(pod('c'));
  const c = await client.get('c');
  await client.update({ ...c, spec: { nodeName: 'n1' } });
  await client.delete('a', { gracePeriodSeconds: 0 });
  await clock.advance(0);
  assert.deepEqual(log, ['+a', '+b', '+c', 'c:>n1', '-a']);
  const names = (objects: readonly { metadata: { name?: string } }[]) => objects.map((o) => o.metadata.name);
  assert.deepEqual(names(informer.lister.byIndex('byNode', 'n1')), ['c']);
  assert.deepEqual(names(informer.lister.list('default')), ['c']);
  assert.deepEqual(names(informer.lister.list()), ['b', 'c']);
  assert.equal(informer.lister.get('other', 'b')?.metadata.name, 'b');
  assert.equal(informer.lister.getByKey('default/a'), undefined);
  stop.abort();
});

it('a handler added late gets what is there; one that throws does not harm the others', async () => {
  const { clock, transport, client, factory, informer, stop, log } = setUp();
  transport.seed(pods, pod('a'));
  factory.start(stop.signal);
  await factory.whenSynced(stop.signal);
  const late: string[] = [];
  informer.addHandler({
    onAdd: (object) => {
      late.push(object.metadata.name ?? '');
      throw new Error('broken handler');
    },
  });
  await client.create(pod('b'));
  await clock.advance(0);
  assert.deepEqual(late, ['a', 'b']);
  assert.deepEqual(log, ['+a', '+b']);
  stop.abort();
});

it('an informer goes on where it was after the server was away', async () => {
  const { clock, transport, client, factory, informer, stop, log } = setUp();
  transport.seed(pods, pod('a'));
  factory.start(stop.signal);
  await factory.whenSynced(stop.signal);
  transport.dropWatches(new Error('connection reset'));
  await client.create(pod('b'));
  assert.equal(informer.lister.list().length, 1);
  await clock.advance(500);
  assert.deepEqual(log, ['+a', '+b']);
  const lists = transport.requests.filter((request) => request.verb === 'list').length;
  assert.equal(lists, 1, 'no second list');
  stop.abort();
});

it('an informer lists anew when its revision is gone, and tells only the differences', async () => {
  const { clock, transport, client, factory, stop, log } = setUp();
  transport.seed(pods, pod('a'), pod('b', 'n1'), pod('c'));
  factory.start(stop.signal);
  await factory.whenSynced(stop.signal);
  transport.dropWatches(new Error('connection reset'));
  await client.delete('a');
  const b = await client.get('b');
  await client.update({ ...b, spec: { nodeName: 'n2' } });
  await client.create(pod('d'));
  transport.compact();
  await clock.advance(5_000);
  assert.deepEqual(log, ['+a', '+b', '+c', '-a', 'b:n1>n2', '+d']);
  stop.abort();
});

it('an informer whose list fails tries again, later each time', async () => {
  const { clock, transport, factory, informer, stop } = setUp();
  transport.intercept = () => {
    throw newServiceUnavailable('not yet');
  };
  factory.start(stop.signal);
  await clock.advance(0);
  const tries = () => transport.requests.length;
  assert.equal(tries(), 1);
  await clock.advance(500);
  assert.equal(tries(), 2);
  await clock.advance(999);
  assert.equal(tries(), 2);
  await clock.advance(1);
  assert.equal(tries(), 3);
  transport.intercept = undefined;
  await clock.advance(2_000);
  assert.equal(informer.synced, true);
  stop.abort();
});

it('informer() gives the same informer for the same selection only', () => {
  const { factory, informer } = setUp();
  assert.equal(factory.informer(pods), informer);
  assert.notEqual(factory.informer(pods, { fieldSelector: 'spec.nodeName=n1' }), informer);
});

it('whenSynced() rejects when the signal aborts first', async () => {
  const { informer } = setUp();
  const reason = new Error('stop');
  await assert.rejects(informer.whenSynced(AbortSignal.abort(reason)), reason);
});
