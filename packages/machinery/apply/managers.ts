import type { ManagedFieldsEntry } from '../meta.ts';
import { isFieldsV1 } from './field-path.ts';
import { emptySet, type FieldSet, isEmptySet, sortedSet } from './field-set.ts';

/** One manager of fields, as the tracker works with it. */
export interface Manager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  /** RFC 3339; absent where upstream gives none. */
  readonly time: string | undefined;
  readonly fields: FieldSet;
  /** The entry this was read from, while nothing in it has changed. */
  readonly entry?: ManagedFieldsEntry;
}

/** Whether two entries are of one manager: an applier is the same whatever version it applies. */
export function sameManager(
  a: Pick<Manager, 'manager' | 'operation' | 'apiVersion' | 'subresource'>,
  b: Pick<Manager, 'manager' | 'operation' | 'apiVersion' | 'subresource'>,
): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    a.subresource === b.subresource &&
    (a.operation === 'Apply' || a.apiVersion === b.apiVersion)
  );
}

/** A text that two managers share when they are the same, and only then. */
function nameOf({ manager, operation, apiVersion, subresource }: Manager): string {
  const version = operation === 'Apply' ? '' : apiVersion;
  return `${operation} ${version.length} ${version} ${subresource.length} ${subresource} ${manager}`;
}

/** The text by which upstream identifies a manager and orders ties. */
export function managerIdentifier(m: Omit<Manager, 'time' | 'fields' | 'entry'>): string {
  return JSON.stringify({
    ...(m.manager === '' ? {} : { manager: m.manager }),
    operation: m.operation,
    ...(m.operation === 'Apply' || m.apiVersion === '' ? {} : { apiVersion: m.apiVersion }),
    ...(m.subresource === '' ? {} : { subresource: m.subresource }),
  });
}

/** Reads `managedFields`; undefined when an entry is malformed. */
export function decodeManagers(entries: readonly ManagedFieldsEntry[] | undefined): Manager[] | undefined {
  const out: Manager[] = [];
  const places = new Map<string, number>();
  for (const entry of entries ?? []) {
    if (entry.operation !== 'Apply' && entry.operation !== 'Update') return undefined;
    if (entry.apiVersion === undefined || entry.fieldsType !== 'FieldsV1') return undefined;
    const fields = entry.fieldsV1 ?? emptySet;
    if (!known.has(fields)) {
      if (!isFieldsV1(fields)) return undefined;
      known.add(fields);
    }
    const manager: Manager = {
      manager: entry.manager ?? '',
      operation: entry.operation,
      apiVersion: entry.apiVersion,
      subresource: entry.subresource ?? '',
      time: entry.time,
      fields: fields as FieldSet,
      entry,
    };
    const name = nameOf(manager);
    const twin = places.get(name);
    if (twin === undefined) places.set(name, out.push(manager) - 1);
    else out[twin] = manager;
  }
  return out;
}

/** Sets already checked: stored objects are shared, so most come again. */
const known = new WeakSet<object>();

/** Whether the request asks to forget all managers: `managedFields: []` or `[{}]`. */
export function isReset(entries: readonly ManagedFieldsEntry[] | undefined): boolean {
  if (!entries) return false;
  return entries.every((entry) => Object.values(entry).every((value) => value === undefined));
}

/** A manager with another set; undefined when the set is empty. */
export function withFields(manager: Manager, fields: FieldSet, time = manager.time): Manager | undefined {
  if (isEmptySet(fields)) return undefined;
  if (fields === manager.fields && time === manager.time) return manager;
  const { entry: _, ...rest } = manager;
  return { ...rest, fields, time };
}

/** Writes `managedFields` in upstream's order; undefined when nobody manages anything. */
export function encodeManagers(managers: readonly Manager[]): ManagedFieldsEntry[] | undefined {
  const entries = managers.map(toEntry);
  if (entries.length === 0) return undefined;
  return entries.length === 1 ? entries : entries.sort(compareEntries);
}

function toEntry(m: Manager): ManagedFieldsEntry {
  if (m.entry) return m.entry;
  const fields = sortedSet(m.fields);
  known.add(fields);
  return {
    manager: m.manager,
    operation: m.operation,
    apiVersion: m.apiVersion,
    ...(m.time === undefined ? {} : { time: m.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
    ...(m.subresource === '' ? {} : { subresource: m.subresource }),
  };
}

function compareEntries(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  return (
    compareText(a.operation ?? '', b.operation ?? '') ||
    seconds(a.time) - seconds(b.time) ||
    compareText(a.manager ?? '', b.manager ?? '') ||
    compareText(a.apiVersion ?? '', b.apiVersion ?? '') ||
    compareText(a.subresource ?? '', b.subresource ?? '')
  );
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Of an entry's time. */
export function seconds(time: string | undefined): number {
  return time === undefined ? 0 : Math.floor(Date.parse(time) / 1000);
}
