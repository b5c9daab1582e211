import type { Json } from './values.ts';

/**
 * How upstream's internal struct prints: Go member name, JSON name, and what an absent value prints as.
 * Error texts show internal objects, whose members have no JSON names.
 */
export type GoLayout = readonly (readonly [go: string, json: string, zero: unknown])[];

/** An object as Go's json.Marshal prints the internal struct. */
export function goPrint(value: Json, layout: GoLayout): Json {
  const out: Json = {};
  for (const [go, json, zero] of layout) out[go] = value[json] ?? zero;
  return out;
}
