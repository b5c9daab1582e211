import assert from 'node:assert/strict';
import test from 'node:test';
import { applyJsonPatch, type JsonPatchOperation } from './json-patch.ts';

const document = { spec: { size: 5, list: ['a'] } };

const faults: readonly [JsonPatchOperation, string][] = [
  [
    { op: 'replace', path: '/spec/zz', value: 8 },
    'replace operation does not apply: doc is missing key: /spec/zz: missing value',
  ],
  [
    { op: 'replace', path: '/zz/size', value: 8 },
    'replace operation does not apply: doc is missing path: /zz/size: missing value',
  ],
  [
    { op: 'remove', path: '/spec/zz' },
    "error in remove for path: '/spec/zz': Unable to remove nonexistent key: zz: missing value",
  ],
  [
    { op: 'remove', path: '/spec/list/9' },
    "error in remove for path: '/spec/list/9': Unable to access invalid index: 9: invalid index referenced",
  ],
  [{ op: 'remove', path: '' }, 'remove operation does not apply: doc is missing path: "": missing value'],
  [
    { op: 'add', path: '/spec/list/9', value: 'b' },
    "error in add for path: '/spec/list/9': Unable to access invalid index: 9: invalid index referenced",
  ],
  [{ op: 'test', path: '/spec/size', value: 1 }, 'testing value /spec/size failed: test failed'],
];

test('applyJsonPatch() tells in the words of evanphx what does not apply', () => {
  for (const [operation, message] of faults) {
    assert.throws(() => applyJsonPatch(document, [operation]), { message });
  }
});
