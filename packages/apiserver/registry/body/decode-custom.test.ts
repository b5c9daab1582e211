import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestListener } from '../../http/testing-listener.ts';

const cranes = '/apis/example.com/v1/namespaces/default/cranes';
const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } };
const definition = {
  metadata: { name: 'cranes.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'cranes', singular: 'crane', kind: 'Crane', listKind: 'CraneList' },
    versions: [{ name: 'v1', served: true, storage: true, schema }],
  },
};
const unrecognized = 'the object provided is unrecognized (must be of type Crane): ';

const refused: readonly (readonly [type: string, body: string, message: string])[] = [
  [
    'application/json',
    '{',
    `${unrecognized}couldn't get version/kind; json parse error: unexpected end of JSON input ({)`,
  ],
  ['application/json', 'null', `${unrecognized}Object 'Kind' is missing in 'null' (6e756c6c)`],
  ['application/yaml', 'a: b', `${unrecognized}Object 'Kind' is missing in 'a: b' (613a2062)`],
  [
    'application/json',
    '{"kind":"Crane"}',
    'the API version in the data () does not match the expected API version (example.com/v1)',
  ],
  [
    'application/vnd.kubernetes.protobuf',
    'k8s\0\n\0',
    'Crane in version "v1" cannot be handled as a Crane: object *unstructured.Unstructured does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message',
  ],
];

describe('the body of a custom resource', () => {
  let listener: TestListener;
  const send = async (method: string, path: string, type: string, body: string) => {
    const answer = await listener.ask(path, { method, headers: { 'content-type': type }, body });
    return JSON.parse(answer.body);
  };
  before(async () => {
    listener = await TestListener.start();
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    await send('POST', path, 'application/json', JSON.stringify(definition));
    while ((await listener.ask(cranes)).code !== 200);
  });
  after(() => listener.close());

  test('that names no kind is refused in the words of upstream', async () => {
    for (const [type, body, message] of refused) {
      const status = await send('POST', cranes, type, body);
      assert.deepEqual([status.code, status.message], [400, message]);
    }
  });

  test('has a kind after a patch, too', async () => {
    const crane = '{"apiVersion":"example.com/v1","kind":"Crane","metadata":{"name":"a"}}';
    await send('POST', cranes, 'application/json', crane);
    const patched = await send('PATCH', `${cranes}/a`, 'application/merge-patch+json', '{"kind":null}');
    assert.equal(patched.code, 422);
    assert.match(patched.message, /: Object 'Kind' is missing in '\{/);
  });
});
