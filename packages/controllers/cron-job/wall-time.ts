import { zoneOffset } from '@coxswain/machinery';

/** The parts of a moment as a clock on the wall shows them. */
export interface WallTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

export function wallTime(zone: string, at: number): WallTime {
  const local = new Date(at + zoneOffset(zone, at));
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    weekday: local.getUTCDay(),
  };
}

/** The moment at which a day begins in the zone; days and months may be beyond their range. */
export function startOfDay(zone: string, year: number, month: number, day: number): number {
  const local = Date.UTC(year, month - 1, day);
  // The offset is that of the moment itself: one step of correction finds it but for days that begin late.
  const guess = local - zoneOffset(zone, local);
  return local - zoneOffset(zone, guess);
}

/** `2026-01-02T15:04:05+01:00`, or with `Z` in UTC. */
export function formatInZone(zone: string, at: number): string {
  const offset = zoneOffset(zone, at);
  const text = new Date(at + offset).toISOString().slice(0, 19);
  if (offset === 0) return `${text}Z`;
  const minutes = Math.abs(offset) / 60_000;
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  return `${text}${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}
