import { invalid, isQualifiedName } from '@coxswain/machinery';
import { validateStandardFinalizer } from '../object-meta.ts';
import { addInvalid, type Errors, type Json, specPath, statusPath } from '../values.ts';

const finalizersPath = specPath.child('finalizers');

/** ValidateNamespace without the metadata. */
export function validateNamespace(errs: Errors, namespace: Json): void {
  for (const name of namespace['spec']?.finalizers ?? []) {
    addInvalid(errs, finalizersPath, name, isQualifiedName(name));
    validateStandardFinalizer(errs, name, finalizersPath);
  }
}

/** ValidateNamespaceFinalizeUpdate. */
export function validateNamespaceFinalize(errs: Errors, namespace: Json): void {
  const names: readonly string[] = namespace['spec']?.finalizers ?? [];
  names.forEach((name, i) => {
    addInvalid(errs, finalizersPath.index(i), name, isQualifiedName(name));
    validateStandardFinalizer(errs, name, finalizersPath.index(i));
  });
}

/** ValidateNamespaceStatusUpdate: the phase follows from the deletion. */
export function validateNamespaceStatus(errs: Errors, namespace: Json): void {
  const phase: string = namespace['status']?.phase ?? '';
  const deleted = namespace['metadata'].deletionTimestamp != null;
  const path = statusPath.child('Phase');
  if (deleted && phase !== 'Terminating') {
    errs.push(invalid(path, phase, "may only be 'Terminating' if `deletionTimestamp` is not empty"));
  }
  if (!deleted && phase !== 'Active') {
    errs.push(invalid(path, phase, "may only be 'Active' if `deletionTimestamp` is empty"));
  }
}
