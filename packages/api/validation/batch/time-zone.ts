import { isTimeZone } from '@coxswain/machinery';

let exactNames: Map<string, string> | undefined;

/** Whether the platform's zone data has it; Go looks zones up by file name, so case matters. */
export function isKnownTimeZone(zone: string): boolean {
  if (zone === 'UTC') return true;
  // offsets are zones to the platform but not to Go
  if (!/^[A-Z]/.test(zone)) return false;
  exactNames ??= new Map(Intl.supportedValuesOf('timeZone').map((name) => [name.toLowerCase(), name]));
  const exact = exactNames.get(zone.toLowerCase());
  return exact === undefined ? isTimeZone(zone) : exact === zone;
}
