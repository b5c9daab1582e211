import { type Int64, isInt64, setMember, type TypeFact } from '@coxswain/machinery';
import { DecodeError } from './decode-error.ts';
import { planOf, type StructPlan, type ValuePlan } from './decode-plan.ts';
import { normalizeBase64 } from './go-base64.ts';
import { normalizeMicroTime, normalizeTime } from './go-time.ts';
import { duration, goTime, intOrString, quantity } from './unmarshalers.ts';

type Members = Record<string, unknown>;

/**
 * What Go's converter of unstructured objects makes of a JSON value for a type; strategic and applied patches are read
 * so, and not as JSON. It takes names to the letter, and cuts numbers that are too large for their field.
 *
 * @returns the value with the numbers and bytes that Go would have; the rest as it was
 * @throws DecodeError in Go's words for the first part, in the order of the types, that does not fit
 */
export function fromUnstructured(value: unknown, type: TypeFact): unknown {
  return convertStruct(planOf(type), value);
}

function convertStruct(plan: StructPlan, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (!isMembers(value)) throw new DecodeError(`cannot restore struct from: ${reflectKind(value)}`);
  let changed: Members | undefined;
  for (const field of plan.fields) {
    const before = value[field.name];
    if (before === undefined || !Object.hasOwn(value, field.name)) continue;
    const after = convertValue(field.value, before);
    if (after !== before) {
      changed ??= { ...value };
      changed[field.name] = after;
    }
  }
  return changed ?? value;
}

function convertValue(plan: ValuePlan, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  switch (plan.kind) {
    case 'string':
      if (typeof value === 'string') return value;
      // Go would make a character of an integer: that it refuses by name.
      if (isInt64(value)) throw new DecodeError(`cannot convert int64 to ${plan.goType}`);
      throw unrecognized('string');
    case 'bool':
      if (typeof value === 'boolean') return value;
      throw unrecognized('bool');
    case 'int32':
      return convertInteger(plan.goType, value, 32);
    case 'int64':
      return convertInteger(plan.goType, value, 64);
    case 'float64':
      if (typeof value === 'number') return value;
      if (typeof value === 'bigint') return Number(value);
      throw unrecognized('float64');
    case 'bytes':
      return convertBytes(value);
    case 'object':
      return convertStruct((plan.struct as () => StructPlan)(), value);
    case 'array':
      return convertArray(plan.items as ValuePlan, value);
    case 'map':
      return convertMap(plan.items as ValuePlan, value);
    default:
      checkUnmarshaler(plan.kind, value);
      return value;
  }
}

/** Types that read JSON themselves; their errors are the same as there. */
function checkUnmarshaler(kind: ValuePlan['kind'], value: unknown): void {
  if (kind === 'time') goTime(value, normalizeTime);
  else if (kind === 'microtime') goTime(value, normalizeMicroTime);
  else if (kind === 'duration') duration(value);
  else if (kind === 'quantity') quantity(value);
  else if (kind === 'intOrString') intOrString(value);
}

function convertInteger(goType: string, value: unknown, bits: 32 | 64): Int64 {
  if (typeof value !== 'number' && typeof value !== 'bigint') throw unrecognized(goType);
  if (typeof value === 'number' && !Number.isInteger(value))
    throw new DecodeError(`cannot convert float64 to ${goType}`);
  if (bits === 64) return isInt64(value) ? value : -(2n ** 63n);
  if (value >= -(2 ** 31) && value < 2 ** 31) return value;
  // What no 64 bits hold becomes the least of them first.
  return isInt64(value) ? Number(BigInt.asIntN(32, BigInt(value))) : 0;
}

function convertBytes(value: unknown): string {
  if (typeof value === 'string') {
    const text = normalizeBase64(value);
    if (typeof text === 'string') return text;
    throw new DecodeError(`error decoding from json: illegal base64 data at input byte ${text.badOffset}`);
  }
  if (!Array.isArray(value)) throw new DecodeError(`cannot restore slice from ${reflectKind(value)}`);
  const bytes = value.map((item) => convertInteger('uint8', item ?? 0, 32));
  return Buffer.from(bytes.map((byte) => Number(byte) & 0xff)).toString('base64');
}

function convertArray(items: ValuePlan, value: unknown): unknown {
  if (!Array.isArray(value)) throw new DecodeError(`cannot restore slice from ${reflectKind(value)}`);
  let changed: unknown[] | undefined;
  for (let i = 0; i < value.length; i++) {
    const after = convertValue(items, value[i]);
    if (after === value[i]) continue;
    changed ??= [...value];
    changed[i] = after;
  }
  return changed ?? value;
}

function convertMap(values: ValuePlan, value: unknown): unknown {
  if (!isMembers(value)) throw new DecodeError(`cannot restore map from ${reflectKind(value)}`);
  let changed: Members | undefined;
  for (const name of Object.keys(value)) {
    const after = convertValue(values, value[name]);
    if (after === value[name]) continue;
    changed ??= { ...value };
    setMember(changed, name, after);
  }
  return changed ?? value;
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unrecognized(kind: string): DecodeError {
  return new DecodeError(`unrecognized type: ${kind}`);
}

/** Go's `reflect.Kind` of a decoded JSON value. */
function reflectKind(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'object') return 'map';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return isInt64(value) ? 'int64' : 'float64';
}
