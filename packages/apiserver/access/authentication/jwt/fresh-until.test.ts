import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { freshUntil } from './fresh-until.ts';

const now = Date.parse('2026-01-01T00:00:00Z');

const cases: readonly [string, Readonly<Record<string, string>>, number][] = [
  ['nothing', {}, 0],
  ['an age', { 'cache-control': 'public, max-age=60' }, 60],
  ['an age of shared caches', { 'cache-control': 's-maxage="5", Max-Age=60' }, 5],
  ['an age though it must not be kept', { 'cache-control': 'no-store, max-age=60' }, 60],
  ['no number', { 'cache-control': 'max-age=60, s-maxage=x', expires: 'Thu, 01 Jan 2026 00:01:00 GMT' }, 0],
  ['too large a number', { 'cache-control': 'max-age=99999999999' }, 2 ** 31 - 1],
  ['an argument where none belongs', { 'cache-control': 'max-age=60, public=1' }, 0],
  ['names of headers', { 'cache-control': 'private=a,max-age=60' }, 0],
  ['an end', { expires: 'Thu, 01 Jan 2026 00:01:00 GMT' }, 60],
  ['a clock', { expires: 'Thu, 01 Jan 2026 00:01:00 GMT', date: 'Wed Dec 31 23:59:00 2025' }, 120],
  ['a past end', { expires: 'Wednesday, 31-Dec-25 00:01:00 GMT' }, 0],
  ['no end', { expires: '0', 'last-modified': 'Wed, 31 Dec 2025 23:50:00 GMT' }, 60],
  ['great age', { 'last-modified': 'Sun, 01 Dec 2024 00:00:00 GMT' }, 86_400],
  ['no date', { 'cache-control': 'max-age=60', date: 'Sun, 31 Feb 2025 00:00:00 GMT' }, 0],
];

describe('freshUntil', () => {
  for (const [name, headers, seconds] of cases) {
    test(`reckons with ${name}`, () => {
      assert.equal(
        freshUntil((header) => headers[header] ?? '', now),
        now + seconds * 1000,
      );
    });
  }
});
