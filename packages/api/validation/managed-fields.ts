import { type FieldPath, invalid, type ManagedFieldsEntry, tooLong } from '@coxswain/machinery';
import { blank, byteLength, type Errors } from './values.ts';

const managerLimit = 128;
const subresourceLimit = 256;
const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

/** ValidateManagedFields: only the shape; what the sets say is apply's business. */
export function validateManagedFields(
  errs: Errors,
  entries: readonly ManagedFieldsEntry[] | undefined,
  path: FieldPath,
): void {
  if (entries == null) return;
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]!;
    const operation = entry.operation as string | undefined;
    if (operation !== 'Apply' && operation !== 'Update') {
      errs.push(invalid(path.index(i).child('operation'), operation ?? '', 'must be `Apply` or `Update`'));
    }
    const type = entry.fieldsType as string | undefined;
    if (!blank(type) && type !== 'FieldsV1') {
      errs.push(invalid(path.index(i).child('fieldsType'), type, 'must be `FieldsV1`'));
    }
    validateFieldManager(errs, entry.manager ?? '', path.index(i).child('manager'));
    if (byteLength(entry.subresource ?? '') > subresourceLimit) {
      errs.push(tooLong(path.index(i).child('subresource'), subresourceLimit));
    }
  }
}

/** ValidateFieldManager: at most 128 bytes, all printable. */
function validateFieldManager(errs: Errors, manager: string, path: FieldPath): void {
  if (byteLength(manager) > managerLimit) errs.push(tooLong(path, managerLimit));
  if (!unprintable.test(manager)) return;
  let position = 0;
  for (const ch of manager) {
    if (unprintable.test(ch)) {
      const code = ch.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
      errs.push(invalid(path, manager, `invalid character U+${code} (at position ${position})`));
    }
    position += byteLength(ch);
  }
}
