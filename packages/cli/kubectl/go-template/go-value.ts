import { goFloat, goQuote, isInt64 } from '@coxswain/machinery';

/**
 * A value of a template: JSON's, where whole numbers are bigints (Go's int64) and others numbers (float64).
 * Undefined: nothing was found.
 */
export type GoValue =
  | undefined
  | null
  | boolean
  | string
  | number
  | bigint
  | readonly unknown[]
  | { readonly [key: string]: unknown };

/** A value of an object, as a template sees it. */
export function goValue(value: unknown): GoValue {
  return isInt64(value) ? BigInt(value) : (value as GoValue);
}

export function isMap(value: GoValue): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Keys of a map in the order that Go prints and ranges in. */
export function sortedKeys(map: object): string[] {
  return Object.keys(map).sort((a, b) => (a < b ? -1 : 1));
}

/** Whether `if` takes the value for true. */
export function isTrue(value: GoValue): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isMap(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** The value as `%v` prints it. */
export function formatValue(value: GoValue): string {
  if (value === undefined || value === null) return '<nil>';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return goFloat(value);
  if (Array.isArray(value)) return `[${value.map((item) => formatValue(goValue(item))).join(' ')}]`;
  if (!isMap(value)) return String(value);
  return `map[${sortedKeys(value)
    .map((key) => `${key}:${formatValue(goValue(value[key]))}`)
    .join(' ')}]`;
}

/** The value as `%#v` prints it. */
export function formatSyntax(value: GoValue): string {
  if (value === undefined || value === null) return 'interface {}(nil)';
  if (typeof value === 'string') return goQuote(value);
  if (typeof value !== 'object') return formatValue(value);
  const members = isMap(value)
    ? sortedKeys(value).map((key) => `${goQuote(key)}:${formatSyntax(goValue(value[key]))}`)
    : value.map((item) => formatSyntax(goValue(item)));
  return `${typeName(value)}{${members.join(', ')}}`;
}

/** The name of the value's Go type. */
export function typeName(value: GoValue): string {
  if (value === undefined || value === null) return '<nil>';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'bigint') return 'int64';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}
