import assert from 'node:assert/strict';
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { describe, test } from 'node:test';
import { AesCbc } from './aes-cbc.ts';
import { AesGcm } from './aes-gcm.ts';
import { identity } from './identity.ts';
import { KeyedProvider } from './keyed-provider.ts';
import { dataKey } from './kms/data-key.ts';
import { decodeEncryptedObject, dekSourceTypes, encodeEncryptedObject } from './kms/encrypted-object.ts';
import { ProviderChain } from './provider-chain.ts';
import { openBox, Secretbox, sealBox } from './secretbox.ts';
import { TransformError, type ValueTransformer } from './transformer.ts';

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
const key32 = Buffer.alloc(32, 7);
const path = '/registry/secrets/default/a';
const value = Buffer.from('{"kind":"Secret"}');

const providers: readonly [string, ValueTransformer][] = [
  ['aesgcm of 128 bits', new AesGcm('k', key32.subarray(16))],
  ['aesgcm of 256 bits', new AesGcm('k', key32)],
  ['aescbc', new AesCbc('k', key32)],
  ['secretbox', new Secretbox('k', key32)],
];
const keyed = (...keys: readonly ValueTransformer[]): ValueTransformer =>
  new KeyedProvider('k8s:enc:aesgcm:v1:', keys, 'none of these');

describe('providers', () => {
  for (const [name, provider] of providers) {
    test(`${name} reads back what it wrote, each time another text`, async () => {
      assert.equal(provider.prefix, 'k:');
      const [one, two] = [await provider.encrypt(value, path), await provider.encrypt(value, path)];
      assert.notDeepEqual(one, two);
      assert.equal(Buffer.from(one).includes('Secret'), false);
      assert.deepEqual(Buffer.from(await provider.decrypt(one, path)), value);
    });

    test(`${name} refuses what was cut off`, () => {
      assert.throws(() => provider.decrypt(Buffer.alloc(3), path), TransformError);
    });
  }

  test('aesgcm is nonce, ciphertext and tag, bound to the key of the value', async () => {
    const sealed = Buffer.from(await new AesGcm('k', key32).encrypt(value, path));
    const decipher = createDecipheriv('aes-256-gcm', key32, sealed.subarray(0, 12));
    decipher.setAAD(Buffer.from(path));
    decipher.setAuthTag(sealed.subarray(-16));
    assert.deepEqual(Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]), value);
    assert.throws(
      () => new AesGcm('k', key32).decrypt(sealed, '/registry/secrets/default/b'),
      TransformError,
    );
  });

  // The vector of NaCl's own tests.
  test("sealBox() makes NaCl's box", () => {
    const key = bytes('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389');
    const nonce = bytes('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37');
    const message = bytes(
      'be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705',
    );
    const box = sealBox(key, nonce, message);
    assert.equal(
      box.toString('hex'),
      'f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5',
    );
    assert.deepEqual(Buffer.from(openBox(key, nonce, box)), message);
    box[20]! ^= 1;
    assert.throws(() => openBox(key, nonce, box), TransformError);
  });
});

describe('ProviderChain', () => {
  const [old, now] = [keyed(new AesGcm('old', key32)), keyed(new AesGcm('now', Buffer.alloc(32, 9)))];

  test('writes with the first and reads with all, telling what is stale', async () => {
    const [before, chain] = [new ProviderChain([old, identity]), new ProviderChain([now, old, identity])];
    const stored = await before.toStored(value, path);
    assert.deepEqual(Buffer.from(await chain.fromStored(stored, path)), value);
    assert.equal(await chain.isStale(stored, path), true);
    assert.equal(await chain.isStale(value, path), true);
    const anew = await chain.toStored(value, path);
    assert.equal(await chain.isStale(anew, path), false);
    assert.throws(() => before.fromStored(anew, path), /^TransformError: none of these$/);
  });

  test('knows two keys of one name apart', async () => {
    const [a, b] = [new AesGcm('k', key32), new AesGcm('k', Buffer.alloc(32, 8))];
    const stored = await new ProviderChain([keyed(a)]).toStored(value, path);
    for (const chain of [new ProviderChain([keyed(b), keyed(a)]), new ProviderChain([keyed(b, a)])]) {
      assert.deepEqual(Buffer.from(await chain.fromStored(stored, path)), value);
      assert.equal(await chain.isStale(stored, path), true);
    }
    assert.equal(await new ProviderChain([keyed(a, b)]).isStale(stored, path), false);
  });

  test('takes what is encrypted for stale once plain values are written', async () => {
    const stored = await new ProviderChain([old]).toStored(value, path);
    const chain = new ProviderChain([identity, old]);
    assert.equal(await chain.isStale(stored, path), true);
    assert.deepEqual(Buffer.from(await chain.fromStored(stored, path)), value);
    assert.equal(await chain.toStored(value, path), value);
  });
});

