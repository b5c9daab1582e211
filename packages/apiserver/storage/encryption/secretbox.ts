import { randomBytes, timingSafeEqual } from 'node:crypto';
import { poly1305 } from './poly1305.ts';
import { xsalsa20Stream } from './salsa20.ts';
import { TransformError, type ValueTransformer } from './transformer.ts';

const nonceSize = 24;
const tagSize = 16;
/** The first bytes of the key stream are the authenticator's key. */
const macKeySize = 32;

/** NaCl's secretbox: tag and ciphertext of XSalsa20 and Poly1305. */
export function sealBox(key: Uint8Array, nonce: Uint8Array, value: Uint8Array): Buffer {
  const stream = xsalsa20Stream(key, nonce, macKeySize + value.length);
  const body = mixed(value, stream);
  return Buffer.concat([poly1305(stream.subarray(0, macKeySize), body), body]);
}

/** What `sealBox` sealed. @throws TransformError in upstream's words, which tell of something else */
export function openBox(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Uint8Array {
  const body = box.subarray(tagSize);
  const stream = xsalsa20Stream(key, nonce, macKeySize + body.length);
  if (!timingSafeEqual(poly1305(stream.subarray(0, macKeySize), body), box.subarray(0, tagSize))) {
    throw new TransformError('output array was not large enough for encryption');
  }
  return mixed(body, stream);
}

function mixed(bytes: Uint8Array, stream: Uint8Array): Uint8Array {
  return bytes.map((byte, i) => byte ^ (stream[macKeySize + i] as number));
}

/** A key of provider `secretbox`. */
export class Secretbox implements ValueTransformer {
  readonly prefix: string;
  readonly #key: Uint8Array;

  constructor(name: string, key: Uint8Array) {
    this.prefix = `${name}:`;
    this.#key = key;
  }

  encrypt(value: Uint8Array): Uint8Array {
    const nonce = randomBytes(nonceSize);
    return Buffer.concat([nonce, sealBox(this.#key, nonce, value)]);
  }

  decrypt(data: Uint8Array): Uint8Array {
    if (data.length < nonceSize + tagSize) {
      throw new TransformError('the stored data was shorter than the required size');
    }
    return openBox(this.#key, data.subarray(0, nonceSize), data.subarray(nonceSize));
  }
}
