import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processMetrics } from '@coxswain/machinery';
import { beginEvaluation, timedCompilation } from './rule-metrics.ts';

function countOf(what: string): number {
  const line = new RegExp(`^apiserver_cel_${what}_duration_seconds_count (\\d+)$`, 'm');
  return Number(line.exec(processMetrics.text())?.[1]);
}

test('compilations count whether they succeed or not, and evaluations when they have ended', () => {
  const compiled = countOf('compilation');
  assert.equal(
    timedCompilation(() => 1),
    1,
  );
  assert.throws(() =>
    timedCompilation(() => {
      throw new Error('no rule');
    }),
  );
  assert.equal(countOf('compilation'), compiled + 2);
  const evaluated = countOf('evaluation');
  const ended = beginEvaluation();
  assert.equal(countOf('evaluation'), evaluated);
  ended();
  assert.equal(countOf('evaluation'), evaluated + 1);
});
