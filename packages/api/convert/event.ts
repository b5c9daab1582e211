import type { KubeObject } from '@coxswain/machinery';

/** Fields of core/v1 Event by their names in events.k8s.io/v1; all others are named alike. */
const renamed: readonly (readonly [core: string, events: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
];
const toEvents = new Map(renamed);
const toCore = new Map(renamed.map(([core, events]) => [events, core]));

export function coreToEventsEvent(event: KubeObject): Record<string, unknown> {
  return rename(event, toEvents);
}

export function eventsToCoreEvent(event: KubeObject): Record<string, unknown> {
  return rename(event, toCore);
}

function rename(object: KubeObject, names: ReadonlyMap<string, string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [names.get(key) ?? key, value]));
}
