import { deepEqual } from '@coxswain/machinery';
import type { PodStatus } from '../types.ts';

/** Conditions that are taken away when they no longer hold. */
export const resizeConditionTypes: readonly string[] = ['PodResizePending', 'PodResizeInProgress'];

/**
 * The strategic merge patch that turns one status into the other; absent when they are equal. Conditions that
 * `after` does not name stay: they are others'.
 */
export function statusPatch(before: PodStatus, after: PodStatus): Record<string, unknown> | undefined {
  const old = before as Record<string, unknown>;
  const wanted = after as Record<string, unknown>;
  const patch: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(old), ...Object.keys(wanted)])) {
    if (deepEqual(old[key], wanted[key])) continue;
    if (key === 'conditions') {
      const changed = (after.conditions ?? []).filter(
        (c) => !(before.conditions ?? []).some((b) => deepEqual(b, c)),
      );
      const gone = (before.conditions ?? []).filter(
        (b) => resizeConditionTypes.includes(b.type) && !after.conditions?.some((c) => c.type === b.type),
      );
      // A reason that is gone must be named, or the merge keeps it.
      const merged = changed.map((c) => ({ reason: null, message: null, ...c }));
      const deleted = gone.map(({ type }) => ({ type, $patch: 'delete' }));
      if (merged.length + deleted.length > 0) patch[key] = [...merged, ...deleted];
    } else if (wanted[key] === undefined) patch[key] = null;
    else if (key === 'podIPs') patch[key] = [{ $patch: 'replace' }, ...(wanted[key] as unknown[])];
    else patch[key] = wanted[key];
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}
