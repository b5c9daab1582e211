import { nextTurn } from '@coxswain/machinery';
import type { KeyValue, StoreEvent } from '../contract.ts';

/** Where the values of keys as they were are kept, out of memory. */
export interface PastValues {
  /** The value of a revision. Throws `CompactedError` when it is forgotten, `LogFileError` when it is damaged. */
  valueOf(revision: number, key: string): Uint8Array;
}

/** A key as it was before its last write: whoever wants the value has it read. */
export class PastKeyValue implements KeyValue {
  readonly key: string;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly due?: number;
  /** Bytes of the value. */
  readonly size: number;
  readonly #values: PastValues;

  constructor(kv: KeyValue, values: PastValues) {
    this.key = kv.key;
    this.createRevision = kv.createRevision;
    this.modRevision = kv.modRevision;
    if (kv.due !== undefined) this.due = kv.due;
    this.size = sizeOf(kv);
    this.#values = values;
  }

  get value(): Uint8Array {
    return this.#values.valueOf(this.modRevision, this.key);
  }
}

/** Bytes of a key's value, which is not read for it. */
export function sizeOf(kv: KeyValue): number {
  return kv instanceof PastKeyValue ? kv.size : kv.value.length;
}

/** The key with its value in memory. */
export function whole(kv: KeyValue): KeyValue {
  if (!(kv instanceof PastKeyValue)) return kv;
  const { key, value, createRevision, modRevision, due } = kv;
  const read = { key, value, createRevision, modRevision };
  return due === undefined ? read : { ...read, due };
}

/** The event with its values in memory. */
export function wholeEvent(event: StoreEvent): StoreEvent {
  if (event.type === 'delete') return isPast(event.kv) ? { ...event, kv: whole(event.kv) } : event;
  const { kv, previous } = event;
  if (previous === undefined) return isPast(kv) ? { type: 'put', kv: whole(kv) } : event;
  return isPast(kv) || isPast(previous) ? { type: 'put', kv: whole(kv), previous: whole(previous) } : event;
}

function isPast(kv: KeyValue): boolean {
  return kv instanceof PastKeyValue;
}

/** Values that are read before others get their turn: 256 of some 10 µs. */
const readAtOnce = 256;

/** Keys with their values in memory, which may have to be read. */
export async function readWhole(kvs: readonly KeyValue[]): Promise<readonly KeyValue[]> {
  const read: KeyValue[] = [];
  let count = 0;
  for (const kv of kvs) {
    if (isPast(kv) && ++count % readAtOnce === 0) await nextTurn();
    read.push(whole(kv));
  }
  return read;
}
