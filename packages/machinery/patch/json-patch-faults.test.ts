import assert from 'node:assert/strict';
import test from 'node:test';
import { applyJsonPatch, type JsonPatchOperation } from './json-patch.ts';

const document = { spec: { size: 5, list: ['a'], none: null } };

const faults: readonly [operation: unknown, message: string][] = [
  [
    { op: 'replace', path: '/zz/size', value: 8 },
    'replace operation does not apply: doc is missing path: /zz/size: missing value',
  ],
  [
    { op: 'replace', path: '/spec/list/1', value: 8 },
    'replace operation does not apply: doc is missing key: /spec/list/1: missing value',
  ],
  [{ op: 'replace', path: '', value: 1 }, 'replace operation value must be object or array: %!w(<nil>)'],
  [
    { op: 'replace', value: 1 },
    'replace operation failed to decode path: operation missing path field: missing value',
  ],
  [
    { op: 'remove', path: '/spec/zz' },
    "error in remove for path: '/spec/zz': Unable to remove nonexistent key: zz: missing value",
  ],
  [
    { op: 'remove', path: '/spec/list/9' },
    "error in remove for path: '/spec/list/9': Unable to access invalid index: 9: invalid index referenced",
  ],
  [
    { op: 'remove', path: '/spec/list/-' },
    `error in remove for path: '/spec/list/-': strconv.Atoi: parsing "-": invalid syntax`,
  ],
  [{ op: 'remove', path: '' }, 'remove operation does not apply: doc is missing path: "": missing value'],
  [{ op: 'remove' }, 'remove operation failed to decode path: missing value'],
  [
    { op: 'add', path: '/spec/list/9', value: 'b' },
    "error in add for path: '/spec/list/9': Unable to access invalid index: 9: invalid index referenced",
  ],
  [
    { op: 'add', path: '/spec/list/x', value: 'b' },
    `error in add for path: '/spec/list/x': value was not a proper array index: 'x': strconv.Atoi: parsing "x": invalid syntax`,
  ],
  [
    { op: 'add', path: '/spec/none/x', value: 'b' },
    'add operation does not apply: doc is missing path: "/spec/none/x": missing value',
  ],
  [{ op: 'test', path: '/spec/size', value: 1 }, 'testing value /spec/size failed: test failed'],
  [{ op: 'test', path: '/spec/zz', value: 1 }, 'testing value /spec/zz failed: test failed'],
  [
    { op: 'test', path: '/zz/x', value: 1 },
    'test operation does not apply: is missing path: /zz/x: missing value',
  ],
  [
    { op: 'test', path: '/spec/list/1', value: 1 },
    "error in test for path: '/spec/list/1': Unable to access invalid index: 1: invalid index referenced",
  ],
  [
    { op: 'move', path: '/x' },
    'move operation failed to decode from: operation, missing from field: missing value',
  ],
  [
    { op: 'move', from: '/zz/x', path: '/x' },
    'move operation does not apply: doc is missing from path: /zz/x: missing value',
  ],
  [
    { op: 'move', from: '/spec/zz', path: '/x' },
    "error in move for path: 'zz': Unable to remove nonexistent key: zz: missing value",
  ],
  [
    { op: 'move', from: '/spec/size', path: '/zz/x' },
    'move operation does not apply: doc is missing destination path: /zz/x: missing value',
  ],
  [
    { op: 'copy', from: '/spec/list/4', path: '/x' },
    "error in copy for from: '/spec/list/4': Unable to access invalid index: 4: invalid index referenced",
  ],
  [
    { op: 'copy', from: '/spec/size', path: '/spec/list/4' },
    'error while adding value during copy: Unable to access invalid index: 4: invalid index referenced',
  ],
  [{ op: 'twist', path: '/x' }, 'Unexpected kind: twist'],
  [null, 'Unexpected kind: unknown'],
];

for (const [operation, message] of faults) {
  test(`applyJsonPatch() says ${message}`, () => {
    assert.throws(() => applyJsonPatch(document, [operation as JsonPatchOperation]), { message });
  });
}

const applied: readonly [operations: unknown[], result: unknown][] = [
  [[{ op: 'replace', path: '/spec/zz', value: 1 }], { spec: { ...document.spec, zz: 1 } }],
  [[{ op: 'add', path: '/spec/size' }], { spec: { ...document.spec, size: null } }],
  [[{ op: 'copy', from: '/spec/zz', path: '/spec/size' }], { spec: { ...document.spec, size: null } }],
  [[{ op: 'add', path: '/spec/list/-1', value: 'b' }], { spec: { ...document.spec, list: ['a', 'b'] } }],
  [[{ op: 'replace', path: '/spec/list/-1', value: 'b' }], { spec: { ...document.spec, list: ['b'] } }],
  [
    [
      { op: 'replace', path: '', value: { a: 1 } },
      { op: 'test', path: '', value: { a: 1 } },
    ],
    { a: 1 },
  ],
  [
    [
      { op: 'test', path: '/spec/zz' },
      { op: 'test', path: '/spec/none', value: null },
    ],
    document,
  ],
];

for (const [operations, result] of applied) {
  test(`applyJsonPatch() applies ${JSON.stringify(operations)}`, () => {
    assert.deepEqual(applyJsonPatch(document, operations as JsonPatchOperation[]), result);
  });
}
