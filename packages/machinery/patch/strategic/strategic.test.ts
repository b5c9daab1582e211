import assert from 'node:assert/strict';
import { test } from 'node:test';
import { any, int32, listOf, mapOf, struct, text, typeSketch } from '../../testing-facts.ts';
import {
  applyStrategicMergePatch,
  createThreeWayMergePatch,
  createTwoWayMergePatch,
} from './strategic-merge-patch.ts';

const merge = ['merge'] as const;
const port = typeSketch('Port', { containerPort: { value: int32 }, name: { value: text } });
const container = typeSketch('Container', {
  name: { value: text },
  image: { value: text },
  args: { value: listOf(text) },
  ports: { value: listOf(struct(port)), patchStrategy: merge, patchMergeKey: 'containerPort' },
});
const rolling = typeSketch('Strategy', { type: { value: text }, rollingUpdate: { value: any } });
const spec = typeSketch('Spec', {
  replicas: { value: int32 },
  containers: { value: listOf(struct(container)), patchStrategy: merge, patchMergeKey: 'name' },
  finalizers: { value: listOf(text), patchStrategy: merge },
  strategy: { value: struct(rolling), patchStrategy: ['retainKeys'] },
  labels: { value: mapOf(text) },
});

const a = { name: 'a', image: 'a:1', args: ['x'] };
const b = { name: 'b', image: 'b:1' };

test('applyStrategicMergePatch() merges lists by key, the patch first where the order is free', () => {
  const out = applyStrategicMergePatch(
    { containers: [a, b] },
    { containers: [{ name: 'b', image: 'b:2' }, { name: 'c' }] },
    spec,
  );
  assert.deepEqual(out, { containers: [a, { name: 'b', image: 'b:2' }, { name: 'c' }] });
  const fresh = applyStrategicMergePatch({ containers: [a, b] }, { containers: [{ name: 'c' }] }, spec);
  assert.deepEqual(
    fresh.containers.map((c) => c.name),
    ['c', 'a', 'b'],
  );
});

test('applyStrategicMergePatch() obeys $patch', () => {
  const live = { containers: [a, b], labels: { x: '1' } };
  assert.deepEqual(
    applyStrategicMergePatch(live, { containers: [{ name: 'a', $patch: 'delete' }] }, spec).containers,
    [b],
  );
  assert.deepEqual(
    applyStrategicMergePatch(live, { containers: [{ name: 'z' }, { $patch: 'replace' }] }, spec).containers,
    [{ name: 'z' }],
  );
  assert.deepEqual(applyStrategicMergePatch(live, { labels: { $patch: 'replace', y: '2' } }, spec).labels, {
    y: '2',
  });
  assert.deepEqual(applyStrategicMergePatch(live, { labels: { $patch: 'delete' } }, spec).labels, {});
  assert.throws(() => applyStrategicMergePatch(live, { labels: { $patch: 'twist' } }, spec), {
    message: 'unknown patch type: twist in map: map[$patch:twist]',
  });
});

test('applyStrategicMergePatch() obeys element order, retained keys and deletions', () => {
  const live = { containers: [a, b], finalizers: ['f', 'g'], strategy: { type: 'R', rollingUpdate: {} } };
  const out = applyStrategicMergePatch(
    live,
    {
      '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }],
      '$deleteFromPrimitiveList/finalizers': ['f'],
      '$setElementOrder/finalizers': ['h', 'g'],
      finalizers: ['h'],
      strategy: { $retainKeys: ['type'], type: 'Recreate' },
    },
    spec,
  );
  assert.deepEqual(out, { containers: [b, a], finalizers: ['h', 'g'], strategy: { type: 'Recreate' } });
});

test('applyStrategicMergePatch() names the missing merge key', () => {
  assert.throws(
    () => applyStrategicMergePatch({ containers: [a] }, { containers: [{ image: 'b:2' }] }, spec),
    {
      message: 'map: map[image:b:2] does not contain declared merge key: name',
      code: 'PATCH_FAILED',
    },
  );
});

