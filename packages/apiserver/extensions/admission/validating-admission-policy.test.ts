import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '@coxswain/client';
import type { KubeObject } from '@coxswain/machinery';
import { loopbackUser } from '../../access/loopback-user.ts';
import { startTestServer } from '../../testing-server.ts';

let close: () => Promise<void>;
let client: Client;

before(async () => {
  const started = await startTestServer();
  close = started.close;
  client = new Client(started.server.loopback(loopbackUser));
});

after(() => close());

const group = 'admissionregistration.k8s.io';
const resource = (plural: string) => client.resource({ group, version: 'v1', resource: plural });
let count = 0;

/** What becomes of a config map under a policy: '' when it is created. */
async function refusal(spec: object, binding: object = {}): Promise<string> {
  const name = `p${++count}`;
  const meta = { apiVersion: `${group}/v1`, metadata: { name } };
  await resource('validatingadmissionpolicies').create({
    ...meta,
    kind: 'ValidatingAdmissionPolicy',
    spec: {
      matchConstraints: {
        resourceRules: [
          { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] },
        ],
      },
      ...spec,
    },
  } as KubeObject);
  await resource('validatingadmissionpolicybindings').create({
    ...meta,
    kind: 'ValidatingAdmissionPolicyBinding',
    spec: { policyName: name, validationActions: ['Deny'], ...binding },
  } as KubeObject);
  try {
    await client
      .resource({ group: '', version: 'v1', resource: 'configmaps' }, 'default')
      .create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: '1' } } as KubeObject);
    return '';
  } catch (error) {
    return (error as Error).message.replaceAll(name, 'P');
  } finally {
    await resource('validatingadmissionpolicybindings').delete(name);
  }
}

const says = (text: string): string =>
  `configmaps "P" is forbidden: ValidatingAdmissionPolicy 'P' with binding 'P' denied request: ${text}`;
const checks = (...expressions: string[]) => expressions.map((expression) => ({ expression }));

test('ValidatingAdmissionPolicy shows expressions the request, the namespace and what its user may', async () => {
  const expressions = [
    "namespaceObject.metadata.name == 'default'",
    "authorizer.group('').resource('configmaps').namespace('default').check('create').allowed()",
    "authorizer.requestResource.check('delete').allowed()",
    "request.operation == 'CREATE' && request.kind.kind == 'ConfigMap' && oldObject == null",
  ];
  assert.equal(await refusal({ validations: checks(...expressions) }), '');
});

test('ValidatingAdmissionPolicy follows the failure policy when an expression fails', async () => {
  const validations = checks("object.data.b == '1'");
  const text = "expression 'object.data.b == '1'' resulted in error: no such key: b";
  assert.equal(await refusal({ validations }), says(text));
  assert.equal(await refusal({ validations, failurePolicy: 'Ignore' }), '');
});

test('ValidatingAdmissionPolicy tells of all match conditions that fail, unless one does not hold', async () => {
  const failing = (name: string) => ({ name, expression: `object.data.${name} == '1'` });
  const text = (name: string) =>
    `expression 'object.data.${name} == '1'' resulted in error: no such key: ${name}`;
  const validations = checks('false');
  assert.equal(
    await refusal({ matchConditions: [failing('b'), failing('c')], validations }),
    says(`[${text('b')}, ${text('c')}]`),
  );
  const matchConditions = [failing('b'), { name: 'no', expression: 'false' }];
  assert.equal(await refusal({ matchConditions, validations }), '');
});

test('ValidatingAdmissionPolicy refuses when the params that it needs cannot be found', async () => {
  const ref = (parameterNotFoundAction: string) => ({
    paramRef: { name: 'none', namespace: 'default', parameterNotFoundAction },
  });
  const spec = (apiVersion: string, kind: string) => ({
    paramKind: { apiVersion, kind },
    validations: checks('false'),
  });
  assert.equal(
    await refusal(spec('v1', 'ConfigMap'), ref('Deny')),
    says(
      'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
    ),
  );
  assert.equal(await refusal(spec('v1', 'ConfigMap'), ref('Allow')), '');
  assert.equal(
    await refusal(spec('x.y/v1', 'Zed'), ref('Deny')),
    "configmaps \"P\" is forbidden: ValidatingAdmissionPolicy 'P' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'x.y/v1, Kind=Zed'",
  );
});
