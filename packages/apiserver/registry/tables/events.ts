import type { KubeObject } from '@coxswain/machinery';
import { since } from './format.ts';
import { column, field, nameColumn, type TableSketch, wide } from './table.ts';

const event = 'core.v1.Event';

/** The parts of an event that its two groups name differently. */
interface EventParts {
  readonly object: { readonly kind?: string; readonly name?: string; readonly fieldPath?: string };
  readonly source: { readonly component?: string; readonly host?: string };
  readonly message: string;
  readonly first: string | undefined;
  readonly last: string | undefined;
  readonly count: number;
}

function partsOf(object: KubeObject): EventParts {
  if (
    object['regarding'] !== undefined ||
    object['note'] !== undefined ||
    object['deprecatedCount'] !== undefined
  ) {
    return {
      object: object['regarding'] ?? {},
      source: object['deprecatedSource'] ?? {},
      message: object['note'] ?? '',
      first: object['deprecatedFirstTimestamp'] ?? undefined,
      last: object['deprecatedLastTimestamp'] ?? undefined,
      count: object['deprecatedCount'] ?? 0,
    };
  }
  return {
    object: object['involvedObject'] ?? {},
    source: object['source'] ?? {},
    message: object['message'] ?? '',
    first: object['firstTimestamp'] ?? undefined,
    last: object['lastTimestamp'] ?? undefined,
    count: object['count'] ?? 0,
  };
}

function cells(object: KubeObject, now: number): unknown[] {
  const parts = partsOf(object);
  const series = object['series'];
  const first = since(parts.first ?? object['eventTime'], now);
  const last = series ? since(series.lastObservedTime, now) : parts.last ? since(parts.last, now) : first;
  // Events of the newer API that happened once have no count.
  const count = series ? (series.count ?? 0) : parts.count === 0 ? 1 : parts.count;
  const kind = (parts.object.kind ?? '').toLowerCase();
  const component =
    parts.source.component || object['reportingComponent'] || object['reportingController'] || '';
  const instance = parts.source.host || object['reportingInstance'] || '';
  return [
    last,
    object['type'] ?? '',
    object['reason'] ?? '',
    parts.object.name ? `${kind}/${parts.object.name}` : kind,
    parts.object.fieldPath ?? '',
    instance === '' ? component : `${component}, ${instance}`,
    parts.message.trim(),
    first,
    count,
    object.metadata.name ?? '',
  ];
}

export const events: TableSketch = {
  columns: [
    column('Last Seen', field(event, 'lastTimestamp')),
    column('Type', field(event, 'type')),
    column('Reason', field(event, 'reason')),
    column('Object', field(event, 'involvedObject')),
    wide('Subobject', field('core.v1.ObjectReference', 'fieldPath')),
    wide('Source', field(event, 'source')),
    column('Message', field(event, 'message')),
    wide('First Seen', field(event, 'firstTimestamp')),
    wide('Count', field(event, 'count')),
    { ...nameColumn, priority: 1 },
  ],
  cells,
};
