import { goQuote } from '../field-error.ts';
import { newStatusError, type StatusError } from '../status-error.ts';
import { forEachPath, pathText } from './field-path.ts';
import type { FieldSet } from './field-set.ts';
import { type Manager, managerIdentifier } from './managers.ts';

/** Fields that an apply would take from another manager. */
export interface Conflict {
  readonly manager: Manager;
  readonly fields: FieldSet;
}

/** The 409 of a server-side apply that others own fields of. */
export function newApplyConflict(conflicts: readonly Conflict[]): StatusError {
  const sorted = [...conflicts].sort((a, b) =>
    managerIdentifier(a.manager) < managerIdentifier(b.manager) ? -1 : 1,
  );
  const causes: { reason: string; message: string; field: string }[] = [];
  const lines: string[] = [];
  for (const { manager, fields } of sorted) {
    const name = managerText(manager);
    lines.push(`conflicts with ${name}:`);
    forEachPath(fields, (elements) => {
      const field = pathText(elements);
      causes.push({ reason: 'FieldManagerConflict', message: `conflict with ${name}`, field });
      lines.push(`- ${field}`);
    });
  }
  const only = causes.length === 1 ? causes[0] : undefined;
  const message = only
    ? `Apply failed with 1 conflict: ${only.message}: ${only.field}`
    : `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`;
  return newStatusError({ code: 409, reason: 'Conflict', message, details: { causes } });
}

function managerText(manager: Manager): string {
  const name = goQuote(manager.manager);
  const full = manager.subresource === '' ? name : `${name} with subresource ${goQuote(manager.subresource)}`;
  return manager.operation === 'Update' ? `${full} using ${manager.apiVersion}` : full;
}
