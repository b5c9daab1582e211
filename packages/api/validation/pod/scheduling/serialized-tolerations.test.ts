import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseTolerations } from './serialized-tolerations.ts';

describe('parseTolerations()', () => {
  it('reads members by the names of the Go struct, in any case', () => {
    assert.deepEqual(parseTolerations('[{"Key":"a","operator":"Exists","effect":"NoSchedule","other":1}]'), [
      { key: 'a', operator: 'Exists', effect: 'NoSchedule' },
    ]);
    assert.deepEqual(parseTolerations('null'), []);
  });

  for (const [text, problem] of [
    ['{}', 'json: cannot unmarshal object into Go value of type []core.Toleration'],
    ['["a"]', 'json: cannot unmarshal string into Go value of type core.Toleration'],
    ['[{"key":1}]', 'json: cannot unmarshal number into Go struct field Toleration.Key of type string'],
  ] as const) {
    it(`says what Go says of ${text}`, () => assert.equal(parseTolerations(text), problem));
  }
});
