import assert from 'node:assert/strict';
import { test } from 'node:test';
import { celTypes } from '@coxswain/cel';
import type { KubeObject } from '@coxswain/machinery';
import { checkTypes, otherVersions } from './type-checker.ts';

const policy = (spec: object): KubeObject =>
  ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'p' },
    spec,
  }) as KubeObject;
const rule = (group: string, resource: string) => ({
  resourceRules: [{ apiGroups: [group], apiVersions: ['v1'], operations: ['*'], resources: [resource] }],
});

test('checkTypes() tells of fields that objects do not have, and of operators that do not fit them', () => {
  const warnings = checkTypes(
    policy({
      matchConstraints: rule('apps', 'deployments'),
      variables: [{ name: 'replicas', expression: 'object.spec.replicas' }],
      validations: [
        { expression: 'object.spec.replicas > 1' },
        { expression: 'object.spec.replicas > "1"', messageExpression: '"wrong: " + object.spec.nope' },
        { expression: 'variables.replicas > 1 && namespaceObject.metadata.name != "x"' },
      ],
    }),
    [],
  );
  assert.deepEqual(warnings, [
    {
      fieldRef: 'spec.validations[1].expression',
      warning:
        "apps/v1, Kind=Deployment: ERROR: <input>:1:22: found no matching overload for '_>_' applied to '(int, string)'\n | object.spec.replicas > \"1\"\n | .....................^\n",
    },
    {
      fieldRef: 'spec.validations[1].messageExpression',
      warning:
        'apps/v1, Kind=Deployment: ERROR: <input>:1:24: undefined field \'nope\'\n | "wrong: " + object.spec.nope\n | .......................^\n',
    },
  ]);
});

test('checkTypes() checks nothing that is named with a wildcard', () => {
  assert.deepEqual(
    checkTypes(
      policy({ matchConstraints: rule('*', 'deployments'), validations: [{ expression: 'object.nope' }] }),
      [],
    ),
    [],
  );
});

test('checkTypes() checks kinds that are not built in by what is published of them', () => {
  const custom = policy({
    matchConstraints: rule('g.io', 'boats'),
    validations: [{ expression: 'object.nope' }],
  });
  assert.deepEqual(otherVersions(custom), [{ group: 'g.io', version: 'v1' }]);
  const type = { kind: 'object', name: 'object', field: () => undefined, names: () => [] } as const;
  const boats = { group: 'g.io', version: 'v1', kind: 'Boat', resource: 'boats', type };
  assert.equal(checkTypes(custom, [boats]).length, 1);
  assert.equal(checkTypes(custom, [{ ...boats, type: celTypes.dyn }]).length, 0);
});
