import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../meta.ts';
import { fieldSetOf } from './field-set.ts';
import { keepManagedTimes } from './keep-times.ts';
import { managersFromScale, managersOfScale } from './scale-managers.ts';
import { newWidget, widget } from './testing-types.ts';
import { type TrackUpdateRequest, trackUpdate } from './track-update.ts';

const noon = '2026-01-01T12:00:00Z';
const later = '2026-01-01T13:00:00Z';

function track(
  live: KubeObject | undefined,
  updated: KubeObject,
  rest: Partial<TrackUpdateRequest> = {},
): KubeObject {
  return trackUpdate({ type: widget, manager: 'm', apiVersion: 'v1', time: noon, live, updated, ...rest });
}

function owned(object: KubeObject): Record<string, unknown> {
  return Object.fromEntries((object.metadata.managedFields ?? []).map((e) => [e.manager, e.fieldsV1]));
}

const created = track(
  undefined,
  newWidget({
    spec: {
      replicas: 1,
      selector: { matchLabels: { a: 'b' } },
      containers: [{ name: 'c', ports: [{ port: 80 }] }],
    },
    data: { k: 'v' },
    raw: { x: [1], y: { z: 1 } },
  }),
);

test('trackUpdate() gives a new object its fields, containers of fields by themselves only where Go has none', () => {
  assert.deepEqual(created.metadata.managedFields, [
    {
      manager: 'm',
      operation: 'Update',
      apiVersion: 'v1',
      time: noon,
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:data': { '.': {}, 'f:k': {} },
        'f:raw': { '.': {}, 'f:x': {}, 'f:y': { '.': {}, 'f:z': {} } },
        'f:spec': {
          'f:containers': {
            'k:{"name":"c"}': {
              '.': {},
              'f:name': {},
              'f:ports': { '.': {}, 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
            },
          },
          'f:replicas': {},
          'f:selector': {},
        },
      },
    },
  ]);
});

test('trackUpdate() moves changed fields to the writer and drops removed ones', () => {
  const changed = { ...created, spec: { ...created['spec'], replicas: 2 }, data: {} };
  const next = track(created, changed, { manager: 'n', time: later });
  const fields = owned(next);
  assert.deepEqual(fields['n'], { 'f:spec': { 'f:replicas': {} } });
  assert.equal((fields['m'] as Record<string, any>)['f:spec']['f:replicas'], undefined);
  assert.deepEqual((fields['m'] as Record<string, any>)['f:data'], {});
});

test('trackUpdate() keeps one entry a manager, version and subresource', () => {
  const status = { subresource: 'status', ignoredFields: fieldSetOf(['spec']), time: later };
  const one = track(created, { ...created, status: { ready: 1 } }, status);
  assert.equal(one.metadata.managedFields?.length, 2);
  const two = track(one, { ...one, status: { ready: 2 } }, status);
  assert.equal(two.metadata.managedFields?.length, 2);
  assert.deepEqual(two.metadata.managedFields?.[1]?.fieldsV1, { 'f:status': { '.': {}, 'f:ready': {} } });
});

test('trackUpdate() ignores fields that the endpoint does not write', () => {
  const next = track(
    created,
    { ...created, status: { ready: 1 } },
    { ignoredFields: fieldSetOf(['status']) },
  );
  assert.equal(next.metadata.managedFields, created.metadata.managedFields);
});

test('trackUpdate() takes managers from the live object when the request has none, and forgets them on request', () => {
  const bare = newWidget({ spec: created['spec'], data: { k: 'v' }, raw: created['raw'] });
  assert.deepEqual(track(created, bare).metadata.managedFields, created.metadata.managedFields);
  const reset = track(created, newWidget({}, { managedFields: [{}] }));
  assert.equal(reset.metadata.managedFields, undefined);
  assert.equal(track(reset, newWidget({ data: { a: 'b' } })).metadata.managedFields, undefined);
});

