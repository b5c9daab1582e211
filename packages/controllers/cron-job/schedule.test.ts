import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSchedule, ScheduleError } from './schedule.ts';
import { formatInZone } from './wall-time.ts';

const next = (schedule: string, after: string, zone?: string, count = 1): string => {
  const parsed = parseSchedule(schedule, zone);
  let at = Date.parse(after);
  for (let i = 0; i < count; i++) at = parsed.next(at) ?? Number.NaN;
  return Number.isNaN(at) ? 'never' : formatInZone(zone ?? 'UTC', at);
};

test('parseSchedule() finds the next moment as cron does', () => {
  const cases: [schedule: string, after: string, wanted: string][] = [
    ['*/15 * * * *', '2026-03-01T10:07:30Z', '2026-03-01T10:15:00Z'],
    ['0 0 1 1 *', '2026-03-01T10:07:30Z', '2027-01-01T00:00:00Z'],
    ['30 4 1,15 * 5', '2026-03-02T00:00:00Z', '2026-03-06T04:30:00Z'],
    ['0 12 * * MON-FRI', '2026-03-06T12:00:00Z', '2026-03-09T12:00:00Z'],
    ['0 0 29 2 *', '2026-03-01T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['0 0 31 2 *', '2026-03-01T00:00:00Z', 'never'],
    ['@hourly', '2026-03-01T10:00:00Z', '2026-03-01T11:00:00Z'],
    ['@every 90s', '2026-03-01T10:00:00Z', '2026-03-01T10:01:30Z'],
    ['@every 1500000us', '2026-03-01T10:00:00Z', '2026-03-01T10:00:01Z'],
    ['TZ=America/New_York 0 9 * * *', '2026-01-05T00:00:00Z', '2026-01-05T14:00:00Z'],
  ];
  for (const [schedule, after, wanted] of cases) assert.equal(next(schedule, after), wanted, schedule);
});

test('parseSchedule() follows the clocks of its time zone', () => {
  const zone = 'Europe/Berlin';
  assert.equal(next('0 9 * * *', '2026-03-28T12:00:00Z', zone), '2026-03-29T09:00:00+02:00');
  // At 02:00 the clocks go to 03:00: half past two does not come on that day.
  assert.equal(next('30 2 * * *', '2026-03-28T12:00:00Z', zone), '2026-03-30T02:30:00+02:00');
  assert.equal(next('0 0 * * *', '2026-10-24T12:00:00Z', zone, 2), '2026-10-26T00:00:00+01:00');
});

test('parseSchedule() refuses what is no schedule or no time zone', () => {
  assert.throws(() => parseSchedule('61 * * * *', undefined), ScheduleError);
  assert.throws(() => parseSchedule('* * *', undefined), /expected exactly 5 fields, found 3/);
  assert.throws(() => parseSchedule('@often', undefined), /unrecognized descriptor: @often/);
  assert.throws(() => parseSchedule('* * * * *', 'Moon/Crater'), { code: 'UNKNOWN_TIME_ZONE' });
});