test('applyStrategicMergePatch() drops nulls and directives where there is nothing to patch', () => {
  const out = applyStrategicMergePatch(
    {},
    { labels: { x: null, y: '1' }, containers: [{ name: 'q', $patch: 'delete' }, b] },
    spec,
  );
  assert.deepEqual(out, { labels: { y: '1' }, containers: [b] });
});

test('applyStrategicMergePatch() refuses a list in another order than it asks for', () => {
  const order = [{ name: 'a' }, { name: 'b' }];
  const patch = { '$setElementOrder/containers': order, containers: [{ name: 'b' }, { name: 'a' }] };
  assert.throws(() => applyStrategicMergePatch({ containers: [a, b] }, patch, spec), {
    message:
      "The order in patch list:\n[map[name:b] map[name:a]]\n doesn't match $setElementOrder list:\n[map[name:a] map[name:b]]\n",
  });
});

const misfits: readonly (readonly [patch: object, message: string])[] = [
  [{ '$setElementOrder/containers': 'x' }, 'expected a []interface {}, but received a string'],
  [
    { '$setElementOrder/containers': { a: 1 } },
    'expected a []interface {}, but received a map[string]interface {}',
  ],
  [{ '$setElementOrder/containers': null }, 'expected a []interface {}, but received a %!s(<nil>)'],
  [{ '$setElementOrder/containers': 1 }, 'expected a []interface {}, but received a int64'],
  [{ '$setElementOrder/containers': [], containers: true }, 'expected a []interface {}, but received a bool'],
  [
    { '$setElementOrder/containers': [], containers: null },
    'expected a []interface {}, but received a %!s(<nil>)',
  ],
  [
    { '$setElementOrder/containers': [{ name: 'a' }], containers: [{ image: 'i' }] },
    'map: map[image:i] does not contain declared merge key: name',
  ],
  [
    { '$setElementOrder/containers': [{ image: 'i' }], containers: [{ name: 'a' }] },
    'map: map[image:i] does not contain declared merge key: name',
  ],
  [{ '$setElementOrder/args': [], args: [] }, 'no elements in any of the given slices'],
  [{ empty: ['z'] }, 'expected a map[string]interface {}, but received a string'],
  [
    {
      '$deleteFromPrimitiveList/finalizers': ['f', 'g'],
      '$setElementOrder/finalizers': [null],
      finalizers: [null],
    },
    'list element types are not identical: [[f g] [<nil>]]',
  ],
  [{ labels: { $patch: 1 } }, 'unknown patch type: %!s(int64=1) in map: map[$patch:1]'],
  [{ labels: { $patch: true } }, 'unknown patch type: %!s(bool=true) in map: map[$patch:true]'],
  [
    { labels: { $patch: ['a', 1.5] } },
    'unknown patch type: [a %!s(float64=1.5)] in map: map[$patch:[a 1.5]]',
  ],
  [{ labels: { $patch: null } }, 'unknown patch type: %!s(<nil>) in map: map[$patch:<nil>]'],
];

test('applyStrategicMergePatch() says what upstream says of directives and lists that do not fit', () => {
  const holder = typeSketch('Holder', {
    containers: { value: listOf(struct(container)), patchStrategy: merge, patchMergeKey: 'name' },
    empty: { value: listOf(struct(container)), patchStrategy: merge, patchMergeKey: 'name' },
    args: { value: listOf(text) },
    finalizers: { value: listOf(text), patchStrategy: merge },
    labels: { value: mapOf(text) },
  });
  const live = { containers: [a, b], empty: [], args: [], finalizers: ['f', 'g'], labels: { x: '1' } };
  for (const [patch, message] of misfits) {
    assert.throws(() => applyStrategicMergePatch(live, patch, holder), { message }, JSON.stringify(patch));
  }
});

