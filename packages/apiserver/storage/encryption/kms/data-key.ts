import { createHmac, randomBytes } from 'node:crypto';
import { openGcm, sealGcm } from '../aes-gcm.ts';
import { TransformError } from '../transformer.ts';
import { dekSourceTypes } from './encrypted-object.ts';

const infoSize = 32;
/** Bytes of a seed. */
export const seedSize = 32;

/** What encrypts values by a secret that a KMS keeps. */
export interface DataKey {
  seal(value: Uint8Array, authenticated: string): Buffer;
  /** @throws TransformError */
  open(data: Uint8Array, authenticated: string): Buffer;
}

/** The key of a decrypted secret, by what the secret is for. @throws TransformError */
export function dataKey(secret: Uint8Array, dekSourceType: number): DataKey {
  if (dekSourceType === dekSourceTypes.seed) return seededKey(secret);
  if (dekSourceType !== dekSourceTypes.aesGcmKey) {
    throw new TransformError(`unknown encryptedDEKSourceType: ${dekSourceType}`);
  }
  return {
    seal: (value, authenticated) => sealGcm(secret, value, authenticated),
    open: (data, authenticated) => openGcm(secret, data, authenticated),
  };
}

/** A key of its own for every value, derived from the seed and random bytes that stand before the value. */
function seededKey(seed: Uint8Array): DataKey {
  if (seed.length < seedSize) {
    throw new TransformError(`invalid seed length ${seed.length} used for key generation`);
  }
  return {
    seal: (value, authenticated) => {
      const info = randomBytes(infoSize);
      return Buffer.concat([info, sealGcm(expand(seed, info), value, authenticated)]);
    },
    open: (data, authenticated) => {
      if (data.length < infoSize) {
        throw new TransformError('the stored data was shorter than the required size');
      }
      return openGcm(expand(seed, data.subarray(0, infoSize)), data.subarray(infoSize), authenticated);
    },
  };
}

/** HKDF-Expand (RFC 5869, section 2.3) with SHA-256 to one block, which is a key of AES-256. */
function expand(seed: Uint8Array, info: Uint8Array): Buffer {
  return createHmac('sha256', seed)
    .update(info)
    .update(Buffer.from([1]))
    .digest();
}
