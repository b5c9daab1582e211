import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isKnownTimeZone } from './time-zone.ts';

describe('isKnownTimeZone()', () => {
  for (const zone of ['UTC', 'Europe/Berlin', 'Asia/Calcutta', 'US/Pacific', 'Etc/GMT+5']) {
    it(`knows ${zone}`, () => assert.equal(isKnownTimeZone(zone), true));
  }
  for (const zone of ['Europe/Nowhere', 'europe/berlin', 'Europe/berlin', 'utc', '+0100']) {
    it(`does not know ${zone}`, () => assert.equal(isKnownTimeZone(zone), false));
  }
});
