import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TypeFact } from '@coxswain/machinery';
import { typeOfKind } from '../facts.ts';
import { decodeJson } from './decode-json.ts';

const typeOf = (kind: string, group = '', version = 'v1'): TypeFact => {
  const type = typeOfKind({ group, version, kind });
  assert.ok(type, kind);
  return type;
};
const decode = (kind: string, body: unknown, group = '', version = 'v1'): any =>
  decodeJson(typeof body === 'string' ? body : JSON.stringify(body), typeOf(kind, group, version), {
    strict: true,
  });

test('decodeJson() keeps structs by value and drops empty scalars, lists and maps when they may be omitted', () => {
  const { object } = decode(
    'Deployment',
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd', labels: {}, annotations: null, creationTimestamp: null },
      spec: { paused: false, replicas: 0, template: { spec: { containers: [{ name: 'c', args: [] }] } } },
    },
    'apps',
  );
  assert.deepEqual(object, {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    metadata: { name: 'd' },
    spec: {
      replicas: 0,
      selector: null,
      template: { metadata: {}, spec: { containers: [{ name: 'c', resources: {} }] } },
      strategy: {},
    },
    status: {},
  });
});

test('decodeJson() writes quantities, times and base64 canonically', () => {
  const pod = decode('Pod', {
    metadata: { name: 'p', creationTimestamp: '2024-01-01T02:00:00.5+02:00' },
    spec: { containers: [{ name: 'c', resources: { limits: { cpu: 1.5, memory: '1024Mi' } } }] },
  }).object;
  assert.equal(pod.metadata.creationTimestamp, '2024-01-01T00:00:00Z');
  assert.deepEqual(pod.spec.containers[0].resources.limits, { cpu: '1500m', memory: '1Gi' });
  assert.deepEqual(decode('Secret', { data: { a: 'YQ==\n' } }).object.data, { a: 'YQ==' });
});

