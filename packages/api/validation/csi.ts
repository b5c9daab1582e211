import { type FieldPath, isDNS1123Subdomain, tooLong } from '@coxswain/machinery';
import { addInvalid, byteLength, type Errors, requireText } from './values.ts';

/** ValidateCSIDriverName: a subdomain in any case, at most 63 bytes. */
export function validateCSIDriverName(errs: Errors, value: string | undefined, path: FieldPath): void {
  const name = value ?? '';
  if (!requireText(errs, path, name)) return;
  if (byteLength(name) > 63) errs.push(tooLong(path, 63));
  addInvalid(errs, path, name, isDNS1123Subdomain(name.toLowerCase()));
}
