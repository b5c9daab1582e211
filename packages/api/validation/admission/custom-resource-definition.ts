import { type FieldPath, invalid, isDNS1035Label } from '@coxswain/machinery';
import { blank, type Errors, type Json, statusPath } from '../values.ts';

/** ValidateCustomResourceDefinitionNames: whatever is there must be well-formed. */
export function validateDefinitionNames(errs: Errors, names: Json, path: FieldPath): void {
  const label = (at: FieldPath, value: string, hint = ''): void => {
    const messages = isDNS1035Label(hint === '' ? value : value.toLowerCase());
    if (messages.length > 0) errs.push(invalid(at, value, hint + messages.join(',')));
  };
  const mixed = 'may have mixed case, but should otherwise match: ';
  const named = (member: string, hint = ''): void => {
    if (!blank(names[member])) label(path.child(member), names[member], hint);
  };
  const listed = (member: string): void => {
    const values: readonly string[] = names[member] ?? [];
    values.forEach((value, i) => {
      label(path.child(member).index(i), value);
    });
  };
  named('plural');
  named('singular');
  named('kind', mixed);
  named('listKind', mixed);
  listed('shortNames');
  if (!blank(names['kind']) && names['kind'] === names['listKind']) {
    errs.push(invalid(path.child('listKind'), names['listKind'], 'kind and listKind may not be the same'));
  }
  listed('categories');
}

/** ValidateUpdateCustomResourceDefinitionStatus, but for the metadata. */
export function validateDefinitionStatus(errs: Errors, definition: Json): void {
  validateDefinitionNames(errs, definition['status']?.acceptedNames ?? {}, statusPath.child('acceptedNames'));
}
