import assert from 'node:assert/strict';
import test from 'node:test';
import type { AdmissionAttributes } from '../../access/contract.ts';
import { admissionRequest } from './environment.ts';

const pods = { group: '', version: 'v1', resource: 'pods' };
const attributes: AdmissionAttributes = {
  operation: 'CREATE',
  kind: { group: '', version: 'v1', kind: 'Pod' },
  resource: pods,
  subresource: '',
  namespace: 'default',
  name: '',
  user: { name: 'jane', groups: [] },
  dryRun: false,
  object: undefined,
  oldObject: undefined,
  options: { fieldManager: 'me' },
  warn: () => undefined,
};

test('admissionRequest() tells the options by their kind', () => {
  const kinds = [
    ['CREATE', 'CreateOptions'],
    ['UPDATE', 'UpdateOptions'],
    ['DELETE', 'DeleteOptions'],
  ] as const;
  for (const [operation, kind] of kinds) {
    const { options } = admissionRequest({ ...attributes, operation });
    assert.deepEqual(options, { kind, apiVersion: 'meta.k8s.io/v1', fieldManager: 'me' });
  }
});

test('admissionRequest() leaves out the name of what has none yet', () => {
  assert.equal('name' in admissionRequest(attributes), false);
});