describe('EncryptedObject', () => {
  test('is the protobuf that upstream stores', () => {
    const object = {
      encryptedData: Buffer.alloc(200, 1),
      keyId: 'k',
      encryptedDekSource: Buffer.from('ab'),
      annotations: { 'b.x': Buffer.from('2'), 'a.x': Buffer.from('1') },
      dekSourceType: dekSourceTypes.seed,
    };
    const encoded = encodeEncryptedObject(object);
    assert.equal(
      encoded.toString('hex'),
      `0ac801${'01'.repeat(200)}12016b1a02616222080a03612e7812013122080a03622e781201322801`,
    );
    assert.deepEqual(decodeEncryptedObject(encoded), object);
    assert.throws(() => decodeEncryptedObject(encoded.subarray(0, 50)), TransformError);
    const refusals: readonly (readonly [over: object, told: string])[] = [
      [{ dekSourceType: 2 }, 'unknown encryptedDEKSourceType: 2'],
      [{ encryptedData: Buffer.alloc(0) }, 'encrypted data is empty'],
      [
        { encryptedDekSource: Buffer.alloc(1025) },
        'failed to validate encrypted DEK source: encrypted DEK source is 1025 bytes, which exceeds the max size of 1024',
      ],
      [{ keyId: '' }, 'failed to validate key id: keyID is empty'],
      [
        { annotations: { a: Buffer.from('1') } },
        'failed to validate annotations: annotations: Invalid value: "a": should be a domain with at least two segments separated by dots',
      ],
    ];
    for (const [over, message] of refusals) {
      assert.throws(() => decodeEncryptedObject(encodeEncryptedObject({ ...object, ...over })), { message });
    }
  });

  test('dataKey() of a seed derives a key for every value, with what it takes in front', () => {
    const key = dataKey(key32, dekSourceTypes.seed);
    const [one, two] = [key.seal(value, path), key.seal(value, path)];
    assert.notDeepEqual(one.subarray(0, 32), two.subarray(0, 32));
    assert.equal(one.length, 32 + 12 + value.length + 16);
    assert.deepEqual(key.open(one, path), value);
    assert.throws(() => key.open(one, `${path}b`), TransformError);
    assert.throws(() => dataKey(key32, 7), TransformError);
  });
});

test('aescbc tells bad padding as upstream does', () => {
  const key = new AesCbc('k', key32);
  const sealed = (plain: Buffer): Buffer => {
    const cipher = createCipheriv('aes-256-cbc', key32, Buffer.alloc(16)).setAutoPadding(false);
    return Buffer.concat([Buffer.alloc(16), cipher.update(plain), cipher.final()]);
  };
  const refusals: readonly (readonly [data: Buffer, message: string])[] = [
    [Buffer.alloc(3), 'the stored data was shorter than the required size'],
    [Buffer.alloc(20), 'the stored data is not a multiple of the block size'],
    [sealed(Buffer.alloc(16, 0)), 'invalid PKCS7 data (empty or not padded)'],
    [sealed(Buffer.alloc(16, 17)), 'invalid PKCS7 data (empty or not padded)'],
    [sealed(Buffer.from('abcdefghijklmn\u0001\u0002')), 'invalid padding on input'],
  ];
  for (const [data, message] of refusals) assert.throws(() => key.decrypt(data), { message });
});
