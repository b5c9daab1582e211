import { eventRevision, type KeyValue, type StoreEvent } from '@coxswain/store';

/** The events that lead from one state to another, in revision order; a key that was made anew is deleted first. */
export function differences(
  before: Iterable<KeyValue>,
  now: readonly KeyValue[],
  revision: number,
): StoreEvent[] {
  const old = new Map<string, KeyValue>();
  for (const kv of before) old.set(kv.key, kv);
  const events: StoreEvent[] = [];
  for (const kv of now) {
    const previous = old.get(kv.key);
    old.delete(kv.key);
    if (previous?.modRevision === kv.modRevision) continue;
    if (previous !== undefined && kv.createRevision > previous.modRevision) {
      // It went at some revision between the two; the last possible one keeps the order.
      events.push({ type: 'delete', kv: previous, revision: kv.createRevision - 1 });
      events.push({ type: 'put', kv });
    } else events.push(previous === undefined ? { type: 'put', kv } : { type: 'put', kv, previous });
  }
  for (const kv of old.values()) events.push({ type: 'delete', kv, revision });
  return events.sort((a, b) => eventRevision(a) - eventRevision(b));
}
