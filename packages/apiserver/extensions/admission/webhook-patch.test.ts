import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { patchAnnotation, readJsonPatch } from './webhook-patch.ts';

const faults: readonly (readonly [text: string, told: string])[] = [
  ['{nope', "invalid character 'n' looking for beginning of object key string"],
  ['{"op":"add"}', 'json: cannot unmarshal object into Go value of type jsonpatch.Patch'],
  ['"x"', 'json: cannot unmarshal string into Go value of type jsonpatch.Patch'],
  ['[1]', 'json: cannot unmarshal number into Go value of type jsonpatch.Operation'],
  ['[{},true]', 'json: cannot unmarshal bool into Go value of type jsonpatch.Operation'],
];

describe('readJsonPatch() refuses', () => {
  for (const [text, told] of faults) {
    test(text, () => {
      assert.throws(() => readJsonPatch(text), { message: told });
    });
  }
});

test('readJsonPatch() takes null for no operations', () => {
  assert.deepEqual(readJsonPatch('null'), []);
});

test('patchAnnotation() shows values as the webhook wrote them, and members in order', () => {
  const text =
    ' [ {"op":"add", "value": {"z":1.0,"a":12345678901234567890,"h":"<\\u00e9"}, "path":"/x", "from":null} ]';
  assert.equal(
    patchAnnotation('c', 'w', text),
    '{"configuration":"c","webhook":"w","patch":[{"from":null,"op":"add","path":"/x","value":{"z":1.0,"a":12345678901234567890,"h":"\\u003c\\u00e9"}}],"patchType":"JSONPatch"}',
  );
});
