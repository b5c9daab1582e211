import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { maxNesting } from '@coxswain/machinery';
import { until } from '@coxswain/machinery/testing';
import { askHttps, type HttpsAnswer } from '@coxswain/pki/testing';
import { ApiProcess } from '../support/api-process.ts';

const root = mkdtempSync(join(tmpdir(), 'coxswain-nesting-'));
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let api: ApiProcess;
before(async () => {
  api = await ApiProcess.start({ command: 'apiserver', dir: join(root, 'data') });
});
after(async () => {
  agent.destroy();
  await api?.kill();
  rmSync(root, { recursive: true, force: true });
});

function send(method: string, path: string, body = '', type = 'application/json'): Promise<HttpsAnswer> {
  const headers = {
    authorization: `Bearer ${api.token}`,
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    accept: path.includes('yaml=') ? 'application/yaml' : 'application/json',
  };
  return askHttps(`${api.url}${path}`, { method, agent, ca: api.ca, headers }, body);
}

/** The document, and its `spec` or `data`, lie around the value. */
const deepest = maxNesting - 2;
/** No double holds it, so that it takes more to read what it stands in. */
const large = String(2n ** 60n + 1n);
const nests = {
  objects: (depth: number, leaf: string): string => `${'{"a":'.repeat(depth)}${leaf}${'}'.repeat(depth)}`,
  arrays: (depth: number, leaf: string): string => `${'['.repeat(depth)}${leaf}${']'.repeat(depth)}`,
};

const merge = 'application/merge-patch+json';
const jsonPatch = 'application/json-patch+json';
const apply = 'application/apply-patch+yaml';
const free = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'nests.fuzz.example.com' },
  spec: {
    group: 'fuzz.example.com',
    scope: 'Cluster',
    names: { plural: 'nests', singular: 'nest', kind: 'Nest', listKind: 'NestList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: free } } },
        additionalPrinterColumns: [{ name: 'Spec', type: 'string', jsonPath: '.spec' }],
      },
    ],
  },
};
const policies = [
  {
    kind: 'ValidatingAdmissionPolicy',
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: ['fuzz.example.com'], apiVersions: ['*'], operations: ['*'], resources: ['nests'] },
        ],
      },
      variables: [{ name: 'spec', expression: 'object == null ? null : object.spec' }],
      validations: [{ expression: 'object == null || variables.spec == object.spec' }],
    },
  },
  {
    kind: 'ValidatingAdmissionPolicyBinding',
    spec: { policyName: 'nests', validationActions: ['Deny'] },
  },
];

const all = '/apis/fuzz.example.com/v1/nests';
const revisions = '/apis/apps/v1/namespaces/default/controllerrevisions';

test('custom resources are looked at by expressions while they nest as deep as they may', async () => {
  const made = await send(
    'POST',
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    JSON.stringify(definition),
  );
  assert.equal(made.code, 201, made.body);
  for (const { kind, spec } of policies) {
    const group = 'admissionregistration.k8s.io/v1';
    const path = `/apis/${group}/${kind.toLowerCase().replace(/y$/, 'ie')}s`;
    const policy = { apiVersion: group, kind, metadata: { name: 'nests' }, spec };
    const answer = await send('POST', path, JSON.stringify(policy));
    assert.equal(answer.code, 201, answer.body);
  }
  await until(async () => (await send('GET', all)).code === 200);
});

for (const [form, nest] of Object.entries(nests)) {
  const custom = (name: string, depth: number, leaf = large): string =>
    `{"apiVersion":"fuzz.example.com/v1","kind":"Nest","metadata":{"name":"${name}"},"spec":{"x":${nest(depth - 1, leaf)}}}`;
  const revision = (depth: number, revision: number): string =>
    `{"apiVersion":"apps/v1","kind":"ControllerRevision","metadata":{"name":"${form}"},"revision":${revision},"data":{"x":${nest(depth, large)}}}`;
  const [one, other] = [`${all}/${form}`, `${all}/${form}-applied`];
  const cases: readonly (readonly [code: number, ...Parameters<typeof send>])[] = [
    [201, 'POST', all, custom(form, deepest)],
    [201, 'POST', `${all}?fieldValidation=Strict&dryRun=All`, custom(`${form}-strict`, deepest)],
    [
      201,
      'POST',
      `${all}?dryRun=All`,
      custom(`${form}-yaml`, deepest).replaceAll(':', ': '),
      'application/yaml',
    ],
    [200, 'GET', one],
    [200, 'GET', `${one}?pretty=true`],
    [200, 'GET', `${one}?yaml=1`],
    [200, 'PATCH', one, `{"spec":{"x":${nest(deepest - 1, '2')}}}`, merge],
    [200, 'PATCH', one, `[{"op":"replace","path":"/spec/x","value":${nest(deepest - 3, '3')}}]`, jsonPatch],
    [201, 'PATCH', `${other}?fieldManager=m`, custom(`${form}-applied`, deepest), apply],
    [200, 'PATCH', `${other}?fieldManager=m`, custom(`${form}-applied`, deepest, '2'), apply],
    [409, 'PATCH', `${other}?fieldManager=n`, custom(`${form}-applied`, deepest, '3'), apply],
    [200, 'PATCH', `${other}?fieldManager=n&force=true`, custom(`${form}-applied`, deepest, '3'), apply],
    [200, 'GET', all],
    [200, 'GET', `${all}?yaml=1`],
    [200, 'DELETE', one],
    [201, 'POST', revisions, revision(deepest - 1, 1)],
    [200, 'PUT', `${revisions}/${form}`, revision(deepest - 1, 2)],
    [200, 'GET', `${revisions}/${form}?yaml=1`],
    [400, 'POST', all, custom('deeper', maxNesting + 1)],
    [400, 'POST', revisions, revision(maxNesting + 1, 1)],
  ];
  test(`${form} that nest as deep as they may are stored, changed and shown`, async () => {
    for (const [code, ...request] of cases) {
      const answer = await send(...request);
      assert.equal(answer.code, code, `${request[0]} ${request[1]}: ${answer.body.slice(0, 500)}`);
    }
  });
}
