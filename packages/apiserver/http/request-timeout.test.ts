import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeoutOf } from './request-timeout.ts';

test('timeoutOf() shortens the limit and never lengthens it', () => {
  const limit = 60_000;
  for (const [text, expected] of [
    ['', limit],
    ['0s', limit],
    ['-1s', limit],
    ['5s', 5000],
    ['1m', limit],
    ['1h', limit],
    ['1.5s500ms', 2000],
  ] as const) {
    assert.equal(timeoutOf(text, limit), expected, text);
  }
});

test('timeoutOf() refuses what is no duration in the words of Go', () => {
  for (const [text, what] of [
    ['abc', 'time: invalid duration "abc"'],
    ['5', 'time: missing unit in duration "5"'],
    ['5x', 'time: unknown unit "x" in duration "5x"'],
    ['-', 'time: invalid duration "-"'],
  ] as const) {
    assert.throws(
      () => timeoutOf(text, 1),
      (error: { status: { code: number; message: string } }) =>
        error.status.code === 400 &&
        error.status.message === `invalid timeout specified in the request URL - ${what}`,
      text,
    );
  }
});
