import { type FieldPath, invalid, isCIdentifier, required, tooLong, typeInvalid } from '@coxswain/machinery';
import { validateCSIDriverName } from '../csi.ts';
import { validateDNS1123Subdomain } from '../formats.ts';
import { blank, byteLength, type Errors } from '../values.ts';
import * as limits from './limits.ts';

/** A pool: DNS subdomains with slashes between. */
export function validatePoolName(errs: Errors, name: string | undefined, path: FieldPath): void {
  if (blank(name)) {
    errs.push(required(path));
    return;
  }
  if (byteLength(name!) > limits.poolNameLength) errs.push(tooLong(path, limits.poolNameLength));
  for (const part of name!.split('/')) validateDNS1123Subdomain(errs, part, path);
}

/** A device class, which must be named. */
export function validateDeviceClassName(errs: Errors, name: string | undefined, path: FieldPath): void {
  if (blank(name)) errs.push(required(path));
  else validateDNS1123Subdomain(errs, name, path);
}

/** The name of an attribute or a capacity, mostly after the domain of who defines it. */
export function validateQualifiedDeviceName(errs: Errors, name: string, path: FieldPath): void {
  if (name === '') {
    errs.push(required(path, 'name required'));
    return;
  }
  const parts = name.split('/');
  if (parts.length === 1) {
    validateIdentifier(errs, name, path);
  } else if (parts.length === 2) {
    const [domain, identifier] = parts as [string, string];
    if (domain === '') errs.push(required(path, 'the domain must not be empty'));
    else validateCSIDriverName(errs, domain, path);
    if (identifier === '') errs.push(required(path, 'the name must not be empty'));
    else validateIdentifier(errs, identifier, path);
  } else {
    const message = 'a qualified name must consist of a domain and a C identifier separated by a slash';
    errs.push(invalid(path, name, message));
  }
}

/** As `validateQualifiedDeviceName`, with a domain in any case. */
export function validateFullyQualifiedName(errs: Errors, name: string, path: FieldPath): void {
  validateQualifiedDeviceName(errs, name, path);
  if (!name.includes('/')) errs.push(invalid(path, name, 'must include a domain'));
}

function validateIdentifier(errs: Errors, name: string, path: FieldPath): void {
  if (byteLength(name) > limits.identifierLength) errs.push(tooLong(path, limits.identifierLength));
  for (const message of isCIdentifier(name)) errs.push(typeInvalid(path, name, message));
}
