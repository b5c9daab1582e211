import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareVersions } from './compare-versions.ts';

test('compareVersions() puts GA before beta before alpha and higher before lower', () => {
  const versions = ['v1alpha1', 'v1', 'v2beta1', 'v2', 'v1beta2', 'v10', 'v2beta3'];
  assert.deepEqual(versions.sort(compareVersions), [
    'v10',
    'v2',
    'v1',
    'v2beta3',
    'v2beta1',
    'v1beta2',
    'v1alpha1',
  ]);
});
