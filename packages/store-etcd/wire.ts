import type { KeyValue, StoreEvent } from '@coxswain/store';

/** A key of etcd as it is decoded; revisions are numbers. */
export interface WireKeyValue {
  readonly key: string;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  readonly value: Uint8Array;
}

export interface WireEvent {
  readonly type: 'PUT' | 'DELETE';
  readonly kv: WireKeyValue;
  readonly prevKv: WireKeyValue | null;
}

/** The key as the store gives it. */
export function kvFromWire(kv: WireKeyValue, fromEtcd: (key: string) => string): KeyValue {
  return {
    key: fromEtcd(kv.key),
    value: kv.value,
    createRevision: kv.createRevision,
    modRevision: kv.modRevision,
  };
}

/** The event as the store gives it; undefined when the state before is needed and gone. */
export function eventFromWire(event: WireEvent, fromEtcd: (key: string) => string): StoreEvent | undefined {
  const { kv, prevKv } = event;
  if (event.type === 'DELETE') {
    return prevKv === null
      ? undefined
      : { type: 'delete', kv: kvFromWire(prevKv, fromEtcd), revision: kv.modRevision };
  }
  const put = { type: 'put', kv: kvFromWire(kv, fromEtcd) } as const;
  if (prevKv !== null) return { ...put, previous: kvFromWire(prevKv, fromEtcd) };
  return kv.createRevision === kv.modRevision ? put : undefined;
}

/** The first key after all that begin with the prefix, in etcd's terms; prefixes are ASCII. */
export function rangeEndOf(prefix: string): string {
  if (prefix === '') return '\0';
  const last = prefix.length - 1;
  return prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1);
}
