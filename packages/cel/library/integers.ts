import { CelRuntimeError } from '../issue.ts';
import { CelUint } from '../values.ts';

const int64Max = 2n ** 63n - 1n;
const int64Min = -(2n ** 63n);
const uint64Max = 2n ** 64n - 1n;

/** An integer that fits. @throws CelRuntimeError */
export function checkedInt(value: bigint): bigint {
  if (value > int64Max || value < int64Min) throw new CelRuntimeError('integer overflow');
  return value;
}

export function checkedUint(value: bigint): CelUint {
  if (value > uint64Max || value < 0n) throw new CelRuntimeError('unsigned integer overflow');
  return new CelUint(value);
}
