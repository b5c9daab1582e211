import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldReader } from './field-labels.ts';

/** Resource, whether it is custom, whether it has namespaces, and the fault of selecting by them. */
const namespaces: readonly (readonly [
  group: string,
  resource: string,
  custom: boolean,
  namespaced: boolean,
  fault?: string,
])[] = [
  ['', 'configmaps', false, true],
  ['', 'pods', false, true],
  ['storage.k8s.io', 'storageclasses', false, false],
  ['', 'nodes', false, false, 'field label not supported: metadata.namespace'],
  ['', 'namespaces', false, false, 'field label not supported: metadata.namespace'],
  ['example.com', 'boats', true, true],
  ['example.com', 'boats', true, false, 'field label not supported: metadata.namespace'],
];
for (const [group, resource, custom, namespaced, fault] of namespaces) {
  const title = `${namespaced ? '' : 'cluster-wide '}${resource}`;
  test(`fieldReader() ${fault === undefined ? 'knows' : 'knows no'} namespaces of ${title}`, () => {
    const reading = () => fieldReader({ group, resource, namespaced }, 'metadata.namespace', custom);
    if (fault !== undefined) assert.throws(reading, { code: 400, message: fault });
    else assert.equal(reading()({ kind: 'X', apiVersion: 'v1', metadata: { namespace: 'a' } }), 'a');
  });
}
