import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { exponentialBuckets, MetricsRegistry } from './metrics-registry.ts';
import { Histogram } from './values.ts';

describe('MetricsRegistry', () => {
  test('writes families by name with HELP and TYPE', () => {
    const registry = new MetricsRegistry();
    const asked = registry.counter({
      name: 'b_total',
      help: 'How often.',
      labels: ['verb'],
      stability: 'STABLE',
    });
    asked.with('GET').inc();
    asked.with('GET').inc(2);
    asked.with('a"b\\').inc();
    registry.gauge({ name: 'a_level', help: 'How much.' }).with().set(0.5);
    assert.equal(
      registry.text(),
      [
        '# HELP a_level [ALPHA] How much.',
        '# TYPE a_level gauge',
        'a_level 0.5',
        '# HELP b_total [STABLE] How often.',
        '# TYPE b_total counter',
        'b_total{verb="GET"} 3',
        'b_total{verb="a\\"b\\\\"} 1',
        '',
      ].join('\n'),
    );
  });

  test('counts into buckets that add up', () => {
    const registry = new MetricsRegistry();
    const sizes = registry.histogram({ name: 's', help: 'Sizes.', buckets: exponentialBuckets(1000, 10, 7) });
    for (const size of [1, 1000, 1001, 1e12]) sizes.with().observe(size);
    const lines = registry.text().split('\n');
    assert.equal(lines[2], 's_bucket{le="1000"} 2');
    assert.equal(lines[3], 's_bucket{le="10000"} 3');
    assert.deepEqual(lines.slice(9, 12), ['s_bucket{le="+Inf"} 4', 's_sum 1.000000002002e+12', 's_count 4']);
  });

  test('leaves out families without series and gives a family once', () => {
    const registry = new MetricsRegistry();
    const first = registry.counter({ name: 'x', help: 'X.', labels: ['l'] });
    assert.equal(registry.text(), '');
    assert.equal(registry.counter({ name: 'x', help: 'X.', labels: ['l'] }), first);
    assert.throws(() => registry.gauge({ name: 'x', help: 'X.' }), /another type/);
    assert.throws(() => first.with('a', 'b'), /1 labels, not 2/);
  });

  test('tells a series that somebody else has made', () => {
    const registry = new MetricsRegistry();
    const waits = registry.histogram({ name: 'w', help: 'Waits.', labels: ['of'], buckets: [] });
    const made = new Histogram([1, 2]);
    made.observe(2);
    for (const _ of [1, 2]) waits.put(made, 'x');
    assert.deepEqual(registry.text().split('\n').slice(2, -1), [
      'w_bucket{of="x",le="1"} 0',
      'w_bucket{of="x",le="2"} 1',
      'w_bucket{of="x",le="+Inf"} 1',
      'w_sum{of="x"} 2',
      'w_count{of="x"} 1',
    ]);
  });

  test('asks for what is known by looking at each write', () => {
    const registry = new MetricsRegistry();
    const level = registry.gauge({ name: 'x', help: 'X.' }).with();
    let now = 1;
    registry.beforeWrite(() => level.set(now));
    assert.match(registry.text(), /^x 1$/m);
    now = 2e-9;
    assert.match(registry.text(), /^x 2e-09$/m);
  });
});
