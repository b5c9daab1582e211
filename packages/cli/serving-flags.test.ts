import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFlags } from './flags.ts';
import { servingFlags, servingFromFlags } from './serving-flags.ts';

const from = (...argv: string[]): ReturnType<typeof servingFromFlags> =>
  servingFromFlags(parseFlags(argv, servingFlags));

test('servingFromFlags() gives the limits of a default server', () => {
  const { priorityAndFairness, maxRequestsInflight, requestTimeoutMs, minRequestTimeoutMs, goawayChance } =
    from();
  assert.deepEqual(
    [priorityAndFairness, maxRequestsInflight, requestTimeoutMs, minRequestTimeoutMs, goawayChance],
    [true, 400, 60_000, 1_800_000, 0],
  );
  assert.equal(from().http2MaxStreams, undefined);
  assert.equal(from('--http2-max-streams-per-connection=7').http2MaxStreams, 7);
});

test('servingFromFlags() refuses what upstream refuses', () => {
  for (const [flag, text] of [
    ['--goaway-chance=0.5', '--goaway-chance can not be less than 0 or greater than 0.02'],
    ['--goaway-chance=often', '--goaway-chance can not be less than 0 or greater than 0.02'],
    ['--max-requests-inflight=-1', '--max-requests-inflight can not be negative value'],
    ['--request-timeout=-1s', '--request-timeout can not be negative value'],
    ['--shutdown-delay-duration=-1s', '--shutdown-delay-duration can not be negative value'],
  ] as const) {
    assert.throws(() => from(flag), { message: `error: ${text}` }, flag);
  }
  assert.throws(() => from('--max-requests-inflight=0', '--max-mutating-requests-inflight=0'), /both be 0/);
  from(
    '--max-requests-inflight=0',
    '--max-mutating-requests-inflight=0',
    '--enable-priority-and-fairness=false',
  );
});
