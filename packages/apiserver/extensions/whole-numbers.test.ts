import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '@coxswain/client';
import type { KubeObject } from '@coxswain/machinery';
import { loopbackUser } from '../access/loopback-user.ts';
import { type TestAnswer, TestListener } from '../http/testing-listener.ts';
import { untilEstablished } from './testing-definitions.ts';
import { startTestWebhook } from './webhook/testing-webhook.ts';

// Whole numbers of 64 bits, of which doubles hold those up to 2^53 alone.
const most = '9223372036854775807';
const least = '-9223372036854775808';
const odd = '9007199254740993';

const group = 'numbers.example.com';
const path = `/apis/${group}/v1/namespaces/default/numbers`;
let listener: TestListener;

before(async () => {
  listener = await TestListener.start();
  const rule = { rule: `self == ${odd}`, message: 'is another' };
  const properties = {
    i: { type: 'integer', format: 'int64' },
    small: { type: 'integer', format: 'int32' },
    defaulted: { type: 'integer', default: BigInt(odd) },
    thrice: { type: 'integer', multipleOf: 3 },
    below: { type: 'integer', maximum: 9007199254740992 },
    chosen: { type: 'integer', enum: [BigInt(most)] },
    ruled: { type: 'integer', 'x-kubernetes-validations': [rule] },
    long: { type: 'string', maxLength: BigInt(most), minLength: BigInt(odd) },
    many: {
      type: 'array',
      maxItems: BigInt(most),
      items: { type: 'string' },
      'x-kubernetes-validations': [{ rule: 'size(self) < 3' }],
    },
    keyed: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: {
        type: 'object',
        required: ['k'],
        properties: { k: { type: 'integer' }, v: { type: 'integer', maximum: 5 } },
      },
    },
    set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'integer' } },
  };
  const spec = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties };
  const transport = listener.server.loopback(loopbackUser);
  await new Client(transport)
    .resource({ group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' })
    .create({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `numbers.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: 'numbers', kind: 'Number' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
            selectableFields: [{ jsonPath: '.spec.i' }],
            additionalPrinterColumns: [{ name: 'I', type: 'integer', jsonPath: '.spec.i' }],
          },
        ],
      },
    } as unknown as KubeObject);
  await untilEstablished(transport, `numbers.${group}`);
});

after(() => listener.close());

const text = (name: string, spec: string): string =>
  `{"apiVersion":"${group}/v1","kind":"Number","metadata":{"name":"${name}"},"spec":${spec}}`;
const create = (name: string, spec: string): Promise<TestAnswer> =>
  listener.ask(path, { method: 'POST', body: text(name, spec) });
const patch = (name: string, type: string, body: string, query = ''): Promise<TestAnswer> =>
  listener.ask(`${path}/${name}${query}`, {
    method: 'PATCH',
    headers: { 'content-type': `application/${type}` },
    body,
  });
const get = async (at: string, accept = 'application/json'): Promise<string> =>
  (await listener.ask(`${path}${at}`, { headers: { accept } })).body;
const specIn = (body: string): string | undefined => /"spec":(\{.*?\})\}/.exec(body)?.[1];

test('custom objects keep whole numbers of 64 bits in every form', async () => {
  const made = await create('a', `{"i":${most},"free":[${least},${odd},9223372036854775808,1e2,1.5]}`);
  const spec = `{"defaulted":${odd},"free":[${least},${odd},9223372036854776000,100,1.5],"i":${most}}`;
  assert.equal(specIn(made.body), spec);
  assert.equal(specIn(await get('/a')), spec);
  assert.equal(specIn(await get('')), spec);
  const yaml = `  defaulted: ${odd}\n  free:\n  - ${least}\n  - ${odd}\n  - 9223372036854776000\n  - 100\n  - 1.5\n  i: ${most}\n`;
  assert.ok((await get('/a', 'application/yaml')).includes(yaml));
  assert.ok((await get('/a?pretty=true')).includes(`"i": ${most}\n`));
  assert.ok(
    (await get('', 'application/json;as=Table;g=meta.k8s.io;v=v1')).includes(`"cells":["a",${most}]`),
  );
  const watched = await get('?watch=true&resourceVersion=0&timeoutSeconds=1&fieldSelector=metadata.name%3Da');
  assert.equal(specIn(watched), spec);
});

test('YAML brings whole numbers of 64 bits', async () => {
  const body = `apiVersion: ${group}/v1\nkind: Number\nmetadata: {name: yaml}\nspec: {i: ${least}, x: 0x7fffffffffffffff}\n`;
  const headers = { 'content-type': 'application/yaml', accept: 'application/json' };
  const { body: made } = await listener.ask(path, { method: 'POST', headers, body });
  assert.equal(specIn(made), `{"defaulted":${odd},"i":${least},"x":${most}}`);
});

test('patches keep the whole numbers that they bring, and those that they leave', async () => {
  await create('p', `{"i":${odd}}`);
  assert.equal(
    specIn((await patch('p', 'merge-patch+json', `{"spec":{"m":${least},"defaulted":1}}`)).body),
    `{"defaulted":1,"i":${odd},"m":${least}}`,
  );
  const operations = `[{"op":"test","path":"/spec/i","value":${odd}},{"op":"add","path":"/spec/m","value":${most}},{"op":"copy","from":"/spec/i","path":"/spec/j"}]`;
  assert.equal(
    specIn((await patch('p', 'json-patch+json', operations)).body),
    `{"defaulted":1,"i":${odd},"j":${odd},"m":${most}}`,
  );
  const test = await patch(
    'p',
    'json-patch+json',
    '[{"op":"test","path":"/spec/i","value":9007199254740992}]',
  );
  assert.equal(test.code, 422);
  const query = '?fieldManager=x&force=true';
  assert.equal(
    specIn(
      (await patch('p', 'apply-patch+yaml', text('p', `{"set":[${odd},9007199254740992]}`), query)).body,
    ),
    `{"defaulted":1,"i":${odd},"j":${odd},"m":${most},"set":[${odd},9007199254740992]}`,
  );
});

const refused: readonly (readonly [spec: string, message: string])[] = [
  [`{"small":${odd}}`, 'Checked value must be of type integer with format int32 in spec.small'],
  [
    '{"thrice":9007199254740995}',
    'spec.thrice: Invalid value: 9007199254740995: spec.thrice in body should be a multiple of 3',
  ],
  [
    `{"below":${odd}}`,
    `spec.below: Invalid value: ${odd}: spec.below in body should be less than or equal to 9007199254740992`,
  ],
  [
    '{"chosen":9223372036854775806}',
    `spec.chosen: Unsupported value: 9223372036854775806: supported values: "${most}"`,
  ],
  ['{"long":"x"}', `spec.long: Invalid value: "x": spec.long in body should be at least ${odd} chars long`],
  ['{"ruled":9007199254740994}', 'spec.ruled: Invalid value: 9007199254740994: is another'],
  [
    '{"i":9223372036854775808}',
    'spec.i: Invalid value: "float64": spec.i in body must be of type int64: "float64"',
  ],
  [`{"set":[${odd},${odd}]}`, `spec.set[1]: Duplicate value: ${odd}`],
];
for (const [spec, message] of refused) {
  test(`a schema looks at all digits of ${spec}`, async () => {
    const { code, body } = await create('bad', spec);
    assert.deepEqual([code, JSON.parse(body).message.includes(message)], [422, true], body);
  });
}

test('what a schema allows to the digit is taken', async () => {
  const { code, body } = await create(
    'good',
    `{"thrice":9007199254740993,"below":9007199254740992,"chosen":${most},"ruled":${odd},"set":[${odd},9007199254740992]}`,
  );
  assert.equal(code, 201, body);
});

test('a number that no double holds is refused by its text', async () => {
  const { code, body } = await create('huge', '{"x":1E400}');
  const message =
    'Number in version "v1" cannot be handled as a Number: json: cannot unmarshal number 1E400 into Go value of type float64';
  assert.deepEqual([code, JSON.parse(body).message], [400, message]);
});

test('fields are selected by all digits', async () => {
  await create('s', `{"i":${odd}}`);
  const names = async (value: string): Promise<string[]> => {
    const { items } = JSON.parse(await get(`?fieldSelector=metadata.name%3Ds,spec.i%3D${value}`));
    return items.map((item: KubeObject) => item.metadata.name);
  };
  assert.deepEqual(await names(odd), ['s']);
  assert.deepEqual(await names('9007199254740992'), []);
});

test('built-in kinds keep them in JSON and in protobuf, and count them as Go does', async () => {
  const pods = '/api/v1/namespaces/default/pods';
  const spec = `{"containers":[{"name":"c","image":"i"}],"nodeName":"n","terminationGracePeriodSeconds":${most},"tolerations":[{"key":"k","effect":"NoExecute","operator":"Exists","tolerationSeconds":${odd}}]}`;
  const body = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":${spec}}`;
  const made = await listener.ask(pods, { method: 'POST', body });
  assert.equal(made.code, 201, made.body);
  const accept = 'application/vnd.kubernetes.protobuf';
  // 2^53 + 1 as a varint.
  const varint = Buffer.from([0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]);
  const { bytes } = await listener.ask(`${pods}/p`, { headers: { accept } });
  assert.ok(bytes.includes(varint));
  const again = await listener.ask(`${pods}/p`, {
    method: 'PUT',
    headers: { 'content-type': accept },
    body: bytes,
  });
  assert.ok(again.body.includes(`"tolerationSeconds":${odd}`), again.body);
  const now = Math.floor(Date.now() / 1000);
  const gone = JSON.parse((await listener.ask(`${pods}/p`, { method: 'DELETE' })).body);
  // So many nanoseconds run over to minus one second.
  assert.ok(Math.abs(Date.parse(gone.metadata.deletionTimestamp) / 1000 - now) < 60);
});

test('webhooks are told all digits, and what they answer is taken to the digit', async () => {
  const hook = await startTestWebhook();
  const configurations = new Client(listener.server.loopback(loopbackUser)).resource({
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    resource: 'mutatingwebhookconfigurations',
  });
  try {
    let told: unknown;
    hook.answers.set('/mutate', ({ object }: KubeObject) => {
      told = object.spec.i;
      const patch = `[{"op":"add","path":"/spec/mutated","value":${odd}}]`;
      return { allowed: true, patchType: 'JSONPatch', patch: Buffer.from(patch).toString('base64') };
    });
    await configurations.create({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'numbers' },
      webhooks: [
        {
          name: 'mutate.example.com',
          clientConfig: { url: `${hook.url}/mutate`, caBundle: hook.caBundle },
          rules: [{ apiGroups: [group], apiVersions: ['*'], resources: ['*'], operations: ['CREATE'] }],
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
        },
      ],
    } as unknown as KubeObject);
    const { body } = await create('w', `{"i":${most}}`);
    assert.equal(specIn(body), `{"defaulted":${odd},"i":${most},"mutated":${odd}}`);
    assert.equal(told, BigInt(most));
  } finally {
    await configurations.delete('numbers');
    hook.close();
  }
});

test('lists are keyed by all digits, also where an update is compared with what was there', async () => {
  const keyed = `{"keyed":[{"k":${odd},"v":1},{"k":9007199254740992,"v":2}]}`;
  const made = await create('k', keyed);
  assert.equal(made.code, 201, made.body);
  const changed = made.body.replace('"k":9007199254740992,"v":2', '"k":9007199254740992,"v":3');
  const put = await listener.ask(`${path}/k`, { method: 'PUT', body: changed });
  assert.ok(put.body.includes(`"keyed":[{"k":${odd},"v":1},{"k":9007199254740992,"v":3}]`), put.body);
});

test('documents of OpenAPI tell of defaults to the digit', async () => {
  const accept = 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf';
  const v3 = `/openapi/v3/apis/${group}/v1`;
  assert.ok((await listener.ask(v3)).body.includes(`"default":${odd}`));
  assert.equal((await listener.ask(v3, { headers: { accept } })).code, 200);
  // That says nothing of the fields of a schema that takes any.
  assert.equal((await listener.ask('/openapi/v2')).code, 200);
  const v2 = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
  assert.equal((await listener.ask('/openapi/v2', { headers: { accept: v2 } })).code, 200);
});

test('opaque parameters of devices keep theirs', async () => {
  const body = `{"apiVersion":"resource.k8s.io/v1","kind":"DeviceClass","metadata":{"name":"d"},"spec":{"config":[{"opaque":{"driver":"d.example.com","parameters":{"n":${odd}}}}]}}`;
  const made = await listener.ask('/apis/resource.k8s.io/v1/deviceclasses', { method: 'POST', body });
  assert.ok(made.body.includes(`"parameters":{"n":${odd}}`), made.body);
});

test('what kubectl applied from its side is taken over to the digit', async () => {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': text('t', `{"i":${odd}}`) };
  const made = text('t', `{"i":${odd}}`).replace(
    '"name":"t"',
    `"name":"t","annotations":${JSON.stringify(annotations)}`,
  );
  const before = await listener.ask(`${path}?fieldManager=kubectl-client-side-apply`, {
    method: 'POST',
    body: made,
  });
  assert.equal(before.code, 201, before.body);
  const { code, body } = await patch('t', 'apply-patch+yaml', text('t', '{"i":5}'), '?fieldManager=kubectl');
  assert.equal(code, 200, body);
});
