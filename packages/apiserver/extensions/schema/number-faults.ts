import { type Int64, isInt64 } from '@coxswain/machinery';
import type { Schema } from './schema.ts';

/** What is wrong with a number. */
export interface NumberFault {
  /** The value or the limit that is shown; absent where the fault is told of no field at all. */
  readonly value?: Int64;
  readonly text: string;
}

/**
 * What is wrong with a number beside its type, in upstream's order: that it, or a limit, does not fit into the type
 * of the schema, and which limits it breaks.
 * @param path name of the value in the texts
 */
export function numberFaults(value: Int64, schema: Schema, path: string): NumberFault[] {
  const { multipleOf, minimum, maximum, exclusiveMinimum = false, exclusiveMaximum = false } = schema;
  const faults: NumberFault[] = [];
  const fits = (number: Int64, what: string): boolean => {
    const text = rangeFault(number, schema);
    if (text === undefined) return true;
    faults.push({ text: `${what} value must be of type ${text} in ${path}` });
    return false;
  };
  /** Whole numbers meet limits that are whole, too: the rest of a limit is lost. */
  const limit = (number: number, what: string): number =>
    fits(number, what) && isInt64(value) ? Math.trunc(number) : number;
  const inBody = (text: string): void => {
    faults.push({ value, text: `${path} in body ${text}` });
  };
  fits(value, 'Checked');
  if (multipleOf !== undefined) {
    const factor = limit(multipleOf, 'MultipleOf');
    if (factor <= 0) {
      const text = `factor MultipleOf declared for ${path} must be positive: ${factor}`;
      faults.push({ value: factor, text });
    } else if (!isMultiple(value, factor)) inBody(`should be a multiple of ${factor}`);
  }
  if (minimum !== undefined) {
    const least = limit(minimum, 'Minimum boundary');
    if (exclusiveMinimum ? value <= least : value < least) {
      inBody(`should be ${exclusiveMinimum ? 'greater than' : 'greater than or equal to'} ${least}`);
    }
  }
  if (maximum !== undefined) {
    const most = limit(maximum, 'Maximum boundary');
    if (exclusiveMaximum ? value >= most : value > most) {
      inBody(`should be ${exclusiveMaximum ? 'less than' : 'less than or equal to'} ${most}`);
    }
  }
  return faults;
}

const int32 = { least: -(2 ** 31), most: 2 ** 31 - 1 };

/** The type that a number does not fit into; formats that are not known are dropped from schemas. */
function rangeFault(value: Int64, { type, format }: Schema): string | undefined {
  if (type === 'integer') {
    const isInt32 = format === 'int32';
    const fits = isInt64(value) && (!isInt32 || (value >= int32.least && value <= int32.most));
    if (fits) return undefined;
    return isInt32 || format === 'int64' ? `integer with format ${format}` : 'integer (default format)';
  }
  const isFloat32 = type === 'number' && format === 'float';
  return isFloat32 && !Number.isFinite(Math.fround(Number(value))) ? 'number with format float' : undefined;
}

/** Whether one number divides another, but for what floating point loses. */
function isMultiple(value: Int64, factor: number): boolean {
  if (typeof value === 'bigint' && Number.isInteger(factor)) return value % BigInt(factor) === 0n;
  const double = Number(value);
  const times = factor < 1 ? (1 / factor) * double : double / factor;
  const nearest = Math.round(times);
  return times === nearest || Math.abs(times - nearest) / (Math.abs(times) + Math.abs(nearest)) < 1e-9;
}
