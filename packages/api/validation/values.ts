import { type FieldError, FieldPath, invalid, notSupported, required } from '@coxswain/machinery';

/** Any JSON object whose shape the facts or the caller vouch for. */
export type Json = Record<string, any>;

/** Where validators put what they find, in upstream's order. */
export type Errors = FieldError[];

export const metadataPath = FieldPath.root('metadata');
export const specPath = FieldPath.root('spec');
export const statusPath = FieldPath.root('status');
/** The object as a whole: how upstream prints a path whose only element has no name. */
export const namelessPath = FieldPath.root('[]');

/** The keys of a map in Go's printing order (sorted); nothing for an absent map. */
export function keysOf(map: Json | undefined): string[] {
  if (map == null) return [];
  const keys = Object.keys(map);
  return keys.length > 1 ? keys.sort() : keys;
}

/** How many entries a list or a map holds; 0 for an absent one. */
export function sizeOf(value: unknown[] | Json | undefined): number {
  if (value == null) return 0;
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

/** Whether a string field is absent or empty: Go does not tell these apart. */
export function blank(value: string | undefined): boolean {
  return value == null || value === '';
}

/** The map with its keys sorted, as Go prints maps in error texts; absent stays absent. */
export function sortedMap(map: Json | undefined): Json | undefined {
  if (map == null) return undefined;
  const out: Json = {};
  for (const key of keysOf(map)) out[key] = map[key];
  return out;
}

const encoder = new TextEncoder();

/** Go's len() of a string: bytes of UTF-8. */
export function byteLength(text: string): number {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return encoder.encode(text).length;
  }
  return text.length;
}

/** The length of what a base64 text stands for, in bytes. */
export function decodedLength(base64: string): number {
  const pad = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return Math.floor((base64.length * 3) / 4) - pad;
}

/** Adds one error for each message of a value validator. */
export function addInvalid(errs: Errors, path: FieldPath, value: unknown, messages: readonly string[]): void {
  for (const message of messages) errs.push(invalid(path, value, message));
}

/** Requires a string to be there. */
export function requireText(errs: Errors, path: FieldPath, value: string | undefined, detail = ''): boolean {
  if (!blank(value)) return true;
  errs.push(required(path, detail));
  return false;
}

/** Requires a number not to be negative; absent counts as 0. */
export function nonNegative(errs: Errors, path: FieldPath, value: number | undefined): void {
  if (value != null && value < 0) errs.push(invalid(path, value, isNegativeMessage));
}

/** Requires a value out of a set; the set is printed in the order given. */
export function oneOf(errs: Errors, path: FieldPath, value: unknown, allowed: readonly string[]): boolean {
  if (allowed.includes(value as string)) return true;
  errs.push(notSupported(path, value, allowed));
  return false;
}

/** As `oneOf`, but an absent or empty value is missing rather than unsupported. */
export function requiredOneOf(
  errs: Errors,
  path: FieldPath,
  value: string | undefined,
  allowed: readonly string[],
): void {
  if (requireText(errs, path, value)) oneOf(errs, path, value, allowed);
}

/** An error with a detail that its constructor does not take. */
export function withDetail(error: FieldError, detail: string): FieldError {
  return { ...error, message: `${error.message}: ${detail}` };
}

export const isNegativeMessage = 'must be greater than or equal to 0';
export const notPositiveMessage = 'must be greater than zero';
export const immutableMessage = 'field is immutable';
const fileModeMessage = 'must be a number between 0 and 0777 (octal), both inclusive';
export const maxInt32 = 2147483647;

/** validation.InclusiveRangeError. */
export function rangeMessage(low: number, high: number): string {
  return `must be between ${low} and ${high}, inclusive`;
}

/** Requires a file mode to fit nine bits; absent is fine. */
export function fileMode(errs: Errors, path: FieldPath, mode: number | undefined): void {
  if (mode != null && (mode > 0o777 || mode < 0)) errs.push(invalid(path, mode, fileModeMessage));
}

/** validation.IsValidUserID and IsValidGroupID. */
export function posixId(errs: Errors, path: FieldPath, id: number | undefined): void {
  if (id != null && (id < 0 || id > maxInt32)) errs.push(invalid(path, id, rangeMessage(0, maxInt32)));
}

/** An invalid value that is not shown (field.OmitValueType). */
export function invalidUnshown(path: FieldPath, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field: path.toString(), message: `Invalid value: ${detail}` };
}

/** The object at a member, put there empty when it is absent. */
export function ensure(holder: Json, member: string): Json {
  holder[member] ??= {};
  return holder[member];
}