const errors: readonly (readonly [kind: string, body: unknown, text: string])[] = [
  [
    'ConfigMap',
    { data: ['a'] },
    'json: cannot unmarshal array into Go struct field ConfigMap.data of type map[string]string',
  ],
  [
    'ConfigMap',
    { metadata: { labels: { a: true } } },
    'json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string',
  ],
  [
    'Pod',
    { spec: { containers: 'x' } },
    'json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container',
  ],
  [
    'Pod',
    { spec: { containers: [{ ports: [{ protocol: 1 }] }] } },
    'json: cannot unmarshal number into Go struct field ContainerPort.spec.containers.ports.protocol of type v1.Protocol',
  ],
  [
    'Pod',
    { spec: { priority: 2147483648 } },
    'json: cannot unmarshal number 2147483648 into Go struct field PodSpec.spec.priority of type int32',
  ],
  [
    'Pod',
    '{"spec":{"priority":1.0}}',
    'json: cannot unmarshal number 1.0 into Go struct field PodSpec.spec.priority of type int32',
  ],
  [
    'Pod',
    '{"spec":{"activeDeadlineSeconds":9223372036854775808}}',
    'json: cannot unmarshal number 9223372036854775808 into Go struct field PodSpec.spec.activeDeadlineSeconds of type int64',
  ],
  [
    'Pod',
    { spec: { volumes: [{ hostPath: 'x' }] } },
    'json: cannot unmarshal string into Go struct field Volume.spec.volumes.VolumeSource.hostPath of type v1.HostPathVolumeSource',
  ],
  ['Pod', { spec: [] }, 'json: cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec'],
  [
    'Pod',
    { spec: { restartPolicy: 1, containers: [{ resources: { limits: { cpu: 'x' } } }] } },
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
  ['Secret', { data: { a: 'abc' } }, 'illegal base64 data at input byte 0'],
  ['Secret', { data: { a: 'YQ==YQ==' } }, 'illegal base64 data at input byte 4'],
  [
    'Service',
    { spec: { ports: [{ targetPort: true }] } },
    'json: cannot unmarshal bool into Go struct field ServicePort.spec.ports.targetPort of type int32',
  ],
  [
    'Service',
    '{"spec":{"ports":[{"targetPort":1e3}]}}',
    'json: cannot unmarshal number 1e3 into Go struct field ServicePort.spec.ports.targetPort of type int32',
  ],
  [
    'Pod',
    { metadata: { creationTimestamp: 1 } },
    'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of type string',
  ],
  [
    'ConfigMap',
    { binaryData: { a: [1, 'x'] } },
    'json: cannot unmarshal string into Go struct field ConfigMap.binaryData of type uint8',
  ],
  [
    'ConfigMap',
    { binaryData: { a: [256] } },
    'json: cannot unmarshal number 256 into Go struct field ConfigMap.binaryData of type uint8',
  ],
  [
    'Pod',
    { metadata: { creationTimestamp: 'soon' } },
    'parsing time "soon" as "2006-01-02T15:04:05Z07:00": cannot parse "soon" as "2006"',
  ],
  [
    'Pod',
    { metadata: { creationTimestamp: '2024-13-01T00:00:00Z' } },
    'parsing time "2024-13-01T00:00:00Z": month out of range',
  ],
];

test('decodeJson() says what Go says when a value does not fit', () => {
  for (const [kind, body, message] of errors) {
    assert.throws(() => decode(kind, body), { message }, JSON.stringify(body));
  }
});

test('decodeJson() names the way to what a schema below another has wrong, and the struct that has the outer one', () => {
  const schemaFault = (schema: unknown): string => {
    const spec = { versions: [{ schema: { openAPIV3Schema: schema } }] };
    const decoding = (): unknown => decode('CustomResourceDefinition', { spec }, 'apiextensions.k8s.io');
    let message = '';
    assert.throws(decoding, (error: Error) => {
      message = error.message;
      return true;
    });
    return message.replace('spec.versions.schema.openAPIV3Schema', 'X');
  };
  assert.equal(
    schemaFault({ properties: { a: { additionalProperties: { type: 1 } } } }),
    'json: cannot unmarshal number into Go struct field JSONSchemaProps.X.properties.additionalProperties.type of type string',
  );
  assert.equal(
    schemaFault({ items: { properties: { a: { items: { pattern: [] } } } } }),
    'json: cannot unmarshal array into Go struct field JSONSchemaProps.X.items.properties.items.pattern of type string',
  );
  assert.equal(
    schemaFault({ 'x-kubernetes-validations': ['x'] }),
    'json: cannot unmarshal string into Go struct field JSONSchemaProps.X.x-kubernetes-validations of type v1.ValidationRule',
  );
});

test('decodeJson() takes bytes written as numbers, minus zero, and half of a pair as the replacement character', () => {
  assert.deepEqual(decode('ConfigMap', '{"binaryData":{"a":[1,null,255],"b":[]}}').object.binaryData, {
    a: 'AQD/',
    b: '',
  });
  const minus = decode('Service', '{"spec":{"ports":[{"targetPort":-0}]},"x":1e3}');
  assert.equal(minus.object.spec.ports[0].targetPort, 0);
  assert.deepEqual(decode('ConfigMap', '{"data":{"a":"\\ud800","\\udc00":"é"}}').object.data, {
    a: '\ufffd',
    '\ufffd': 'é',
  });
});

test('decodeJson() says what Go says when the text is no JSON', () => {
  const texts: readonly (readonly [string, string])[] = [
    ['', 'unexpected end of JSON input'],
    ['{"a":', 'unexpected end of JSON input'],
    ['{a', "invalid character 'a' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"', `invalid character '"' after object key:value pair`],
    ['{"a":[1 2]}', "invalid character '2' after array element"],
    ['{"a":tru }', "invalid character ' ' in literal true (expecting 'e')"],
    ['{}x', "invalid character 'x' after top-level value"],
    ['{"a":"\n"}', "invalid character '\\n' in string literal"],
    ['é', "invalid character 'Ã' looking for beginning of value"],
  ];
  for (const [text, message] of texts) assert.throws(() => decode('Pod', text), { message }, text);
});

test('decodeJson() lists unknown and repeated fields in document order when strict', () => {
  const text =
    '{"spec":{"containers":[{"name":"c","bogus":1}],"x":2},"metadata":{"labels":{"a":"1","a":"2"}},"kind":"Pod","kind":"Pod"}';
  const { object, strictErrors } = decode('Pod', text);
  assert.deepEqual(strictErrors, [
    'unknown field "spec.containers[0].bogus"',
    'unknown field "spec.x"',
    'duplicate field "metadata.labels.a"',
    'duplicate field "kind"',
  ]);
  assert.deepEqual(object.metadata.labels, { a: '2' });
  assert.deepEqual(decodeJson(text, typeOf('Pod'), { strict: false }).strictErrors, []);
});

test('decodeJson() keeps __proto__ and constructor as map keys', () => {
  const { object } = decode('ConfigMap', '{"data":{"__proto__":"a","constructor":"b"}}');
  assert.deepEqual(Object.entries(object.data), [
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ]);
});

test('decodeJson() prunes schemas below items and additionalProperties without a word', () => {
  const { object, strictErrors } = decode(
    'CustomResourceDefinition',
    {
      spec: {
        versions: [
          {
            name: 'v1',
            schema: {
              openAPIV3Schema: {
                items: { type: 'object', bogus: 1 },
                additionalProperties: true,
                default: { any: [1.5, null] },
                wrong: 1,
              },
            },
          },
        ],
      },
    },
    'apiextensions.k8s.io',
  );
  assert.deepEqual(strictErrors, ['unknown field "spec.versions[0].schema.openAPIV3Schema.wrong"']);
  assert.deepEqual(object.spec.versions[0].schema.openAPIV3Schema, {
    default: { any: [1.5, null] },
    items: { type: 'object' },
    additionalProperties: true,
  });
});

test('decodeJson() refuses numbers that no double holds, which would be written as null', () => {
  const refused = (kind: string, body: string, group: string): string => {
    try {
      decode(kind, body, group);
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error('expected a refusal');
  };
  assert.equal(
    refused('ControllerRevision', '{"data":{"a":[1e400]},"revision":1}', 'apps'),
    'json: cannot unmarshal number 1e400 into Go value of type float64',
  );
  assert.match(
    refused(
      'CustomResourceDefinition',
      '{"spec":{"versions":[{"schema":{"openAPIV3Schema":{"maximum":-1e999}}}]}}',
      'apiextensions.k8s.io',
    ),
    /^json: cannot unmarshal number -1e999 into Go struct field .*maximum of type float64$/,
  );
});

const merged: readonly (readonly [kind: string, body: string, object: unknown, strictErrors: string[]])[] = [
  [
    'ConfigMap',
    '{"metadata":{"name":"a","labels":{"x":"1"}},"data":{"k":"1"},"metadata":{"namespace":"n","labels":{"y":"2"}},"data":null}',
    { metadata: { name: 'a', namespace: 'n', labels: { x: '1', y: '2' } } },
    ['duplicate field "metadata"', 'duplicate field "data"'],
  ],
  [
    'Service',
    '{"spec":{"clusterIPs":["10.0.0.1","::1"],"ports":[{"name":"a","port":1},{"port":2}],"clusterIPs":[null],"ports":[{"port":3}]}}',
    {
      metadata: {},
      spec: { ports: [{ name: 'a', port: 3, targetPort: 0 }], clusterIPs: ['10.0.0.1'] },
      status: { loadBalancer: {} },
    },
    ['duplicate field "spec.clusterIPs"', 'duplicate field "spec.ports"'],
  ],
  [
    'Pod',
    '{"metadata":{"creationTimestamp":"2024-01-01T00:00:00Z","generateName":"a","creationTimestamp":null,"generateName":null}}',
    { metadata: { generateName: 'a' }, spec: { containers: null }, status: {} },
    ['duplicate field "metadata.creationTimestamp"', 'duplicate field "metadata.generateName"'],
  ],
];

for (const [kind, body, object, strictErrors] of merged) {
  test(`decodeJson() reads a repeated member of a ${kind} on top of the earlier one`, () => {
    const strict = decode(kind, body);
    assert.deepEqual(strict.object, object);
    assert.deepEqual(strict.strictErrors, strictErrors);
    assert.deepEqual(decodeJson(body, typeOf(kind), { strict: false }).object, object);
  });
}

test('decodeJson() tells what is wrong with a member although a later one of its name is right', () => {
  assert.throws(() => decodeJson('{"data":1,"data":{}}', typeOf('ConfigMap'), { strict: false }), {
    message: 'json: cannot unmarshal number into Go struct field ConfigMap.data of type map[string]string',
  });
});

test('decodeJson() gives maps in the order of their names', () => {
  const { object } = decode('ConfigMap', { metadata: { labels: { b: '', a: '' } }, data: { z: '', B: '' } });
  assert.equal(JSON.stringify(object), '{"metadata":{"labels":{"a":"","b":""}},"data":{"B":"","z":""}}');
});

test('decodeJson() quotes the names of unknown fields as Go does', () => {
  assert.deepEqual(decode('ConfigMap', '{"a\\u0000\\u00a0":1}').strictErrors, [
    'unknown field "a\\x00\\u00a0"',
  ]);
});
