import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { finalizerWarnings } from './finalizer-warnings.ts';

const having = (...finalizers: string[]): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'a', finalizers },
});
const rest = 'to avoid accidental conflicts with other finalizer writers';

test('finalizerWarnings() tells of new names that others might choose', () => {
  assert.deepEqual(finalizerWarnings(having('x', 'example.com/a', 'orphan', 'y.z', 'x'), undefined), [
    `metadata.finalizers: "x": prefer a domain-qualified finalizer name ${rest}`,
    `metadata.finalizers: "y.z": prefer a domain-qualified finalizer name including a path (/) ${rest}`,
  ]);
});

test('finalizerWarnings() is silent about names that were there', () => {
  assert.deepEqual(finalizerWarnings(having('x'), having('x')), []);
  assert.deepEqual(finalizerWarnings(having(), having('x')), []);
});
