import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { TransformError, type ValueTransformer } from './transformer.ts';

const blockSize = 16;
const noPadding = 'invalid PKCS7 data (empty or not padded)';

/** A key of provider `aescbc`: a random vector, then the value in blocks, the last one padded (PKCS #7). */
export class AesCbc implements ValueTransformer {
  readonly prefix: string;
  readonly #key: Uint8Array;

  constructor(name: string, key: Uint8Array) {
    this.prefix = `${name}:`;
    this.#key = key;
  }

  encrypt(value: Uint8Array): Uint8Array {
    const vector = randomBytes(blockSize);
    const cipher = createCipheriv(`aes-${this.#key.length * 8}-cbc`, this.#key, vector);
    return Buffer.concat([vector, cipher.update(value), cipher.final()]);
  }

  decrypt(data: Uint8Array): Uint8Array {
    if (data.length < blockSize) {
      throw new TransformError('the stored data was shorter than the required size');
    }
    if (data.length === blockSize) throw new TransformError(noPadding);
    if (data.length % blockSize !== 0) {
      throw new TransformError('the stored data is not a multiple of the block size');
    }
    const decipher = createDecipheriv(
      `aes-${this.#key.length * 8}-cbc`,
      this.#key,
      data.subarray(0, blockSize),
    );
    decipher.setAutoPadding(false);
    return withoutPadding(Buffer.concat([decipher.update(data.subarray(blockSize)), decipher.final()]));
  }
}

/** As upstream reads it: what stands for the padding may be longer than a block. */
function withoutPadding(value: Buffer): Buffer {
  const last = value[value.length - 1] as number;
  if (last === 0 || last > value.length) throw new TransformError(noPadding);
  const size = value.length - last;
  if (value.subarray(size).some((byte) => byte !== last)) {
    throw new TransformError('invalid padding on input');
  }
  return value.subarray(0, size);
}
