import { setMember } from './member.ts';

/** A deep copy of a JSON value; `undefined` members are dropped. Shares nothing with `value`. */
export function copyJson<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const length = value.length;
    const out: unknown[] = new Array(length);
    for (let i = 0; i < length; i++) {
      const item = value[i];
      out[i] = typeof item === 'object' && item !== null ? copy(item) : item;
    }
    return out;
  }
  const out: Record<string, unknown> = {};
  const source = value as Record<string, unknown>;
  for (const key in source) {
    const item = source[key];
    if (item === undefined) continue;
    setMember(out, key, typeof item === 'object' && item !== null ? copy(item) : item);
  }
  return out;
}
