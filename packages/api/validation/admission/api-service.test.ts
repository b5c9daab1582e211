import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldError, KubeObject, ResourceFact } from '@coxswain/machinery';
import { findResource } from '../../facts.ts';
import {
  prepareForCreate,
  prepareForStatusUpdate,
  validateCreate,
  validateStatusUpdate,
  validateUpdate,
} from '../../strategy/strategy.ts';

const fact = findResource('apiregistration.k8s.io', 'v1', 'apiservices') as ResourceFact;
const service = { namespace: 'ns', name: 'svc', port: 443 };
const good = {
  group: 'a.example.com',
  version: 'v1',
  groupPriorityMinimum: 100,
  versionPriority: 10,
  service,
};

const apiService = (spec: object, name = 'v1.a.example.com'): KubeObject => ({
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name, uid: 'u', resourceVersion: '1' },
  spec: { ...good, ...spec },
});

/** Without the value that is at fault. */
const shown = ({ field, message }: FieldError): string =>
  `${field}: ${message.replace(/^(Required value|Invalid value: ("(\\.|[^"])*"|\d+|true|false))(: )?/, '')}`;

const faults: readonly (readonly [spec: object, name: string | undefined, errors: readonly string[]])[] = [
  [{}, undefined, []],
  [{}, 'other', ['metadata.name: must be `spec.version+"."+spec.group`: "v1.a.example.com"']],
  [{ group: '', version: 'v1' }, 'v1.', []],
  [
    { group: '', version: 'v2' },
    'v2.',
    ['spec.group: only v1 may have an empty group and it better be legacy kube'],
  ],
  [
    { groupPriorityMinimum: 0, versionPriority: 1001 },
    undefined,
    [
      'spec.groupPriorityMinimum: must be positive and less than 20000',
      'spec.versionPriority: must be positive and less than 1000',
    ],
  ],
  [
    { service: undefined, caBundle: 'QUJD', insecureSkipTLSVerify: true },
    undefined,
    [
      'spec.caBundle: local APIServices may not have a caBundle',
      'spec.insecureSkipTLSVerify: local APIServices may not have insecureSkipTLSVerify',
    ],
  ],
  [{ service: { port: 443 } }, undefined, ['spec.service.namespace: ', 'spec.service.name: ']],
  [
    { caBundle: 'QUJD', insecureSkipTLSVerify: true },
    undefined,
    ['spec.insecureSkipTLSVerify: may not be true if caBundle is present'],
  ],
];

for (const [spec, name, errors] of faults) {
  test(`validateApiService() finds ${errors.length} faults in ${JSON.stringify(spec)}`, () => {
    assert.deepEqual(validateCreate(fact, apiService(spec, name)).map(shown), errors);
    const stored = apiService({}, name);
    assert.deepEqual(validateUpdate(fact, apiService(spec, name), stored).map(shown), errors);
  });
}

test('an APIService of this server is available from the start, another is not', () => {
  const now = '2026-01-01T00:00:00Z';
  const own = apiService({ service: undefined });
  prepareForCreate(fact, own, { now });
  assert.deepEqual(own['status'].conditions, [
    {
      type: 'Available',
      status: 'True',
      reason: 'Local',
      message: 'Local APIServices are always available',
      lastTransitionTime: now,
    },
  ]);
  const other = { ...apiService({}), status: { conditions: [{ type: 'Available', status: 'True' }] } };
  prepareForCreate(fact, other, { now });
  assert.deepEqual(other['status'], {});
});

test('a status is written without spec and labels, and with known statuses', () => {
  const old = apiService({});
  const next: KubeObject = {
    ...apiService({ versionPriority: 5 }),
    metadata: { ...old.metadata, labels: { a: 'b' } },
    status: { conditions: [{ type: 'Available', status: 'Maybe' }] },
  };
  prepareForStatusUpdate(fact, next, old, { now: '' });
  assert.deepEqual([next['spec'].versionPriority, next.metadata.labels], [10, undefined]);
  assert.deepEqual(
    validateStatusUpdate(fact, next, old).map(({ field }) => field),
    ['status.conditions[0].status'],
  );
});
