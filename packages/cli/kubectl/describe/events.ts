import type { KubeObject } from '@coxswain/machinery';
import type { Session } from '../session.ts';
import { ageOf } from './format.ts';
import type { Lines } from './lines.ts';

const eventsMapping = { group: '', version: 'v1', resource: 'events' };

/** The events about an object, as kubectl searches for them. */
export async function eventsOf(
  session: Session,
  object: KubeObject,
  uid = object.metadata.uid,
): Promise<KubeObject[]> {
  const { name, namespace } = object.metadata;
  const fields = {
    'involvedObject.name': name,
    'involvedObject.namespace': namespace,
    'involvedObject.kind': object.kind,
    'involvedObject.uid': uid,
  };
  const fieldSelector = Object.entries(fields)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([field, value]) => `${field}=${value}`)
    .join(',');
  const rest = await session.rest();
  return (await rest.list({ mapping: eventsMapping, namespace }, { fieldSelector, limit: 500 })).items;
}

/** The table of events at the end of a description. */
export function describeEvents(lines: Lines, events: readonly any[], now: number): void {
  if (events.length === 0) {
    lines.add(0, 'Events:\t<none>');
    return;
  }
  const ordered = events.toSorted((a, b) => lastOf(a) - lastOf(b));
  lines.add(0, 'Events:');
  lines.add(1, 'Type\tReason\tAge\tFrom\tMessage');
  lines.add(1, '----\t------\t----\t----\t-------');
  for (const event of ordered) {
    const { type, reason, message = '', source } = event;
    const from = source?.component || event.reportingComponent || '';
    lines.add(1, `${type}\t${reason}\t${interval(event, now)}\t${from}\t${message.trim()}`);
  }
}

function lastOf(event: any): number {
  return Date.parse(
    event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp ?? 0,
  );
}

function interval(event: any, now: number): string {
  const first = ageOf(event.firstTimestamp ?? event.eventTime, now);
  if (event.series)
    return `${ageOf(event.series.lastObservedTime, now)} (x${event.series.count} over ${first})`;
  if ((event.count ?? 0) > 1) return `${ageOf(event.lastTimestamp, now)} (x${event.count} over ${first})`;
  return first;
}