test('trackUpdate() merges the oldest managers when there are too many', () => {
  let object = created;
  for (let i = 0; i < 12; i++) {
    const data = { ...object['data'], [`k${i}`]: 'v' };
    object = track(object, { ...object, data }, { manager: `m${i}`, time: `2026-01-01T12:00:${10 + i}Z` });
  }
  const names = object.metadata.managedFields?.map((e) => e.manager);
  assert.equal(names?.length, 10);
  assert.equal(names?.[0], 'ancient-changes');
  assert.equal(names?.at(-1), 'm11');
});

test('trackUpdate() deduces types where there is no schema', () => {
  const object = track(undefined, newWidget({ spec: { list: [1], map: { a: 1 }, none: null } }), {
    type: undefined,
  });
  assert.deepEqual(owned(object)['m'], {
    'f:spec': { '.': {}, 'f:list': {}, 'f:map': { '.': {}, 'f:a': {} }, 'f:none': {} },
  });
});

test('trackUpdate() owns duplicates of a key together', () => {
  const twice = {
    containers: [
      { name: 'd', image: '1' },
      { name: 'd', image: '2' },
    ],
  };
  const object = track(undefined, newWidget({ spec: twice }));
  assert.deepEqual(owned(object)['m'], { 'f:spec': { 'f:containers': { 'k:{"name":"d"}': {} } } });
});

test('keepManagedTimes() undoes a write of times alone', () => {
  const entries = created.metadata.managedFields?.map((e) => ({ ...e, time: later }));
  const touched = { ...created, metadata: { ...created.metadata, managedFields: entries ?? [] } };
  assert.equal(keepManagedTimes(created, touched).metadata.managedFields, created.metadata.managedFields);
  const changed = { ...touched, data: { k: 'w' } };
  assert.equal(keepManagedTimes(created, changed), changed);
});

test('managersFromScale() moves the replicas to who scaled', () => {
  const paths = { v1: ['spec', 'replicas'] };
  const parent = created.metadata.managedFields;
  const scale = managersOfScale(parent, paths);
  assert.equal(scale?.[0]?.apiVersion, 'autoscaling/v1');
  const live = {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'w', managedFields: scale ?? [] },
    spec: { replicas: 1 },
  };
  const scaled = trackUpdate({
    type: undefined,
    manager: 'hpa',
    apiVersion: 'autoscaling/v1',
    subresource: 'scale',
    time: later,
    live,
    updated: { ...live, spec: { replicas: 3 } },
  });
  const after = managersFromScale(parent, scaled.metadata.managedFields, paths, 'v1');
  assert.deepEqual(after?.[0], {
    manager: 'hpa',
    operation: 'Update',
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': { 'f:replicas': {} } },
    subresource: 'scale',
  });
  const parents = after?.[1]?.fieldsV1 as Record<string, any> | undefined;
  assert.deepEqual(Object.keys(parents?.['f:spec']), ['f:containers', 'f:selector']);
});

test('trackUpdate() takes inherited names for data', () => {
  const object = track(undefined, newWidget({ data: { constructor: 'x' } }));
  assert.deepEqual(owned(object)['m'], { 'f:data': { '.': {}, 'f:constructor': {} } });
  const next = track(object, { ...object, data: {} });
  assert.deepEqual(owned(next)['m'], { 'f:data': {} });
});

test('trackUpdate() merges thousands of managers that a client sends into one of each version', () => {
  const managedFields = Array.from({ length: 5_000 }, (_, i) => ({
    manager: `m-${i}`,
    operation: 'Update' as const,
    apiVersion: 'v1',
    time: '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1' as const,
    fieldsV1: { 'f:data': { [`f:key-${i}`]: {} } },
  }));
  const live = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { a: 'b' } };
  const { metadata } = trackUpdate({
    type: undefined,
    manager: 'last',
    apiVersion: 'v1',
    time: '2026-01-01T00:00:01Z',
    live,
    updated: { ...live, metadata: { name: 'a', managedFields }, data: { a: 'c' } },
  });
  const left = metadata.managedFields ?? [];
  assert.equal(left.length, 10);
  const ancient = left.find(({ manager }) => manager === 'ancient-changes');
  const { 'f:data': data = {} } = (ancient?.fieldsV1 ?? {}) as Readonly<Record<string, object>>;
  assert.equal(Object.keys(data).length, 5_001 - 9);
});
