import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bootstrapObjects } from '../bootstrap/objects.ts';
import { distribute, seatLimits } from './concurrency.ts';
import { levelConfig } from './config.ts';

describe('seatLimits()', () => {
  test('splits the seats of a default server by shares', () => {
    const levels = bootstrapObjects()
      .filter(({ object }) => object.kind === 'PriorityLevelConfiguration')
      .map(({ object }) => levelConfig(object));
    const limits = seatLimits(levels, 600);
    // 245 shares in all
    assert.deepEqual(limits.get('workload-low'), { nominal: 245, lower: 24, upper: 845 });
    assert.deepEqual(limits.get('catch-all'), { nominal: 13, lower: 13, upper: 613 });
    assert.deepEqual(limits.get('exempt'), { nominal: 0, lower: 0, upper: 600 });
  });
});

describe('distribute()', () => {
  const cases: readonly (readonly [
    what: string,
    seats: number,
    claims: readonly (readonly [lower: number, upper: number, target: number])[],
    fraction: number,
    parts: readonly number[],
  ])[] = [
    [
      'gives everybody the same fraction of the target',
      100,
      [
        [10, 100, 50],
        [10, 100, 150],
      ],
      0.5,
      [25, 75],
    ],
    [
      'never goes below what a level keeps or above what it may have',
      100,
      [
        [40, 100, 40],
        [0, 30, 500],
        [10, 100, 60],
      ],
      0.5,
      [40, 30, 30],
    ],
    ['aims at the least of something where nothing is aimed at', 5, [[0, 10, 0]], 5000, [5]],
    [
      'takes what is kept where there is no more',
      30,
      [
        [10, 50, 20],
        [20, 50, 20],
      ],
      0.5,
      [10, 20],
    ],
    [
      'gives all that may be had where it is just enough',
      80,
      [
        [10, 30, 10],
        [10, 50, 10],
      ],
      5,
      [30, 50],
    ],
    ['has nothing to give', 0, [[0, 5, 1]], 0, [0]],
  ];
  for (const [what, seats, claims, fraction, parts] of cases) {
    test(what, () => {
      const distribution = distribute(
        seats,
        claims.map(([lower, upper, target]) => ({ lower, upper, target })),
      );
      assert.ok(distribution !== undefined);
      const rounded = [distribution.fraction, ...distribution.parts].map((n) => Math.round(n * 1e6) / 1e6);
      assert.deepEqual(rounded, [fraction, ...parts]);
    });
  }

  test('says when the bounds do not allow it', () => {
    assert.equal(distribute(100, [{ lower: 1, upper: 5, target: 2 }]), undefined);
    assert.equal(distribute(1, [{ lower: 2, upper: 5, target: 2 }]), undefined);
    assert.equal(distribute(10, []), undefined);
  });
});
