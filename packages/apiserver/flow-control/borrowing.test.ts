import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Borrower, borrow } from './borrowing.ts';

const limited = (nominal: number, lower: number, used: number, smoothed: number): Borrower => ({
  exempt: false,
  limits: { nominal, lower, upper: nominal + 100 },
  highWatermark: used,
  smoothed,
  current: nominal,
});
const exempt = (used: number): Borrower => ({ ...limited(0, 0, used, used), exempt: true });

describe('borrow()', () => {
  const cases: readonly (readonly [string, readonly Borrower[], number, readonly number[]])[] = [
    ['lends what nobody uses', [limited(50, 10, 0, 0), limited(50, 10, 90, 90)], 1, [10, 90]],
    ['leaves what a level has in use', [limited(50, 10, 40, 0), limited(50, 10, 90, 90)], 0.6667, [40, 60]],
    [
      'gives everybody more where nobody needs it',
      [limited(60, 60, 0, 0), limited(40, 20, 0, 0)],
      1.25,
      [75, 25],
    ],
    ['gives the exempt what they use', [exempt(7), limited(50, 10, 0, 0)], 5, [7, 50]],
    [
      'splits what the exempt leave',
      [exempt(60), limited(50, 10, 50, 50), limited(50, 10, 30, 30)],
      0,
      [60, 23, 17],
    ],
    [
      'leaves everybody the least',
      [exempt(95), limited(50, 10, 50, 50), limited(50, 10, 30, 30)],
      0,
      [95, 10, 10],
    ],
    ['may leave a level nothing', [limited(1, 1, 0, 0), limited(1, 0, 0, 0)], 1.998, [2, 0]],
  ];
  for (const [what, borrowers, fraction, seats] of cases) {
    test(what, () => {
      const borrowing = borrow(borrowers);
      assert.equal(Math.round(borrowing.fraction * 1e4) / 1e4, fraction);
      assert.deepEqual(
        borrowing.loans.map(({ current }) => current),
        seats,
      );
    });
  }

  test('leaves everything as it is where bounds do not allow a distribution', () => {
    const stuck = { ...limited(50, 10, 0, 0), limits: { nominal: 50, lower: 10, upper: 20 }, current: 33 };
    const { fraction, loans } = borrow([stuck]);
    assert.deepEqual([fraction, loans[0]?.current], [0, 33]);
  });
});
