import { goQuote, newInternalError } from '@coxswain/machinery';
import { encryptedMark } from './encryption/identity.ts';

/** What the cache keeps in place of a value that cannot be read begins with it; no JSON does. */
const mark = 'k8s:unreadable:';

/** Stands for the value of a key that cannot be read, so that others are not kept from theirs. */
export function unreadableValue(key: string, error: Error): Buffer {
  return Buffer.from(`${mark}unable to transform key ${goQuote(key)}: ${error.message}`);
}

/** The error of whoever wants a value that cannot be read; any other `fault` is given back. */
export function faultOfValue(key: string, value: Buffer, fault: unknown): unknown {
  const text = value.toString('latin1', 0, mark.length);
  if (text === mark) return newInternalError(value.toString('utf8', mark.length));
  if (!text.startsWith(encryptedMark)) return fault;
  const reason = 'identity transformer tried to read encrypted data';
  return newInternalError(`unable to transform key ${goQuote(key)}: ${reason}`);
}
