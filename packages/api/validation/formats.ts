import {
  domainPrefixedPathFaults,
  type FieldPath,
  invalid,
  isDNS1123Label,
  isDNS1123Subdomain,
  isQualifiedName,
  isValidCIDR,
  isValidIP,
  isValidPortName,
  isValidPortNum,
  parseCIDR,
  parseIPNumber,
} from '@coxswain/machinery';
import { addInvalid, type Errors } from './values.ts';

export function validateDNS1123Label(errs: Errors, value: string | undefined, path: FieldPath): void {
  addInvalid(errs, path, value ?? '', isDNS1123Label(value ?? ''));
}

export function validateDNS1123Subdomain(errs: Errors, value: string | undefined, path: FieldPath): void {
  addInvalid(errs, path, value ?? '', isDNS1123Subdomain(value ?? ''));
}

/** IsDomainPrefixedPath: errors show the part that is wrong. */
export function validateDomainPrefixedPath(errs: Errors, value: string, path: FieldPath): void {
  for (const { part, text } of domainPrefixedPathFaults(value)) addInvalid(errs, path, part, [text]);
}

export function validateQualifiedName(errs: Errors, value: string | undefined, path: FieldPath): void {
  addInvalid(errs, path, value ?? '', isQualifiedName(value ?? ''));
}

/**
 * IsValidIPForLegacyField: tells whether the address passed.
 *
 * @param before what stood there before the update: older rules let it in, and it may stay
 */
export function validateIP(
  errs: Errors,
  value: string | undefined,
  path: FieldPath,
  before?: readonly string[],
): boolean {
  if (before?.includes(value ?? '')) return true;
  const messages = isValidIP(value ?? '');
  addInvalid(errs, path, value ?? '', messages);
  return messages.length === 0;
}

/** IsValidCIDRForLegacyField; `before` is as in `validateIP`. */
export function validateCIDR(
  errs: Errors,
  value: string | undefined,
  path: FieldPath,
  before?: readonly string[],
): void {
  if (before?.includes(value ?? '')) return;
  addInvalid(errs, path, value ?? '', isValidCIDR(value ?? ''));
}

export function validatePortNumber(errs: Errors, value: number | undefined, path: FieldPath): void {
  addInvalid(errs, path, value ?? 0, isValidPortNum(value ?? 0));
}

/** ValidatePortNumOrName: an IntOrString; absent counts as 0. */
export function validatePortNumOrName(
  errs: Errors,
  value: number | string | undefined,
  path: FieldPath,
): void {
  if (typeof value === 'string') addInvalid(errs, path, value, isValidPortName(value));
  else validatePortNumber(errs, value, path);
}

/** Whether an address is of version 6. */
export function isIPv6(value: string): boolean {
  return value.includes(':');
}

/** IsDualStackIPStrings: at least one address of each version. */
export function isDualStack(values: readonly string[]): boolean {
  return values.some((v) => isIPv6(v)) && values.some((v) => !isIPv6(v));
}

export function firstNotCIDR(values: readonly string[]): string | undefined {
  return values.find((v) => parseCIDR(v) == null);
}

/** ValidateNonSpecialIP: nothing that means this machine, this link or nothing at all. */
export function validateNonSpecialIP(errs: Errors, value: string, path: FieldPath): void {
  const address = parseIPNumber(value);
  if (address == null) {
    errs.push(invalid(path, value, 'must be a valid IP address'));
    return;
  }
  const { bits, number } = address;
  const top = (n: number): bigint => number >> BigInt(bits - n);
  if (number === 0n) errs.push(invalid(path, value, `may not be unspecified (${value})`));
  if (bits === 32 ? top(8) === 127n : number === 1n) {
    errs.push(invalid(path, value, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'));
  }
  if (bits === 32 ? top(16) === 0xa9fen : top(10) === 0x3fan) {
    errs.push(invalid(path, value, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'));
  }
  if (bits === 32 ? top(24) === 0xe00000n : top(16) === 0xff02n) {
    errs.push(invalid(path, value, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'));
  }
}
