import type { Json } from '../values.ts';

/** Whether a job's condition of that type is true. */
export function hasJobCondition(job: Json, type: string): boolean {
  const conditions: readonly Json[] = job['status']?.conditions ?? [];
  return conditions.some((c) => c['type'] === type && c['status'] === 'True');
}
