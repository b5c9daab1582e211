import { TransformError, type ValueTransformer } from './transformer.ts';

/** What every encrypted value begins with. */
export const encryptedMark = 'k8s:enc:';

/** Provider `identity`: values as they are. */
export const identity: ValueTransformer = {
  prefix: '',
  encrypt: (value) => value,
  decrypt: (data) => {
    if (startsWith(data, encryptedMark)) {
      throw new TransformError('identity transformer tried to read encrypted data');
    }
    return data;
  },
};

/** Whether bytes begin with some ASCII text. */
export function startsWith(data: Uint8Array, text: string): boolean {
  if (data.length < text.length) return false;
  for (let i = 0; i < text.length; i++) if (data[i] !== text.charCodeAt(i)) return false;
  return true;
}