test('applyStrategicMergePatch() deletes from an ordered list after it has added to it, and takes an empty order', () => {
  const live = { finalizers: ['f', 'g'] };
  const patch = {
    '$setElementOrder/finalizers': ['g', 'f'],
    '$deleteFromPrimitiveList/finalizers': ['f'],
    finalizers: ['f'],
  };
  assert.deepEqual(applyStrategicMergePatch(live, patch, spec), { finalizers: ['g'] });
  const unordered = { '$setElementOrder/finalizers': [], finalizers: ['z'] };
  assert.deepEqual(applyStrategicMergePatch(live, unordered, spec).finalizers.toSorted(), ['f', 'g', 'z']);
});

test('createTwoWayMergePatch() gives what applyStrategicMergePatch() undoes', () => {
  const original = {
    replicas: 1,
    containers: [a, b],
    finalizers: ['f'],
    labels: { x: '1' },
    strategy: { type: 'R', rollingUpdate: { m: 1 } },
  };
  const modified = {
    containers: [b, { ...a, image: 'a:2' }],
    finalizers: ['g'],
    labels: {},
    strategy: { type: 'Recreate' },
  };
  const patch = createTwoWayMergePatch(original, modified, spec);
  assert.deepEqual(patch, {
    replicas: null,
    containers: [{ name: 'a', image: 'a:2' }],
    '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }],
    finalizers: ['g'],
    '$deleteFromPrimitiveList/finalizers': ['f'],
    '$setElementOrder/finalizers': ['g'],
    labels: { x: null },
    strategy: { $retainKeys: ['type'], type: 'Recreate', rollingUpdate: null },
  });
  assert.deepEqual(applyStrategicMergePatch(original, patch, spec), modified);
});

test('createThreeWayMergePatch() keeps what others added', () => {
  const original = { containers: [a, b], labels: { x: '1' } };
  const modified = { containers: [{ ...a, image: 'a:2' }], labels: {} };
  const current = { containers: [a, b, { name: 'side' }], labels: { x: '1', other: '2' } };
  const patch = createThreeWayMergePatch(original, modified, current, spec);
  assert.deepEqual(applyStrategicMergePatch(current, patch, spec), {
    containers: [{ ...a, image: 'a:2' }, { name: 'side' }],
    labels: { other: '2' },
  });
  assert.throws(
    () => createThreeWayMergePatch({ replicas: 1 }, { replicas: 2 }, { replicas: 3 }, spec, false),
    /conflicts/,
  );
});

test('applyStrategicMergePatch() refuses elements of no kind in a list of objects', () => {
  const patch = { containers: [{ name: 'a' }, null], '$setElementOrder/containers': [{ name: 'a' }] };
  assert.throws(
    () => applyStrategicMergePatch({ containers: [a] }, patch, spec),
    /expected a map\[string\]interface \{\}, but received a %!s\(<nil>\)/,
  );
});

test('applyStrategicMergePatch() deletes from a list of scalars whatever its strategy', () => {
  const patch = { containers: [{ name: 'a', '$deleteFromPrimitiveList/args': ['x'] }] };
  assert.deepEqual(applyStrategicMergePatch({ containers: [{ ...a, args: ['x', 'y', 'x'] }] }, patch, spec), {
    containers: [{ ...a, args: ['y'] }],
  });
});

test('applyStrategicMergePatch() puts nothing where a map with $patch finds nothing, and keeps other directives', () => {
  const patch = { strategy: { $patch: 'delete' }, labels: { a: { $patch: 'replace', b: 1 }, c: 'd' } };
  assert.deepEqual(applyStrategicMergePatch({}, patch, spec), { labels: { c: 'd' } });
  const retaining = { strategy: { $retainKeys: ['type'], type: 'x' } };
  assert.deepEqual(applyStrategicMergePatch({}, retaining, spec), retaining);
});

test('applyStrategicMergePatch() refuses directives for lists that name no field', () => {
  const refused = (patch: object, message: string): void => {
    assert.throws(() => applyStrategicMergePatch({ containers: [a] }, patch, spec), { message });
  };
  refused({ $deleteFromPrimitiveList: ['x'] }, 'invalid patch format of primitive list');
  refused({ $setElementOrder: ['x'] }, 'invalid patch format of setElementOrder list');
  refused(
    { '$setElementOrder/nope': [] },
    'unable to find api field in struct Spec for the json field "nope"',
  );
});
