import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyJsonPatch, decodeJsonPatch } from './json-patch.ts';
import {
  applyMergePatch,
  createMergePatch,
  createThreeWayJsonMergePatch,
  decodeMergePatch,
} from './merge-patch.ts';
import { PatchError } from './patch-error.ts';

const document = { a: { b: [1, 2, 3], 'x/y': 'slash' }, n: null };

test('applyJsonPatch() does every operation and leaves the document alone', () => {
  const out = applyJsonPatch(document, [
    { op: 'add', path: '/a/b/1', value: 9 },
    { op: 'add', path: '/a/b/-', value: 4 },
    { op: 'remove', path: '/a/x~1y' },
    { op: 'replace', path: '/a/b/0', value: 0 },
    { op: 'copy', from: '/a/b', path: '/c' },
    { op: 'move', from: '/a/b/-1', path: '/last' },
    { op: 'test', path: '/n', value: null },
    { op: 'test', path: '/none', value: null },
  ]);
  assert.deepEqual(out, { a: { b: [0, 9, 2, 3] }, c: [0, 9, 2, 3, 4], last: 4, n: null });
  assert.deepEqual(document.a.b, [1, 2, 3]);
});

test('applyJsonPatch() refuses what does not apply', () => {
  const faulty = [
    { op: 'remove', path: '/none' },
    { op: 'add', path: '/none/x', value: 1 },
    { op: 'add', path: '/a/b/9', value: 1 },
    { op: 'test', path: '/a/b/0', value: 2 },
    { op: 'twist', path: '/a' },
  ];
  for (const operation of faulty) {
    assert.throws(
      () => applyJsonPatch(document, [operation]),
      (error) => error instanceof PatchError && error.toStatusError().code === 422,
      JSON.stringify(operation),
    );
  }
});

test('decodeJsonPatch() tells a wrong shape as Go does, and too many operations', () => {
  assert.throws(() => decodeJsonPatch({}), {
    message:
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
  });
  assert.throws(() => decodeJsonPatch(new Array(10_001).fill({ op: 'test', path: '/a' })), {
    code: 'PATCH_TOO_LARGE',
  });
});

test('applyMergePatch() leaves out null members in lists, unless the list takes the place of an object', () => {
  const list = [1, null, { a: null, b: { c: null, d: 1 } }, [{ e: null }]];
  const without = [1, null, { b: { d: 1 } }, [{}]];
  assert.deepEqual(applyMergePatch({ l: [2] }, { l: list }), { l: without });
  assert.deepEqual(applyMergePatch({}, { o: { l: list } }), { o: { l: without } });
  assert.deepEqual(applyMergePatch({ l: { x: 1 } }, { l: list }), { l: list });
});

test('applyMergePatch() follows RFC 7386', () => {
  assert.deepEqual(
    applyMergePatch({ a: { b: 1, c: 2 }, d: [1] }, { a: { b: null, e: { f: null } }, d: [2] }),
    {
      a: { c: 2, e: {} },
      d: [2],
    },
  );
  assert.throws(() => decodeMergePatch([1]), {
    message:
      'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
  });
});

test('createMergePatch() is undone by applyMergePatch()', () => {
  const modified = { a: { b: [1], z: 1 }, m: {} };
  const patch = createMergePatch(document, modified);
  assert.deepEqual(applyMergePatch(document, patch), modified);
});

test('createThreeWayJsonMergePatch() deletes only what was applied before', () => {
  const patch = createThreeWayJsonMergePatch({ a: 1, b: 1 }, { b: 2 }, { a: 1, b: 1, other: 1 });
  assert.deepEqual(patch, { a: null, b: 2 });
});

test('patches take inherited names for data', () => {
  const patch = JSON.parse('{"data":{"__proto__":"p","constructor":"c"}}');
  const out = applyMergePatch({ data: {} }, patch) as { data: object };
  assert.equal(JSON.stringify(out.data), '{"__proto__":"p","constructor":"c"}');
  assert.equal(Object.getPrototypeOf(out.data), Object.prototype);
  assert.deepEqual(createMergePatch({ toString: 'x' }, {}), { toString: null });
});

test('applyJsonPatch() refuses to copy a document into a huge one', () => {
  const doubling = Array.from({ length: 30 }, (_, i) => ({ op: 'copy', from: '/a', path: `/a/${i}` }));
  assert.throws(
    () => applyJsonPatch({ a: { x: 'x'.repeat(1000) } }, doubling),
    /Unable to complete the copy/,
  );
});

test('applyJsonPatch() refuses an operation without its place', () => {
  for (const op of ['add', 'remove', 'replace', 'test', 'move', 'copy']) {
    const operations = decodeJsonPatch([{ op, from: '/a', value: 1 }]);
    assert.throws(
      () => applyJsonPatch({ a: 1 }, operations),
      /operation failed to decode path: (?:operation missing path field: )?missing value/,
      op,
    );
  }
});
