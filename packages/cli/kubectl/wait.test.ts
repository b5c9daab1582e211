import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf } from './wait.ts';

const object = {
  metadata: { generation: 2 },
  status: { phase: 'Running', observedGeneration: 2, conditions: [{ type: 'Ready', status: 'True' }] },
} as never;

test('conditionOf() compares the status of a condition, whatever the case', () => {
  assert.equal(conditionOf('condition=ready')(object), true);
  assert.equal(conditionOf('condition=Ready=false')(object), false);
  assert.equal(conditionOf('condition=Available')(object), false);
});

test('conditionOf() does not trust a status of an older generation', () => {
  const stale = { ...(object as object), metadata: { generation: 3 } } as never;
  assert.equal(conditionOf('condition=Ready')(stale), false);
});

test('conditionOf() compares the value of a path, or asks for any', () => {
  assert.equal(conditionOf('jsonpath={.status.phase}=Running')(object), true);
  assert.equal(conditionOf('jsonpath={.status.phase}=Pending')(object), false);
  assert.equal(conditionOf('jsonpath={.status.phase}')(object), true);
  assert.equal(conditionOf('jsonpath={.status.podIP}')(object), false);
});

test('conditionOf() refuses what it does not know', () => {
  assert.throws(() => conditionOf('sunshine'), { message: 'unrecognized condition: "sunshine"' });
});
