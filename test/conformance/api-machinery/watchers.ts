import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Suite } from '../support/suite.ts';
import type { LoggedEvent } from '../support/watch-log.ts';

const configMap = (name: string, label: string): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels: { 'watch-this-configmap': label } },
});

const event =
  (type: string, name: string, mutation?: string) =>
  ({ type: seen, object }: LoggedEvent): boolean =>
    seen === type && object.metadata.name === name && object.data?.mutation === mutation;

const bump = (mutation: number): object => ({ data: { mutation: String(mutation) } });

export function watchers({ api, namespace }: Suite): void {
  test('Watchers should observe add, update, and delete watch notifications on configmaps', async () => {
    const path = `/api/v1/namespaces/${await namespace('watch')}/configmaps`;
    const labelled = (selector: string) => api.watch(path, { labelSelector: selector });
    const a = await labelled('watch-this-configmap=A');
    const b = await labelled('watch-this-configmap=B');
    const both = await labelled('watch-this-configmap in (A,B)');
    for (const [label, own, other] of [['A', a, b] as const, ['B', b, a] as const]) {
      const before = other.events.length;
      await api.create(path, configMap(`map-${label.toLowerCase()}`, label));
      await api.patch(`${path}/map-${label.toLowerCase()}`, bump(1));
      await api.patch(`${path}/map-${label.toLowerCase()}`, bump(2));
      await api.delete(`${path}/map-${label.toLowerCase()}`);
      for (const log of [own, both]) {
        await log.next('ADDED', event('ADDED', `map-${label.toLowerCase()}`));
        await log.next('first change', event('MODIFIED', `map-${label.toLowerCase()}`, '1'));
        await log.next('second change', event('MODIFIED', `map-${label.toLowerCase()}`, '2'));
        await log.next('DELETED', event('DELETED', `map-${label.toLowerCase()}`, '2'));
      }
      assert.equal(other.events.length, before);
    }
    for (const log of [a, b, both]) log.close();
  });

  test('Watchers should be able to start watching from a specific resource version', async () => {
    const path = `/api/v1/namespaces/${await namespace('watch')}/configmaps`;
    await api.create(path, configMap('from-version', 'v'));
    const first = await api.patch(`${path}/from-version`, bump(1));
    await api.patch(`${path}/from-version`, bump(2));
    await api.delete(`${path}/from-version`);
    const log = await api.watch(path, {
      labelSelector: 'watch-this-configmap=v',
      resourceVersion: first.metadata.resourceVersion,
    });
    await log.next('second change', event('MODIFIED', 'from-version', '2'));
    await log.next('DELETED', event('DELETED', 'from-version', '2'));
    assert.equal(log.events.length, 2);
    log.close();
  });

  test('Watchers should be able to restart watching from the last resource version observed by the previous watch', async () => {
    const path = `/api/v1/namespaces/${await namespace('watch')}/configmaps`;
    const before = await api.watch(path, { labelSelector: 'watch-this-configmap=r' });
    await api.create(path, configMap('restarted', 'r'));
    await api.patch(`${path}/restarted`, bump(1));
    await before.next('ADDED', event('ADDED', 'restarted'));
    const last = await before.next('first change', event('MODIFIED', 'restarted', '1'));
    before.close();
    await api.patch(`${path}/restarted`, bump(2));
    await api.delete(`${path}/restarted`);
    const after = await api.watch(path, {
      labelSelector: 'watch-this-configmap=r',
      resourceVersion: last.object.metadata.resourceVersion,
    });
    await after.next('second change', event('MODIFIED', 'restarted', '2'));
    await after.next('DELETED', event('DELETED', 'restarted', '2'));
    after.close();
  });

  test('Watchers should observe an object deletion if it stops meeting the requirements of the selector', async () => {
    const path = `/api/v1/namespaces/${await namespace('watch')}/configmaps`;
    const log = await api.watch(path, { labelSelector: 'watch-this-configmap=s' });
    const relabel = (label: string) =>
      api.patch(`${path}/selected`, { metadata: { labels: { 'watch-this-configmap': label } } });
    await api.create(path, configMap('selected', 's'));
    await api.patch(`${path}/selected`, bump(1));
    await relabel('other');
    await log.next('ADDED', event('ADDED', 'selected'));
    await log.next('first change', event('MODIFIED', 'selected', '1'));
    await log.next('DELETED for leaving the selection', event('DELETED', 'selected', '1'));
    await api.patch(`${path}/selected`, bump(2));
    await relabel('s');
    await api.patch(`${path}/selected`, bump(3));
    await api.delete(`${path}/selected`);
    await log.next('ADDED for coming back', event('ADDED', 'selected', '2'));
    await log.next('third change', event('MODIFIED', 'selected', '3'));
    await log.next('DELETED', event('DELETED', 'selected', '3'));
    assert.equal(log.events.length, 6);
    log.close();
  });

  test('Watchers should receive events on concurrent watches in same order', async () => {
    const path = `/api/v1/namespaces/${await namespace('watch')}/configmaps`;
    const start = (await api.get(path)).metadata.resourceVersion;
    const first = await api.watch(path, { resourceVersion: start });
    const produced: string[] = [];
    const rounds = 30;
    for (let round = 0; round < rounds; round++) {
      const name = `map-${round % 5}`;
      const exists = (await api.call('GET', `${path}/${name}`)).status === 200;
      if (!exists) await api.create(path, configMap(name, 'order'));
      else if (round % 3 === 0) await api.delete(`${path}/${name}`);
      else await api.patch(`${path}/${name}`, bump(round));
      produced.push(name);
    }
    await first.next('all events', () => first.events.length >= rounds);
    const order = first.events.map(({ object }) => object.metadata.resourceVersion);
    assert.deepEqual(
      first.events.map(({ object }) => object.metadata.name),
      produced,
    );
    // A watch begun at any event's version sees what came after it, in the same order.
    const later = await Promise.all(
      order.slice(0, -1).map((resourceVersion) => api.watch(path, { resourceVersion })),
    );
    for (const [index, log] of later.entries()) {
      const expected = order.slice(index + 1);
      await log.next('the rest', () => log.events.length >= expected.length);
      assert.deepEqual(
        log.events.map(({ object }) => object.metadata.resourceVersion),
        expected,
      );
      log.close();
    }
    first.close();
  });
}
