import { type Histogram, processMetrics, systemClock } from '@coxswain/machinery';

/** The bounds that Prometheus' Go library takes where none are given. */
const defaultBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const celSeconds = (what: string, help: string): Histogram =>
  processMetrics
    .histogram({
      name: `apiserver_cel_${what}_duration_seconds`,
      help,
      buckets: defaultBuckets,
      stability: 'BETA',
    })
    .with();

const compilation = celSeconds('compilation', 'How long it took to compile the rules of a part of a schema.');
const evaluation = celSeconds('evaluation', 'How long it took to check a value by the rules of its schema.');
/** Compiles the rules of a part of a schema, and counts how long that took. */
export function timedCompilation<T>(compile: () => T): T {
  const began = systemClock.monotonic();
  try {
    return compile();
  } finally {
    compilation.observe(secondsSince(began));
  }
}

/** A value is going to be checked by the rules of its schema; to be called when it was. */
export function beginEvaluation(): () => void {
  const began = systemClock.monotonic();
  return () => evaluation.observe(secondsSince(began));
}

function secondsSince(began: number): number {
  return (systemClock.monotonic() - began) / 1000;
}
