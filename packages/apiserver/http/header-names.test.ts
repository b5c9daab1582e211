import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalName } from './header-names.ts';

test('canonicalName() is the name as Go writes it', () => {
  const names = ['audit-id', 'x-kubernetes-pf-flowschema-uid', 'ETAG', 'x--1a', 'www-authenticate'];
  const canonical = ['Audit-Id', 'X-Kubernetes-Pf-Flowschema-Uid', 'Etag', 'X--1a', 'Www-Authenticate'];
  assert.deepEqual(names.map(canonicalName), canonical);
  assert.deepEqual(canonical.map(canonicalName), canonical);
});
