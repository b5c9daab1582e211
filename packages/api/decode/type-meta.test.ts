import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTypeMeta } from './type-meta.ts';

test('readTypeMeta() takes the names in any case, and the last text there is', () => {
  assert.deepEqual(readTypeMeta('{"kind":"Pod","KIND":"Node","Kind":null,"apiVersion":"v1"}'), {
    apiVersion: 'v1',
    kind: 'Node',
  });
  assert.deepEqual(readTypeMeta('null'), { apiVersion: '', kind: '' });
});

test('readTypeMeta() tells the first of what does not fit', () => {
  assert.throws(() => readTypeMeta('{"kind":1,"apiVersion":true}'), {
    message:
      "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string",
  });
});
