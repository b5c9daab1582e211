import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { validateCreate, validateUpdate } from '../../strategy/strategy.ts';
import { changed, created, factOf, texts } from '../../strategy/test-objects.ts';
import type { Json } from '../values.ts';

const fact = factOf('policy/v1', 'PodDisruptionBudget');
const budget = (spec: Json, metadata: Json = {}) =>
  created('policy/v1', 'PodDisruptionBudget', { spec }, metadata);

describe('validatePodDisruptionBudget()', () => {
  it('leaves names to the check of all objects, which comes last', () => {
    assert.deepEqual(texts(validateCreate(fact, budget({ minAvailable: 1 }, { name: 'A_b' }))), []);
    assert.deepEqual(texts(validateCreate(fact, budget({ minAvailable: -1 }, { name: 'a/b' }))), [
      'spec.minAvailable: Invalid value: -1: must be greater than or equal to 0',
    ]);
    assert.deepEqual(texts(validateCreate(fact, budget({}, { name: 'a/b' }))), [
      'metadata.name: Invalid value: "a/b": may not contain \'/\'',
    ]);
  });

  it('lets a selector keep values that were never labels', () => {
    const selector = { matchExpressions: [{ key: 'a', operator: 'In', values: ['-'] }] };
    const old = budget({ selector });
    const next = changed(old, (copy) => {
      copy['spec'].minAvailable = 1;
    });
    assert.deepEqual(texts(validateUpdate(fact, next, old)), []);
    assert.equal(validateUpdate(fact, next, budget({})).length, 1);
  });
});
