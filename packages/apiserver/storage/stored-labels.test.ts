import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { encodeStored, metadataStart } from './encode.ts';
import { storedLabels } from './stored-labels.ts';

const labels = { app: 'web', 'example.com/tier': 'front', empty: '' };
const managedFields = [
  {
    manager: 'cox',
    operation: 'Update',
    fieldsV1: { 'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} }, labels: { inner: {} } } },
  },
] as unknown as NonNullable<KubeObject['metadata']['managedFields']>;
const annotations = { last: '{"metadata":{"labels":{"app":"old"}}}', 'quo"te': '\\', labels: '{' };
const template = { metadata: { labels: { app: 'of the template' } } };

const cases: Readonly<Record<string, readonly [metadata: KubeObject['metadata'], rest: object]>> = {
  alone: [{ labels }, {}],
  'before the rest': [{ labels, name: 'a', annotations }, { spec: { template } }],
  'behind everything that looks like them': [{ name: 'a', annotations, managedFields, labels }, {}],
  'absent, with such of a template': [{ name: 'a', annotations, managedFields }, { spec: { template } }],
  absent: [{ name: 'a' }, {}],
  empty: [{ name: 'a', labels: {} }, {}],
  'with braces and quotes': [{ labels: { 'a}"\\': '}"{\\' } }, {}],
};

for (const [name, [metadata, rest]] of Object.entries(cases)) {
  test(`storedLabels() finds labels: ${name}`, () => {
    const value = encodeStored({ kind: 'Deployment', apiVersion: 'apps/v1', metadata, ...rest });
    assert.deepEqual(storedLabels(value, metadataStart(value)), metadata.labels);
  });
}
