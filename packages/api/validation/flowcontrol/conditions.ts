import { duplicate, required } from '@coxswain/machinery';
import { blank, type Errors, type Json, statusPath } from '../values.ts';

/** The status of flow schemas and priority levels: conditions of different types. */
export function validateConditionTypes(errs: Errors, object: Json): void {
  const conditions: readonly Json[] = object['status']?.conditions ?? [];
  const seen = new Set<string>();
  conditions.forEach((condition, i) => {
    const type: string = condition['type'] ?? '';
    const path = statusPath.child('conditions').index(i).child('type');
    if (seen.has(type)) errs.push(duplicate(path, type));
    seen.add(type);
    if (blank(type)) errs.push(required(path, 'must not be empty'));
  });
}
