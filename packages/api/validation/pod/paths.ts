import { type FieldPath, invalid } from '@coxswain/machinery';
import type { Errors } from '../values.ts';

/** Whether a path has an element `..`. */
export function hasBacksteps(path: string): boolean {
  if (!path.includes('..')) return false;
  return path.split('/').includes('..');
}

export function validateNoBacksteps(errs: Errors, value: string, path: FieldPath): void {
  if (hasBacksteps(value)) errs.push(invalid(path, value, "must not contain '..'"));
}

/** A relative path that stays below where it starts. */
export function validateLocalDescendingPath(errs: Errors, value: string, path: FieldPath): void {
  if (value.startsWith('/')) errs.push(invalid(path, value, 'must be a relative path'));
  validateNoBacksteps(errs, value, path);
}

/** As a local descending path, and its first element not one of those that atomic writers use. */
export function validateLocalNonReservedPath(errs: Errors, value: string, path: FieldPath): void {
  validateLocalDescendingPath(errs, value, path);
  if (value.startsWith('..') && !value.startsWith('../')) {
    errs.push(invalid(path, value, "must not start with '..'"));
  }
}

/** Whether `validateLocalNonReservedPath` finds nothing. */
export function isLocalNonReservedPath(value: string): boolean {
  return !value.startsWith('/') && !hasBacksteps(value) && !value.startsWith('..');
}
