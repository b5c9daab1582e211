import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestListener } from '../../http/testing-listener.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const deployments = '/apis/apps/v1/namespaces/default/deployments';
const json = 'application/json-patch+json';
const merge = 'application/merge-patch+json';
const strategic = 'application/strategic-merge-patch+json';
const apply = 'application/apply-patch+yaml';

const serverRejected = 'the server rejected our request due to an error in our request';
const needsMap = 'json: cannot unmarshal array into Go value of type map[string]interface {}';
/** What the library takes that applies patches; where fields are validated, its caller has read them before. */
const badPatches: readonly (readonly [
  type: string,
  query: string,
  body: string,
  code: number,
  message: string,
])[] = [
  [merge, '', '', 400, 'error decoding patch: unexpected end of JSON input'],
  [merge, '', '[]', 400, `error decoding patch: ${needsMap}`],
  [merge, '', 'null', 400, 'Invalid JSON Patch'],
  [merge, '?fieldValidation=Ignore', '{', 400, 'Invalid JSON Patch'],
  [merge, '?fieldValidation=Ignore', '"x"', 400, 'Invalid JSON Patch'],
  [json, '', '{', 400, 'error decoding patch: unexpected end of JSON input'],
  [
    json,
    '',
    '[1]',
    400,
    'error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp',
  ],
  [json, '?fieldValidation=Ignore', '{', 400, 'unexpected end of JSON input'],
  [
    json,
    '?fieldValidation=Ignore',
    '{}',
    400,
    'json: cannot unmarshal object into Go value of type jsonpatch.Patch',
  ],
  [
    json,
    '?fieldValidation=Ignore',
    '[1]',
    400,
    'json: cannot unmarshal number into Go value of type jsonpatch.Operation',
  ],
  [json, '?fieldValidation=Ignore', '[{"op":1,"path":"/data/x","value":"1"}]', 422, serverRejected],
  [strategic, '', '', 400, 'unexpected end of JSON input'],
  [strategic, '', '[]', 400, needsMap],
  [
    apply,
    '?fieldManager=m',
    'a: b: c',
    400,
    'error decoding YAML: error converting YAML to JSON: yaml: mapping values are not allowed in this context',
  ],
  [
    apply,
    '?fieldManager=m',
    '- a',
    400,
    `error decoding YAML: error unmarshaling JSON: while decoding JSON: ${needsMap}`,
  ],
];

