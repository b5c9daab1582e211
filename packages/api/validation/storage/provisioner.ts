import { type FieldPath, invalid, isQualifiedName, required, tooLong } from '@coxswain/machinery';
import { addInvalid, blank, byteLength, type Errors, type Json, keysOf, sizeOf } from '../values.ts';

const maxParameters = 512;
const parametersSize = 256 * 1024;

/** The name of a provisioner or driver, in any case. */
export function validateProvisioner(errs: Errors, name: string | undefined, path: FieldPath): void {
  if (blank(name)) errs.push(required(path));
  else addInvalid(errs, path, name, isQualifiedName(name!.toLowerCase()));
}

/** What a provisioner is told, of bounded size. */
export function validateParameters(
  errs: Errors,
  parameters: Json | undefined,
  path: FieldPath,
  allowEmpty: boolean,
): void {
  if (!allowEmpty && sizeOf(parameters) === 0) {
    errs.push(required(path, 'must contain at least one key/value pair'));
    return;
  }
  if (sizeOf(parameters) > maxParameters) {
    errs.push(tooLong(path, maxParameters));
    return;
  }
  let size = 0;
  for (const key of keysOf(parameters)) {
    if (key === '') errs.push(invalid(path, key, 'field can not be empty.'));
    size += byteLength(key) + byteLength(parameters![key]);
  }
  if (size > parametersSize) errs.push(tooLong(path, parametersSize));
}
