import { type FieldPath, invalid, isValidPercent } from '@coxswain/machinery';
import { addInvalid, type Errors, type Json, nonNegative } from '../values.ts';

/** How a rolling update of a Deployment or a DaemonSet prints: the internal struct holds no pointers. */
export function printedRollingUpdate(rolling: Json | undefined): Json | null {
  if (rolling == null) return null;
  return { MaxUnavailable: rolling['maxUnavailable'] ?? 0, MaxSurge: rolling['maxSurge'] ?? 0 };
}

/** ValidatePositiveIntOrPercent: a number that is not negative, or a percentage. */
export function validateIntOrPercent(
  errs: Errors,
  value: number | string | undefined,
  path: FieldPath,
): void {
  if (typeof value === 'string') addInvalid(errs, path, value, isValidPercent(value));
  else nonNegative(errs, path, value ?? 0);
}

/** IsNotMoreThan100Percent: absolute numbers pass. */
export function notMoreThan100Percent(
  errs: Errors,
  value: number | string | undefined,
  path: FieldPath,
): void {
  if (typeof value !== 'string') return;
  const percent = percentOf(value);
  if (percent !== undefined && percent > 100)
    errs.push(invalid(path, value, 'must not be greater than 100%'));
}

/** The number of a percentage, or of a plain number, also of one in a text; absent and malformed count as 0. */
export function intOrPercentValue(value: number | string | undefined): number {
  if (typeof value === 'string') return percentOf(value) ?? (/^[+-]?[0-9]+$/.test(value) ? Number(value) : 0);
  return value ?? 0;
}

function percentOf(value: string): number | undefined {
  return /^[0-9]+%$/.test(value) ? Number(value.slice(0, -1)) : undefined;
}
