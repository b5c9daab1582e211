import { type CipherGCMTypes, createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { TransformError, type ValueTransformer } from './transformer.ts';

const nonceSize = 12;
const tagSize = 16;
const unauthentic = 'cipher: message authentication failed';

/** Nonce, ciphertext and tag of AES in Galois counter mode with a random nonce. */
export function sealGcm(key: Uint8Array, value: Uint8Array, authenticated: string): Buffer {
  const nonce = randomBytes(nonceSize);
  const cipher = createCipheriv(gcmOf(key), key, nonce);
  cipher.setAAD(Buffer.from(authenticated));
  const body = cipher.update(value);
  return Buffer.concat([nonce, body, cipher.final(), cipher.getAuthTag()]);
}

/** What `sealGcm` sealed. @throws TransformError */
export function openGcm(key: Uint8Array, data: Uint8Array, authenticated: string): Buffer {
  if (data.length < nonceSize) {
    throw new TransformError('the stored data was shorter than the required size');
  }
  if (data.length < nonceSize + tagSize) throw new TransformError(unauthentic);
  const decipher = createDecipheriv(gcmOf(key), key, data.subarray(0, nonceSize));
  decipher.setAAD(Buffer.from(authenticated));
  decipher.setAuthTag(data.subarray(data.length - tagSize));
  try {
    return Buffer.concat([
      decipher.update(data.subarray(nonceSize, data.length - tagSize)),
      decipher.final(),
    ]);
  } catch (cause) {
    throw new TransformError(unauthentic, { cause });
  }
}

function gcmOf(key: Uint8Array): CipherGCMTypes {
  return `aes-${(key.length * 8) as 128 | 192 | 256}-gcm`;
}

/** A key of provider `aesgcm`: values are bound to their keys. */
export class AesGcm implements ValueTransformer {
  readonly prefix: string;
  readonly #key: Uint8Array;

  constructor(name: string, key: Uint8Array) {
    this.prefix = `${name}:`;
    this.#key = key;
  }

  encrypt(value: Uint8Array, authenticated: string): Uint8Array {
    return sealGcm(this.#key, value, authenticated);
  }

  decrypt(data: Uint8Array, authenticated: string): Uint8Array {
    return openGcm(this.#key, data, authenticated);
  }
}
