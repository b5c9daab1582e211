import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeProtobuf } from './envelope.ts';

/** A field with a length. */
const field = (number: number, content: readonly number[] | string): number[] => {
  const bytes = [...Buffer.from(content as string)];
  return [(number << 3) | 2, bytes.length, ...bytes];
};

const document = (kind: string, message: readonly number[]): Uint8Array =>
  Uint8Array.from([
    ...Buffer.from('k8s\0'),
    ...field(1, [...field(1, 'v1'), ...field(2, kind)]),
    ...field(2, message),
  ]);

const decode = (kind: string, message: readonly number[]): any => decodeProtobuf(document(kind, message));

const faults: readonly (readonly [what: string, message: readonly number[], text: string])[] = [
  ['a number as a message', [0x08, 1], 'proto: wrong wireType = 0 for field ObjectMeta'],
  ['a text as a number', field(1, [0x38 | 2, 0]), 'proto: wrong wireType = 2 for field Generation'],
  ['a wrong way for a map', [0x10, 1], 'proto: wrong wireType = 0 for field Data'],
  ['field 0', [0x02, 0], 'proto: ConfigMap: illegal tag 0 (wire type 2)'],
  [
    'a negative field number',
    [0x8a, 0x80, 0x80, 0x80, 0x40],
    'proto: ConfigMap: illegal tag -2147483647 (wire type 17179869194)',
  ],
  ['the end of no group', [0x0c], 'proto: ConfigMap: wiretype end group for non-group'],
  ['a group that does not end', [0x9b, 0x06, 0x08, 0x01], 'unexpected EOF'],
  ['the end of no group in an entry', field(2, [0x1c]), 'proto: unexpected end of group'],
  ['an unknown way of writing', [0x9e, 0x06], 'proto: illegal wireType 6'],
  ['a length beyond the end', [0x0a, 5, 0x0a], 'unexpected EOF'],
  [
    'a negative length',
    [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    'proto: negative length found during unmarshaling',
  ],
  ['a number of eleven bytes', [...Array<number>(10).fill(0x80), 1], 'proto: integer overflow'],
  ['a time that is none', field(1, field(8, [0x0a, 0])), 'proto: wrong wireType = 2 for field Seconds'],
];

for (const [what, message, text] of faults) {
  test(`decodeProtobuf() refuses ${what}`, () => {
    assert.throws(() => decode('ConfigMap', message), { name: 'ProtobufError', message: text });
  });
}

test('decodeProtobuf() tells what is wrong with an envelope', () => {
  const open = (...bytes: number[]): unknown =>
    decodeProtobuf(Uint8Array.from([0x6b, 0x38, 0x73, 0, ...bytes]));
  assert.throws(() => open(0x08, 1), { message: 'proto: wrong wireType = 0 for field TypeMeta' });
  assert.throws(() => open(...field(1, [0x08, 1])), {
    message: 'proto: wrong wireType = 0 for field APIVersion',
  });
  assert.throws(() => open(0x02, 0), { message: 'proto: Unknown: illegal tag 0 (wire type 2)' });
});

test('decodeProtobuf() passes over unknown fields, groups too', () => {
  const unknown = [0x9b, 0x06, 0x08, 0x05, 0x9b, 0x06, 0x9c, 0x06, 0x9c, 0x06];
  const { data } = decode('ConfigMap', [
    ...unknown,
    ...field(2, [...unknown, ...field(1, 'a'), ...field(2, 'b')]),
  ]);
  assert.deepEqual(data, { a: 'b' });
});

test('decodeProtobuf() reads a message that comes again on top of the earlier one', () => {
  const { metadata } = decode('ConfigMap', [...field(1, field(1, 'a')), ...field(1, field(3, 'n'))]);
  assert.deepEqual(metadata, { name: 'a', namespace: 'n' });
});

test('decodeProtobuf() gives each byte that is no UTF-8 a replacement character', () => {
  const { data } = decode('ConfigMap', field(2, [...field(1, 'a'), ...field(2, [0xe2, 0x80, 0x61, 0xff])]));
  assert.deepEqual(data, { a: '\ufffd\ufffda\ufffd' });
});

test('decodeProtobuf() reads the low half of a number that is too large for its type', () => {
  const replicas = [0x08, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40];
  assert.equal(decode('ReplicationController', field(2, replicas)).spec.replicas, 1);
});
