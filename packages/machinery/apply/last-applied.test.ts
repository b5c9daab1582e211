import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../meta.ts';
import { lastAppliedAnnotation, syncLastApplied } from './last-applied.ts';

test('syncLastApplied() writes the configuration as Go does, and none that makes the annotations too large', () => {
  const sync = (applied: object, others: Record<string, string> = {}): unknown => {
    const metadata = { name: 'a', annotations: { ...others, [lastAppliedAnnotation]: '{}' } };
    const live = { apiVersion: 'v1', kind: 'ConfigMap', metadata } as KubeObject;
    return syncLastApplied('kubectl', live, applied as KubeObject).metadata.annotations?.[
      lastAppliedAnnotation
    ];
  };
  assert.equal(sync({ kind: 'K', apiVersion: 'v1' }), '{"apiVersion":"v1","kind":"K"}\n');
  assert.equal(
    sync({
      metadata: { name: 'a', annotations: { [lastAppliedAnnotation]: 'x' }, managedFields: [] },
      data: { b: '<&>', a: 1 },
    }),
    '{"data":{"a":1,"b":"\\u003c\\u0026\\u003e"},"metadata":{"annotations":{},"name":"a"}}\n',
  );
  assert.equal(sync({ data: { a: 'x' } }, { other: 'é'.repeat(131_072) }), undefined);
  const created = { apiVersion: 'v1', kind: 'ConfigMap' } as KubeObject;
  assert.equal(syncLastApplied('kubectl', created, created), created);
});
