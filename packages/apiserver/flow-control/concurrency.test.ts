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
    assert.deepEqual(limits.get('workload-low'), { nominal: 245, lower: 24, upper: 600 });
    assert.deepEqual(limits.get('catch-all'), { nominal: 13, lower: 13, upper: 600 });
    assert.deepEqual(limits.get('exempt'), { nominal: 0, lower: 0, upper: 600 });
  });
});

describe('distribute()', () => {
  test('gives everybody the same fraction of the target within bounds', () => {
    const { fraction, parts } = distribute(100, [
      { lower: 10, upper: 100, target: 50 },
      { lower: 10, upper: 100, target: 150 },
    ]);
    assert.deepEqual(
      [fraction, ...parts].map((n) => Math.round(n * 1000) / 1000),
      [0.5, 25, 75],
    );
  });

  test('never goes below what a level keeps or above what it may have', () => {
    const { parts } = distribute(100, [
      { lower: 40, upper: 100, target: 40 },
      { lower: 0, upper: 30, target: 500 },
      { lower: 10, upper: 100, target: 60 },
    ]);
    assert.deepEqual(parts.map(Math.round), [40, 30, 30]);
  });

  test('leaves seats over when nobody may take them', () => {
    assert.deepEqual(distribute(100, [{ lower: 1, upper: 5, target: 2 }]).parts, [5]);
    assert.deepEqual(distribute(10, []).parts, []);
  });
});
