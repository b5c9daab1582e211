import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TypeFact } from '@coxswain/machinery';
import protobuf from 'protobufjs';
import { decodeJson } from '../decode/decode-json.ts';
import { typeOfKind } from '../facts.ts';
import {
  decodeProtobuf,
  encodeProtobuf,
  encodeProtobufMessage,
  encodeProtobufWatchEvent,
  isProtobuf,
  protobufListEnvelope,
} from './envelope.ts';

const typeOf = (kind: string, group = '', version = 'v1'): TypeFact => {
  const type = typeOfKind({ group, version, kind });
  assert.ok(type, kind);
  return type;
};

const pod = {
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name: 'p', creationTimestamp: '2024-01-01T00:00:00Z', labels: { b: '2', a: 'ä' } },
  spec: {
    volumes: [
      { name: 'v', emptyDir: { sizeLimit: '1Gi' } },
      { name: 'w', secret: { secretName: 's' } },
    ],
    containers: [
      {
        name: 'c',
        image: 'x'.repeat(300),
        resources: { limits: { cpu: '1500m' } },
        livenessProbe: { httpGet: { path: '/', port: 'http', scheme: 'HTTP' }, failureThreshold: 3 },
        lifecycle: { preStop: { tcpSocket: { port: 80 } } },
        securityContext: { runAsUser: -1, privileged: false },
      },
    ],
    terminationGracePeriodSeconds: 0,
    priority: -2147483648,
    activeDeadlineSeconds: 9007199254740991,
  },
  status: {},
};
const crd = {
  kind: 'CustomResourceDefinition',
  apiVersion: 'apiextensions.k8s.io/v1',
  metadata: { name: 'a.b' },
  spec: {
    group: 'b',
    names: { plural: 'a', kind: 'A' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            default: { x: [1, 'a', null] },
            enum: [1.5, 'b'],
            maximum: 1.25,
            additionalProperties: false,
            properties: {
              a: { items: { type: 'string' }, additionalProperties: { type: 'object' } },
            },
          },
        },
      },
    ],
  },
};
const review = {
  kind: 'SubjectAccessReview',
  apiVersion: 'authorization.k8s.io/v1',
  metadata: {},
  spec: { user: 'u', extra: { scopes: ['a', 'b'] } },
};
const lease = {
  kind: 'Lease',
  apiVersion: 'coordination.k8s.io/v1',
  metadata: { name: 'l' },
  spec: { renewTime: '2024-01-01T00:00:00.123456Z', leaseDurationSeconds: 15 },
};
const objects = [
  [pod, typeOf('Pod')],
  [crd, typeOf('CustomResourceDefinition', 'apiextensions.k8s.io')],
  [review, typeOf('SubjectAccessReview', 'authorization.k8s.io')],
  [lease, typeOf('Lease', 'coordination.k8s.io')],
] as const;

test('encodeProtobuf() writes the bytes that upstream writes', () => {
  const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'x' }, data: { a: 'b' } };
  assert.equal(
    encodeProtobuf(object, typeOf('ConfigMap')).toString('hex'),
    '6b3873000a0f0a0276311209436f6e6669674d6170121b0a110a017812001a0022002a0032003800420012060a01611201621a002200',
  );
});

test('decodeProtobuf() gives back what encodeProtobuf() took', () => {
  for (const [object, type] of objects) {
    const { object: normal } = decodeJson(JSON.stringify(object), type, { strict: true });
    assert.deepEqual(decodeProtobuf(encodeProtobuf(normal, type)), normal);
  }
});

const descriptors = join(
  import.meta.dirname,
  '../../../../shared/kubernetes-1.36/protobuf/kubernetes-api.json',
);
const skip = existsSync(descriptors) ? false : 'the descriptors are not here';

test('encodeProtobufMessage() agrees with protobufjs on every byte', { skip }, () => {
  const root = protobuf.Root.fromJSON(JSON.parse(readFileSync(descriptors, 'utf8')));
  for (const [object, type] of objects) {
    const { object: normal } = decodeJson(JSON.stringify(object), type, { strict: true });
    const bytes = encodeProtobufMessage(normal, type);
    const oracle = root.lookupType(type.message);
    const again = Buffer.from(oracle.encode(oracle.decode(bytes)).finish());
    assert.equal(again.toString('hex'), bytes.toString('hex'), type.name);
  }
});

test('decodeProtobuf() refuses bytes without the prefix and messages that end early', () => {
  assert.throws(() => decodeProtobuf(Buffer.from('{}')), /expected prefix \[107 56 115 0\]/);
  const bytes = encodeProtobuf(pod, typeOf('Pod'));
  assert.throws(() => decodeProtobuf(bytes.subarray(0, bytes.length - 10)), /unexpected EOF/);
});

test('encodeProtobufWatchEvent() wraps an encoded object as a raw extension', () => {
  const inner = encodeProtobuf(lease, typeOf('Lease', 'coordination.k8s.io'));
  const event = encodeProtobufWatchEvent('ADDED', inner);
  assert.equal(event.subarray(0, 7).toString('latin1'), '\n\x05ADDED');
  assert.ok(event.subarray(event.length - inner.length).equals(inner));
  assert.ok(isProtobuf(inner));
});

test('protobufListEnvelope() and items make the same bytes as encodeProtobuf() of the whole list', () => {
  const type = typeOf('PodList');
  const list = { kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '7' } };
  const item = encodeProtobufMessage(pod, typeOf('Pod'));
  const tag = Buffer.from([0x12, (item.length & 0x7f) | 0x80, item.length >> 7]);
  const { head, tail } = protobufListEnvelope(list, type, 2 * (tag.length + item.length));
  assert.deepEqual(
    Buffer.concat([head, tag, item, tag, item, tail]),
    encodeProtobuf({ ...list, items: [pod, pod] }, type),
  );
});

test('a time that has no text is refused, and the zero time is none', () => {
  const envelopeOf = (seconds: bigint): Uint8Array => {
    const varint: number[] = [];
    for (let rest = BigInt.asUintN(64, seconds); ; rest >>= 7n) {
      varint.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
      if (rest <= 0x7fn) break;
    }
    const field = (number: number, bytes: readonly number[]): number[] => [
      (number << 3) | 2,
      bytes.length,
      ...bytes,
    ];
    const text = (value: string): number[] => [...Buffer.from(value)];
    // metadata.creationTimestamp.seconds
    const object = field(1, field(8, [0x08, ...varint]));
    const type = [...field(1, text('v1')), ...field(2, text('Pod'))];
    return Uint8Array.from([...text('k8s\0'), ...field(1, type), ...field(2, object)]);
  };
  const time = (seconds: bigint): unknown =>
    (decodeProtobuf(envelopeOf(seconds), typeOf('Pod')) as any).metadata.creationTimestamp;
  assert.equal(time(0n), '1970-01-01T00:00:00Z');
  assert.equal(time(-62_135_596_800n), undefined);
  assert.equal(time(253_402_300_799n), '9999-12-31T23:59:59Z');
  assert.throws(() => time(253_402_300_800n), /year outside of range/);
  assert.throws(() => time(-(2n ** 62n)), /year outside of range/);
});
