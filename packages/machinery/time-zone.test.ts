import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTimeZone, zoneOffset } from './time-zone.ts';

const hour = 3_600_000;

test('zoneOffset() gives how far clocks are ahead, in summer and winter, and before there were zones', () => {
  for (const [zone, at, offset] of [
    ['UTC', '2026-07-01T00:00:00Z', 0],
    ['Europe/Berlin', '2026-01-01T00:00:00Z', hour],
    ['Europe/Berlin', '2026-07-01T00:00:00.999Z', 2 * hour],
    ['america/new_york', '2026-03-08T06:59:59Z', -5 * hour],
    ['America/New_York', '2026-03-08T07:00:00Z', -4 * hour],
    ['Asia/Kolkata', '1969-12-31T23:59:59.500Z', 5.5 * hour],
    ['Asia/Tokyo', '0050-06-01T00:00:00Z', 33_539_000],
  ] as const) {
    assert.equal(zoneOffset(zone, Date.parse(at)), offset, `${zone} at ${at}`);
  }
  assert.throws(() => zoneOffset('Mars/Olympus', 0), RangeError);
});

test('isTimeZone() knows the names of zones', () => {
  assert.deepEqual(['Europe/Berlin', 'utc', 'Nowhere', ''].map(isTimeZone), [true, true, false, false]);
});
