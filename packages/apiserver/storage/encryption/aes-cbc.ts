import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { TransformError, type ValueTransformer } from './transformer.ts';

const blockSize = 16;

/** Provider `aescbc`: a random vector, then the value in blocks, the last one padded (PKCS #7). */
export class AesCbc implements ValueTransformer {
  readonly prefix: string;
  readonly label: string;
  readonly #key: Uint8Array;

  constructor(name: string, key: Uint8Array) {
    this.prefix = `k8s:enc:aescbc:v1:${name}:`;
    this.label = this.prefix;
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
    if (data.length % blockSize !== 0) {
      throw new TransformError('the stored data is not a multiple of the block size');
    }
    const decipher = createDecipheriv(
      `aes-${this.#key.length * 8}-cbc`,
      this.#key,
      data.subarray(0, blockSize),
    );
    try {
      return Buffer.concat([decipher.update(data.subarray(blockSize)), decipher.final()]);
    } catch (cause) {
      throw new TransformError('invalid padding on input', { cause });
    }
  }

  labelOf(): string {
    return this.label;
  }
}
