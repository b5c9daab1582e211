import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject, ManagedFieldsEntry } from '@coxswain/machinery';
import { lastApplied } from '../last-applied.ts';
import { clientManagers, upgradedEntries } from './upgrade-managers.ts';

const annotation = { 'f:annotations': { '.': {}, [`f:${lastApplied}`]: {} } };

function entry(
  manager: string,
  operation: 'Apply' | 'Update',
  fields: object,
  apiVersion = 'v1',
): ManagedFieldsEntry {
  return { manager, operation, apiVersion, fieldsType: 'FieldsV1', fieldsV1: fields } as ManagedFieldsEntry;
}

const client = entry('kubectl-client-side-apply', 'Update', {
  'f:metadata': annotation,
  'f:data': { 'f:b': {} },
});
const other = entry('kube-controller-manager', 'Update', { 'f:data': { 'f:c': {} } });
const names = new Set(['kubectl-client-side-apply']);

test('clientManagers() knows clients by the annotation that they own', () => {
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { managedFields: [client, other] },
  };
  assert.deepEqual(clientManagers(object), names);
});

test('upgradedEntries() joins what the client owned to what the manager does', () => {
  const own = entry('kubectl', 'Apply', { 'f:data': { 'f:a': {} } });
  assert.deepEqual(upgradedEntries([own, client, other], 'kubectl', names), [
    entry('kubectl', 'Apply', { 'f:data': { 'f:a': {}, 'f:b': {} }, 'f:metadata': annotation }),
    other,
  ]);
});

test('upgradedEntries() makes the client the manager when there is none yet', () => {
  assert.deepEqual(upgradedEntries([other, client], 'kubectl', names), [
    other,
    { ...client, manager: 'kubectl', operation: 'Apply' },
  ]);
});

test('upgradedEntries() says by a dot that a field is owned with what is within', () => {
  const own = entry('kubectl', 'Apply', { 'f:data': {} });
  const [joined] = upgradedEntries([own, client], 'kubectl', names);
  assert.deepEqual((joined?.fieldsV1 as any)?.['f:data'], { '.': {}, 'f:b': {} });
});

test('upgradedEntries() leaves entries alone when no client owns any', () => {
  assert.deepEqual(upgradedEntries([other], 'kubectl', names), [other]);
});
