import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strategicPatch } from '../support/api.ts';
import type { Suite } from '../support/suite.ts';

const coreEvent = (ns: string, name: string, labels: object): object => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name, labels },
  message: `This is ${name}`,
  reason: 'Test',
  type: 'Normal',
  count: 1,
  involvedObject: { namespace: ns },
});

const newEvent = (ns: string, name: string, labels: object): object => ({
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: { name, labels },
  regarding: { namespace: ns },
  eventTime: '2017-09-19T13:49:16.000001Z',
  note: `This is ${name}`,
  action: 'Do',
  reason: 'Test',
  type: 'Normal',
  reportingController: 'test-controller',
  reportingInstance: 'test-node',
});

export function events({ api, namespace }: Suite): void {
  test('Events should manage the lifecycle of an event', async () => {
    const ns = await namespace('events');
    const path = `/api/v1/namespaces/${ns}/events`;
    await api.create(path, coreEvent(ns, 'event-test', { 'testevent-constant': 'true' }));
    const find = async (): Promise<any[]> =>
      (await api.get('/api/v1/events?labelSelector=testevent-constant%3Dtrue')).items.filter(
        ({ metadata }: any) => metadata.namespace === ns,
      );
    assert.equal((await find())[0].metadata.name, 'event-test');
    await api.patch(`${path}/event-test`, { message: 'This is a test event - patched' }, strategicPatch);
    assert.equal((await api.get(`${path}/event-test`)).message, 'This is a test event - patched');
    const updated = await api.change(`${path}/event-test`, (event) => {
      event.series = { count: 100, lastObservedTime: '2014-11-10T23:00:00.000000Z' };
    });
    assert.equal(updated.series.count, 100);
    assert.equal(
      (await api.get(`${path}/event-test`)).series.lastObservedTime,
      '2014-11-10T23:00:00.000000Z',
    );
    await api.delete(`${path}/event-test`);
    assert.equal((await find()).length, 0);
  });

  test('Events should delete a collection of events', async () => {
    const ns = await namespace('events');
    const path = `/api/v1/namespaces/${ns}/events`;
    for (const name of ['test-event-1', 'test-event-2', 'test-event-3']) {
      await api.create(path, coreEvent(ns, name, { 'testevent-set': 'true' }));
    }
    const selected = `${path}?labelSelector=testevent-set%3Dtrue`;
    assert.equal((await api.get(selected)).items.length, 3);
    await api.delete(selected);
    assert.equal((await api.get(selected)).items.length, 0);
  });

  test('Events API should ensure that an event can be fetched, patched, deleted, and listed', async () => {
    const ns = await namespace('events');
    const path = `/apis/events.k8s.io/v1/namespaces/${ns}/events`;
    const core = `/api/v1/namespaces/${ns}/events`;
    await api.create(path, newEvent(ns, 'event-test', { 'testevent-constant': 'true' }));
    const everywhere = await api.get('/apis/events.k8s.io/v1/events?labelSelector=testevent-constant%3Dtrue');
    assert.ok(everywhere.items.some(({ metadata }: any) => metadata.namespace === ns));
    assert.equal((await api.get(path)).items.length, 1);
    const byController = encodeURIComponent('reportingController=test-controller');
    assert.equal((await api.get(`${path}?fieldSelector=${byController}`)).items.length, 1);
    assert.equal(
      (await api.get(`${core}?fieldSelector=${encodeURIComponent('reportingComponent=test-controller')}`))
        .items.length,
      1,
    );
    const before = await api.get(`${path}/event-test`);
    const patched = await api.patch(
      `${path}/event-test`,
      { series: { count: 2, lastObservedTime: '2014-11-10T23:00:00.000001Z' } },
      strategicPatch,
    );
    assert.equal(patched.series.count, 2);
    const updated = await api.change(`${path}/event-test`, (event) => {
      event.series = { count: 100, lastObservedTime: '2014-11-10T23:00:00.000002Z' };
    });
    assert.deepEqual(
      { ...updated, metadata: undefined, series: undefined },
      { ...before, metadata: undefined, series: undefined },
    );
    assert.equal((await api.get(`${core}/event-test`)).series.count, 100);
    await api.delete(`${path}/event-test`);
    assert.equal((await api.get(path)).items.length, 0);
    assert.equal((await api.call('GET', `${core}/event-test`)).status, 404);
  });

  test('Events API should delete a collection of events', async () => {
    const ns = await namespace('events');
    const path = `/apis/events.k8s.io/v1/namespaces/${ns}/events`;
    for (const name of ['test-event-1', 'test-event-2', 'test-event-3']) {
      await api.create(path, newEvent(ns, name, { 'testevent-set': 'true' }));
    }
    await api.create(path, newEvent(ns, 'test-event-4', { 'testevent-set': 'false' }));
    const selected = `${path}?labelSelector=testevent-set%3Dtrue`;
    assert.equal((await api.get(selected)).items.length, 3);
    await api.delete(selected);
    assert.equal((await api.get(path)).items.length, 1);
  });
}
