import { type FieldPath, isDNS1123Subdomain } from '@coxswain/machinery';
import { pathSegmentName } from '../names.ts';
import { addInvalid, type Errors, type Json, requireText } from '../values.ts';

/** A reference by group, kind and name to something of the same namespace or of none. */
export function validateTypedReference(errs: Errors, ref: Json, path: FieldPath): void {
  const group: string | undefined = ref['apiGroup'];
  if (group != null) addInvalid(errs, path.child('apiGroup'), group, isDNS1123Subdomain(group));
  for (const member of ['kind', 'name']) {
    const value: string | undefined = ref[member];
    if (requireText(errs, path.child(member), value, `${member} is required`)) {
      addInvalid(errs, path.child(member), value, pathSegmentName(value!, false));
    }
  }
}
