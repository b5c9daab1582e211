import { isWholeNumber } from './go-number.ts';
import type { Schema } from './schema.ts';

/** What is wrong with a number. */
export interface NumberFault {
  /** The value or the limit that is shown; absent where the fault is told of no field at all. */
  readonly value?: number;
  readonly text: string;
}

/**
 * What is wrong with a number beside its type, in upstream's order: that it, or a limit, does not fit into the type
 * of the schema, and which limits it breaks.
 * @param path name of the value in the texts
 */
export function numberFaults(value: number, schema: Schema, path: string): NumberFault[] {
  const { multipleOf, minimum, maximum, exclusiveMinimum = false, exclusiveMaximum = false } = schema;
  const faults: NumberFault[] = [];
  const fits = (number: number, what: string): boolean => {
    const text = rangeFault(number, schema);
    if (text === undefined) return true;
    faults.push({ text: `${what} value must be of type ${text} in ${path}` });
    return false;
  };
  /** Whole numbers meet limits that are whole, too: the rest of a limit is lost. */
  const limit = (number: number, what: string): number =>
    fits(number, what) && isWholeNumber(value) ? Math.trunc(number) : number;
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

/** The type that a number does not fit into. */
function rangeFault(value: number, { type, format }: Schema): string | undefined {
  if (type === 'integer') {
    const isInt32 = format === 'int32';
    const fits = isWholeNumber(value) && (!isInt32 || (value >= int32.least && value <= int32.most));
    if (fits) return undefined;
    return isInt32 || format === 'int64' ? `integer with format ${format}` : 'integer (default format)';
  }
  const isFloat32 = type === 'number' && format === 'float';
  return isFloat32 && !Number.isFinite(Math.fround(value)) ? 'number with format float' : undefined;
}

/** Whether one number divides another, but for what floating point loses. */
function isMultiple(value: number, factor: number): boolean {
  const times = factor < 1 ? (1 / factor) * value : value / factor;
  const nearest = Math.round(times);
  return times === nearest || Math.abs(times - nearest) / (Math.abs(times) + Math.abs(nearest)) < 1e-9;
}
