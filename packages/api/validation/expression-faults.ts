import type { FieldError, FieldPath } from '@coxswain/machinery';
import type { Errors } from './values.ts';

/** What is wrong with an object's expressions, by the path of each. Who knows the language compiles them. */
export type ExpressionFaults = ReadonlyMap<string, readonly FieldError[]>;

/** Reports what is wrong with the expression at a path, where upstream compiles it. */
export function reportExpression(errs: Errors, faults: ExpressionFaults | undefined, path: FieldPath): void {
  if (faults === undefined || faults.size === 0) return;
  const found = faults.get(path.toString());
  if (found !== undefined) errs.push(...found);
}
