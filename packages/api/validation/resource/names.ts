import { type FieldPath, goQuote, invalid, isCIdentifier, required, tooLong } from '@coxswain/machinery';
import { validateCSIDriverName } from '../csi.ts';
import { validateDNS1123Subdomain } from '../formats.ts';
import { addInvalid, blank, byteLength, type Errors } from '../values.ts';
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

/**
 * The name of an attribute or a capacity, mostly after the domain of who defines it. Upstream looks at no name with
 * more than one slash.
 */
export function validateQualifiedDeviceName(errs: Errors, name: string, path: FieldPath): void {
  const parts = name.split('/');
  if (parts.length === 1) validateIdentifier(errs, name, path);
  if (parts.length !== 2) return;
  const [domain, identifier] = parts as [string, string];
  if (domain === '') errs.push(invalid(path, '', 'the domain must not be empty'));
  else validateCSIDriverName(errs, domain, path);
  if (identifier === '') errs.push(invalid(path, '', 'the name must not be empty'));
  else validateIdentifier(errs, identifier, path);
}

/** As `validateQualifiedDeviceName`, with a domain in any case. */
export function validateFullyQualifiedName(errs: Errors, name: string, path: FieldPath): void {
  validateQualifiedDeviceName(errs, name, path);
  if (name.includes('/')) return;
  errs.push(invalid(path, name, 'a fully qualified name must be a domain and a name separated by a slash'));
}

function validateIdentifier(errs: Errors, name: string, path: FieldPath): void {
  if (byteLength(name) > limits.identifierLength) errs.push(tooLong(path, limits.identifierLength));
  addInvalid(errs, path, name, isCIdentifier(name));
}

/** A share of a device: a UUID, written in the one form that is normal. */
export function validateShareID(errs: Errors, id: string, path: FieldPath): void {
  const fault = uuidFault(id);
  if (fault !== undefined) errs.push(invalid(path, id, `error validating uid: ${fault}`));
  else if (byteLength(id) !== 36 || id !== id.toLowerCase()) {
    const message =
      'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters';
    errs.push(invalid(path, id, message));
  }
}

const urn = 'urn:uuid:';

/** What upstream's library finds wrong with a UUID, which takes more forms than one. */
function uuidFault(text: string): string | undefined {
  let plain = text;
  switch (byteLength(text)) {
    case 36:
      break;
    case 36 + urn.length:
      if (text.slice(0, urn.length).toLowerCase() !== urn) {
        return `invalid urn prefix: ${goQuote(text.slice(0, urn.length))}`;
      }
      plain = text.slice(urn.length);
      break;
    case 38:
      if (!/^\{.*\}$/s.test(text)) return 'invalid bracketed UUID format';
      plain = text.slice(1, -1);
      break;
    case 32:
      return /^[\da-f]{32}$/i.test(text) ? undefined : 'invalid UUID format';
    default:
      return `invalid UUID length: ${byteLength(text)}`;
  }
  const form = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
  return form.test(plain) ? undefined : 'invalid UUID format';
}
