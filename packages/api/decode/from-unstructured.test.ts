import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typeOfKind } from '../facts.ts';
import { fromUnstructured } from './from-unstructured.ts';

function convert(kind: string, members: object, group = ''): any {
  const type = typeOfKind({ group, version: 'v1', kind });
  assert.ok(type);
  return fromUnstructured({ metadata: { name: 'a' }, ...members }, type);
}

const port = (members: object): object => ({ spec: { ports: [{ port: 80, ...members }] } });
const cpu = (value: unknown): object => ({
  spec: { containers: [{ name: 'a', resources: { limits: { cpu: value } } }] },
});
const quantityForm =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const refused: readonly (readonly [kind: string, members: object, text: string, group?: string])[] = [
  ['Service', port({ port: 80.5 }), 'cannot convert float64 to int32'],
  ['Service', port({ port: '80' }), 'unrecognized type: int32'],
  ['Service', port({ protocol: 5 }), 'cannot convert int64 to v1.Protocol'],
  ['Service', port({ protocol: true }), 'unrecognized type: string'],
  ['Service', port({ targetPort: true }), 'json: cannot unmarshal bool into Go value of type int32'],
  [
    'Service',
    port({ targetPort: 5_000_000_000 }),
    'json: cannot unmarshal number 5000000000 into Go value of type int32',
  ],
  ['Service', { spec: 5 }, 'cannot restore struct from: int64'],
  ['Service', { spec: { ports: {} } }, 'cannot restore slice from map'],
  ['Service', { metadata: { labels: [1] } }, 'cannot restore map from slice'],
  [
    'Service',
    { metadata: { creationTimestamp: 'x' } },
    'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"',
  ],
  ['Secret', { data: { x: '!!' } }, 'error decoding from json: illegal base64 data at input byte 0'],
  ['Secret', { data: { x: ['x'] } }, 'unrecognized type: uint8'],
  ['Secret', { data: { x: 5 } }, 'cannot restore slice from int64'],
  ['Pod', cpu('1GB'), quantityForm],
  ['Pod', cpu(true), quantityForm],
  ['Pod', { spec: { hostNetwork: 1 } }, 'unrecognized type: bool'],
  ['ControllerRevision', { revision: 'x' }, 'unrecognized type: int64', 'apps'],
];
for (const [kind, members, text, group] of refused) {
  test(`${kind} ${JSON.stringify(members)} is refused: ${text}`, () => {
    assert.throws(() => convert(kind, members, group), { code: 'ERR_DECODE', message: text });
  });
}

test('numbers that are too large for their field are cut, as Go cuts them', () => {
  assert.equal(convert('Pod', { spec: { priority: 4294967297 } }).spec.priority, 1);
  assert.equal(convert('Pod', { spec: { priority: -2147483649 } }).spec.priority, 2147483647);
  assert.equal(convert('Pod', { spec: { priority: 9007199254740993n } }).spec.priority, 1);
  assert.equal(convert('ControllerRevision', { revision: 1e30 }, 'apps').revision, -(2n ** 63n));
  assert.equal(convert('Secret', { data: { x: [1, 2, 300] } }).data.x, 'AQIs');
});

test('what fits stays the same value', () => {
  const spec = { ports: [{ port: 80, targetPort: 'http', unknown: 1 }], selector: { a: null } };
  assert.equal(convert('Service', { spec }).spec, spec);
});
