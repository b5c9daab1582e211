import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compactJson, formatJson } from './json.ts';

test('formatJson() sorts keys and escapes as Go does', () => {
  const text = formatJson({ b: [1, {}], a: '<&>', 10: null, 9: [] });
  assert.equal(
    text,
    '{\n    "10": null,\n    "9": [],\n    "a": "\\u003c\\u0026\\u003e",\n    "b": [\n        1,\n        {}\n    ]\n}',
  );
});

test('compactJson() writes one line without what is undefined', () => {
  assert.equal(compactJson({ b: undefined, a: { d: 1, c: [true, 'x'] } }), '{"a":{"c":[true,"x"],"d":1}}');
});
