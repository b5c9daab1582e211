import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cronScheduleProblem } from './cron-schedule.ts';

describe('cronScheduleProblem()', () => {
  for (const good of [
    '* * * * *',
    '*/5 0-6 1,15 jan-mar mon',
    '0 0 ? * sun',
    '5/10 * * * *',
    '@hourly',
    '@every 1h30m',
    '@every 0',
    'TZ=Europe/Berlin 0 6 * * *',
  ]) {
    it(`finds nothing wrong with ${good}`, () => assert.equal(cronScheduleProblem(good), undefined));
  }

  for (const [bad, message] of [
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['5-2 * * * *', 'beginning of range (5) beyond end of range (2): 5-2'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['*/2/3 * * * *', 'too many slashes: */2/3'],
    ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ['@every 5', 'failed to parse duration @every 5: time: missing unit in duration "5"'],
    ['@every 5mxyz', 'failed to parse duration @every 5mxyz: time: unknown unit "mxyz" in duration "5mxyz"'],
    ['@sometimes', 'unrecognized descriptor: @sometimes'],
  ] as const) {
    it(`says what is wrong with ${bad}`, () => assert.equal(cronScheduleProblem(bad), message));
  }
});
