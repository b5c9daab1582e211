import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatGoDuration, parseGoDuration } from './go-duration.ts';

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

describe('formatGoDuration()', () => {
  const texts: readonly (readonly [number, string])[] = [
    [0, '0s'],
    [0.00025, '250ns'],
    [0.0752, '75.2µs'],
    [512, '512ms'],
    [0.1 + 0.2 + 1, '1.3ms'],
    [1500, '1.5s'],
    [123_250, '2m3.25s'],
    [3_602_000, '1h0m2s'],
    [-90_000, '-1m30s'],
  ];
  for (const [ms, text] of texts) {
    it(`writes ${text}`, () => assert.equal(formatGoDuration(ms), text));
  }
});
