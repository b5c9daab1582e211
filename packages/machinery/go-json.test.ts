import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compactJson, goJson, goMapJson } from './go-json.ts';

describe('goJson()', () => {
  it('escapes what HTML could misread', () => {
    assert.equal(goJson({ b: '<a & b>', a: 1 }), '{"b":"\\u003ca \\u0026 b\\u003e","a":1}');
  });

  it('sorts the members of maps that have whole numbers for names, and of no others', () => {
    const value = { data: { 9: 'a', 10: 'b"1":', '-1': { z: [{ 2: 1, 11: 2 }], a: 3 } }, a10: 'x' };
    assert.equal(
      goJson(value),
      '{"data":{"-1":{"z":[{"11":2,"2":1}],"a":3},"10":"b\\"1\\":","9":"a"},"a10":"x"}',
    );
    assert.equal(goJson({ a: { 10: 1, 9: '<' } }, 1), '{\n "a": {\n  "10": 1,\n  "9": "\\u003c"\n }\n}');
    assert.equal(goJson({ 10: 2n ** 60n, 9: 1 }), '{"10":1152921504606846976,"9":1}');
    assert.equal(goJson({ b: ',"1":', a: '{"2":' }), '{"b":",\\"1\\":","a":"{\\"2\\":"}');
  });
});

describe('goMapJson()', () => {
  it('sorts members by their bytes, also those that look like numbers', () => {
    assert.equal(
      goMapJson({ b: [{ z: 1, y: null }], 2: 'x', 10: true }),
      '{"10":true,"2":"x","b":[{"y":null,"z":1}]}',
    );
  });

  it('leaves out what is not there', () => {
    assert.equal(goMapJson({ a: undefined, b: {} }), '{"b":{}}');
  });
});

describe('compactJson()', () => {
  it('leaves values as they are written', () => {
    assert.equal(
      compactJson(' { "a b" : 1.0,\n"c\\" d": [ "\\u00e9" ] } '),
      '{"a b":1.0,"c\\" d":["\\u00e9"]}',
    );
  });
  it('gives nothing where the text is no JSON', () => {
    for (const text of ['', '{', 'a: b']) assert.equal(compactJson(text), undefined);
  });
});
