import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseGoDuration } from './go-duration.ts';

describe('parseGoDuration()', () => {
  for (const [text, ms] of [
    ['0', 0],
    ['-0', 0],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['.5m', 30_000],
    ['2.s', 2000],
    ['-3ms', -3],
    ['+250us', 0.25],
    ['250\u00b5s', 0.25],
    ['250\u03bcs', 0.25],
  ] as const) {
    it(`reads ${text}`, () => assert.equal(parseGoDuration(text), ms));
  }

  for (const [text, message] of [
    ['', 'time: invalid duration ""'],
    ['-', 'time: invalid duration "-"'],
    ['.', 'time: invalid duration "."'],
    ['soon', 'time: invalid duration "soon"'],
    ['5', 'time: missing unit in duration "5"'],
    ['1h5', 'time: missing unit in duration "1h5"'],
    ['5d', 'time: unknown unit "d" in duration "5d"'],
    ['5mxyz', 'time: unknown unit "mxyz" in duration "5mxyz"'],
    ['5toString', 'time: unknown unit "toString" in duration "5toString"'],
    ['3000000h', 'time: invalid duration "3000000h"'],
    ['1"\u00e9', 'time: unknown unit "\\"\\xc3\\xa9" in duration "1\\"\\xc3\\xa9"'],
  ] as const) {
    it(`refuses '${text}' in Go's words`, () => {
      assert.throws(() => parseGoDuration(text), { message });
    });
  }
});
