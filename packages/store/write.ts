import type { KeyValue, StoreEvent, WriteResult } from './contract.ts';

/** A compare-and-set write. */
export type Write =
  | { readonly type: 'create'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'update'; readonly key: string; readonly value: Uint8Array; readonly expected: number }
  | { readonly type: 'delete'; readonly key: string; readonly expected: number };

/** Whether the write may be done where `current` is what its key holds. */
export function writeAllowed(write: Write, current: KeyValue | undefined): boolean {
  return write.type === 'create' ? current === undefined : current?.modRevision === write.expected;
}

/** The event of an allowed write; `due` is when its key expires, 0: never. */
export function eventOf(
  write: Write,
  current: KeyValue | undefined,
  revision: number,
  due: number,
): StoreEvent {
  const { key } = write;
  if (write.type === 'delete') return { type: 'delete', kv: current!, revision };
  const { value } = write;
  if (current === undefined) {
    return { type: 'put', kv: mortal({ key, value, createRevision: revision, modRevision: revision }, due) };
  }
  const { createRevision } = current;
  const kv = mortal({ key, value, createRevision, modRevision: revision }, due);
  return { type: 'put', kv, previous: current };
}

/** The key with its end; few have one. */
export function mortal(kv: KeyValue, due: number): KeyValue {
  return due === 0 ? kv : { ...kv, due };
}

/** The answer to a write that was not allowed. */
export function refusal(current: KeyValue | undefined, revision: number): WriteResult {
  return current === undefined ? { ok: false, revision } : { ok: false, revision, current };
}
