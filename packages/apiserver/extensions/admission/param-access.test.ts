import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldError, KubeObject } from '@coxswain/machinery';
import type { Attributes, ObjectReader, UserInfo } from '../../access/contract.ts';
import {
  mutatingBindings,
  type ParamAccess,
  paramKindFaults,
  paramRefFaults,
  validatingBindings,
} from './param-access.ts';

const alice: UserInfo = { name: 'alice', groups: ['devs'], extra: { b: ['1', '2'], a: ['x'] } };
const printed = '&{alice  [devs] map[a:[x] b:[1 2]]}';

const policy = (kind: string): KubeObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: 'p' },
  spec: { paramKind: { apiVersion: 'v1', kind } },
});

const binding = (policyName: string, paramRef: object): KubeObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name: 'b' },
  spec: { policyName, paramRef: { parameterNotFoundAction: 'Deny', ...paramRef } },
});

/** Somebody who may do what the words say: verb, group, version, resource, namespace and name. */
function accessOf(allowed: string, user = alice): ParamAccess {
  const stored: Record<string, KubeObject> = { known: policy('ConfigMap'), odd: policy('Odd') };
  const reader = {
    get: (_: unknown, __: string, name: string) => stored[name],
    resourceOfKind: ({ kind }: { kind: string }) =>
      kind === 'ConfigMap' ? { group: '', resource: 'configmaps', namespaced: true } : undefined,
  } as unknown as ObjectReader;
  const authorize = (a: Attributes) => {
    const asked = [a.verb, a.group, a.version, a.resource, a.namespace, a.name].join('|');
    return { decision: asked === allowed ? ('allow' as const) : ('no-opinion' as const), reason: '' };
  };
  return { user, reader, authorize };
}

const texts = (faults: readonly FieldError[]): string[] =>
  faults.map(({ field, message }) => `${field}: ${message}`);

test('paramKindFaults() wants a right to read all parameters of a kind', async () => {
  const refused = `spec.paramKind: Forbidden: user ${printed} must have "get" permission on all objects of the referenced paramKind`;
  const all = 'get||v1|configmaps|*|*';
  assert.deepEqual(await paramKindFaults(accessOf(all), policy('ConfigMap'), undefined), []);
  assert.deepEqual(await paramKindFaults(accessOf(''), policy('ConfigMap'), policy('ConfigMap')), []);
  assert.deepEqual(
    await paramKindFaults(
      accessOf('', { name: 'root', groups: ['system:masters'] }),
      policy('Odd'),
      undefined,
    ),
    [],
  );
  assert.deepEqual(texts(await paramKindFaults(accessOf(all), policy('Odd'), policy('ConfigMap'))), [
    `${refused} (kind=Odd, apiVersion=v1)`,
  ]);
});

test('paramRefFaults() wants a right to read the parameters that are referred to', async () => {
  const one = { name: 'c', namespace: 'ns' };
  assert.deepEqual(
    await paramRefFaults(accessOf('get||v1|configmaps|ns|c'), binding('known', one), validatingBindings),
    [],
  );
  assert.deepEqual(
    await paramRefFaults(
      accessOf('list||v1|configmaps||'),
      binding('known', { selector: {} }),
      mutatingBindings,
    ),
    [],
  );
  assert.deepEqual(
    await paramRefFaults(accessOf('get|*|*|*|ns|c'), binding('gone', one), validatingBindings),
    [],
  );
  const lacking = `to determine minimum required permissions and user ${printed} does not have "get" permission for all groups, versions and resources`;
  const cases: [string, object, string, string][] = [
    [
      'known',
      one,
      `user ${printed} does not have "get" permission`,
      `user get does not have "${printed}" permission`,
    ],
    [
      'known',
      { selector: {} },
      `user ${printed} does not have "list" permission`,
      `user list does not have "${printed}" permission`,
    ],
  ];
  for (const [name, ref, validating, mutating] of cases) {
    const words = [validatingBindings, mutatingBindings].map((of) =>
      paramRefFaults(accessOf(''), binding(name, ref), of),
    );
    assert.deepEqual(
      (await Promise.all(words)).flatMap(texts),
      [validating, mutating].map(
        (text) => `spec.paramRef: Forbidden: ${text} on the object referenced by paramRef`,
      ),
    );
  }
  assert.deepEqual(texts(await paramRefFaults(accessOf(''), binding('gone', one), validatingBindings)), [
    `spec.paramRef: Forbidden: unable to get policy gone ${lacking}`,
  ]);
  assert.deepEqual(texts(await paramRefFaults(accessOf(''), binding('odd', one), validatingBindings)), [
    `spec.paramRef: Forbidden: unable to resolve paramKind &{v1 Odd} ${lacking}`,
  ]);
});