describe('a patch', () => {
  let listener: TestListener;
  const patch = async (path: string, type: string, body: string) => {
    const answer = await listener.ask(path, { method: 'PATCH', headers: { 'content-type': type }, body });
    return { ...answer, object: JSON.parse(answer.body) };
  };
  before(async () => {
    listener = await TestListener.start();
    const body = JSON.stringify({ metadata: { name: 'c' }, data: { a: '1' } });
    await listener.ask(configMaps, { method: 'POST', body });
    const pod = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const spec = { selector: { matchLabels: { a: 'b' } }, template: pod };
    await listener.ask(deployments, {
      method: 'POST',
      body: JSON.stringify({ metadata: { name: 'd' }, spec }),
    });
  });
  after(() => listener.close());

  test('whose parts do not fit their types is refused as Go converts it', async () => {
    const limits = { cpu: '1GB' };
    const containers = [{ name: 'c', image: 'i', resources: { limits } }];
    const spec = { template: { spec: { containers } } };
    const form =
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    const applied = JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec,
    });
    const { code, object } = await patch(`${deployments}/d?fieldManager=m&force=true`, apply, applied);
    assert.deepEqual(
      [code, object.reason, object.message],
      [
        500,
        undefined,
        `failed to convert new object (/d; apps/v1, Kind=Deployment) to proper version: unable to convert unstructured object to apps/v1, Kind=Deployment: ${form}`,
      ],
    );
    const merged = await patch(`${deployments}/d`, strategic, JSON.stringify({ spec }));
    assert.equal(merged.code, 422);
    assert.ok(merged.object.message.endsWith(`: ${form}`), merged.object.message);
  });

  test('that cannot be read is refused in the words of who reads it', async () => {
    for (const [type, query, body, code, message] of badPatches) {
      const { object } = await patch(`${configMaps}/c${query}`, type, body);
      assert.deepEqual([object.code, object.message], [code, message], `${type} ${query} ${body}`);
    }
  });

  test('of what is not there is not looked at', async () => {
    for (const type of [json, merge, strategic]) {
      const { object } = await patch(`${configMaps}/none`, type, '{');
      assert.equal(object.message, 'configmaps "none" not found');
    }
  });

  test('makes no other kind of an object', async () => {
    const kinds = [
      ['"kind":"Secret","data":null', 'converting (v1.Secret) to (core.ConfigMap): unknown conversion'],
      [
        '"kind":"Foo"',
        'no kind "Foo" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
      ],
      [
        '"apiVersion":"v2"',
        'no kind "ConfigMap" is registered for version "v2" in scheme "pkg/api/legacyscheme/scheme.go:30"',
      ],
    ] as const;
    for (const [member, detail] of kinds) {
      const { object } = await patch(`${configMaps}/c`, merge, `{${member}}`);
      assert.equal(object.code, 422);
      assert.ok(object.details.causes[0].message.endsWith(`: ${detail}`), object.message);
      assert.equal(object.details.causes[0].field, 'patch');
    }
    const renamed = await patch(`${deployments}/d`, strategic, '{"kind":"Foo","apiVersion":"x/v1"}');
    assert.deepEqual(
      [renamed.code, renamed.object.kind, renamed.object.apiVersion],
      [200, 'Deployment', 'apps/v1'],
    );
    const { object } = await patch(`${configMaps}/c`, json, '[{"op":"remove","path":"/kind"}]');
    assert.equal(object.kind, 'ConfigMap');
  });

  test('shows what it came to where that is no object', async () => {
    const { object } = await patch(`${configMaps}/c`, merge, '{"metadata":null,"data":[]}');
    assert.match(
      object.details.causes[0].message,
      /^Invalid value: "\{\\"apiVersion\\":\\"v1\\",\\"data\\":\[\],\\"kind\\":\\"ConfigMap\\"\}": json: cannot unmarshal array/,
    );
  });

  test('has its operations read strictly', async () => {
    const body = '[{"op":"test","op":"add","path":"/data/x","value":"1","more":1}]';
    const { headers } = await patch(`${configMaps}/c`, json, body);
    assert.deepEqual(String(headers['warning']).match(/json patch (?:[^"\\]|\\.)*/g), [
      'json patch duplicate field \\"[0].op\\"',
      'json patch unknown field \\"[0].more\\"',
    ]);
    const strict = await patch(`${configMaps}/c?fieldValidation=Strict`, json, body);
    assert.match(
      strict.object.message,
      /strict decoding error: json patch duplicate field "\[0\]\.op", json patch unknown field "\[0\]\.more"$/,
    );
  });

  test('with a version that is none fails, with another one is a conflict', async () => {
    const none = await patch(`${configMaps}/c`, merge, '{"metadata":{"resourceVersion":"x"}}');
    assert.deepEqual(
      [none.code, none.object.message],
      [500, 'strconv.ParseUint: parsing "x": invalid syntax'],
    );
    const stale = await patch(`${configMaps}/c`, merge, '{"metadata":{"resourceVersion":"1"}}');
    assert.equal(stale.code, 409);
  });

  test('by apply creates nothing that is said to be there', async () => {
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: gone, uid: u}\n';
    const { object } = await patch(`${configMaps}/gone?fieldManager=m`, apply, body);
    assert.deepEqual(
      [object.code, object.message],
      [
        409,
        'Operation cannot be fulfilled on configmaps "gone": uid mismatch: the provided object specified uid u, and no existing object was found',
      ],
    );
  });

  test('by apply has its repeated keys told or refused after it is merged', async () => {
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: two}\ndata:\n  a: b\n  a: c\n';
    const fault =
      'error converting YAML to JSON: yaml: unmarshal errors:\n  line 6: key "a" already set in map';
    const strict = await patch(`${configMaps}/two?fieldManager=m&fieldValidation=Strict`, apply, body);
    assert.equal(strict.object.message, `error strict decoding YAML: ${fault}`);
    const told = await patch(`${configMaps}/two?fieldManager=m`, apply, body);
    assert.equal(told.code, 201);
    assert.equal(told.headers['warning'], '299 - "line 6: key \\"a\\" already set in map"');
  });
});
