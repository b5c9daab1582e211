import { randomBytes } from 'node:crypto';
import { exponentialBuckets, processMetrics, systemClock } from '@coxswain/machinery';

const prefix = 'apiserver_storage_data_key_generation';
const seconds = processMetrics
  .histogram({
    name: `${prefix}_duration_seconds`,
    help: 'How long it took to make a secret that data are encrypted with.',
    buckets: exponentialBuckets(5e-6, 2, 14),
  })
  .with();
const failures = processMetrics
  .counter({ name: `${prefix}_failures_total`, help: 'How often no such secret could be made.' })
  .with();

/** Random bytes that keys are derived from; how long they take is counted under upstream's names. */
export function newSeed(size: number): Buffer {
  const began = systemClock.monotonic();
  try {
    const seed = randomBytes(size);
    seconds.observe((systemClock.monotonic() - began) / 1000);
    return seed;
  } catch (error) {
    failures.inc();
    throw error;
  }
}
