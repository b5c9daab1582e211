import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { container, created, texts } from '../../strategy/test-objects.ts';
import type { Errors, Json } from '../values.ts';
import { validateJobStatus } from './job-status.ts';

const startTime = '2026-01-01T00:00:00Z';
const condition = (type: string): Json => ({ type, status: 'True' });
const failed = { startTime, conditions: [condition('FailureTarget'), condition('Failed')] };

/** What is wrong with a job's status after another. */
function move(before: Json, status: Json, spec: Json = {}): string[] {
  const template = { spec: { restartPolicy: 'Never', containers: [container] } };
  const job = created('batch/v1', 'Job', { spec: { template, ...spec } });
  const errs: Errors = [];
  validateJobStatus(errs, { ...job, status }, { ...job, status: before });
  return texts(errs);
}

describe('validateJobStatus()', () => {
  const indexed = { completionMode: 'Indexed', completions: 5, parallelism: 5, backoffLimitPerIndex: 1 };
  const cases: readonly (readonly [title: string, got: string[], ...want: string[]])[] = [
    ['a job that fails', move({ startTime }, failed)],
    [
      'a failure that nobody aimed at',
      move({ startTime }, { startTime, conditions: [condition('Failed')] }),
      'status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition',
    ],
    ['what was wrong before', move({ ...failed, active: 1 }, { ...failed, active: 1, failed: 1 })],
    [
      'pods of a job that is over',
      move(failed, { ...failed, active: 1 }),
      'status.active: Invalid value: 1: active>0 is invalid for finished job',
    ],
    [
      'an end that is taken back',
      move(failed, { startTime }),
      'status.conditions: Invalid value: cannot disable the terminal Failed=True condition',
      'status.conditions: Invalid value: cannot disable the terminal FailureTarget=True condition',
    ],
    [
      'an index that failed and succeeded',
      move({}, { completedIndexes: '0-2', failedIndexes: '2,4' }, indexed),
      'status.failedIndexes: Invalid value: "2,4": failedIndexes and completedIndexes overlap at index: 2',
    ],
    ['fewer successes of a job made smaller', move({ succeeded: 3 }, { succeeded: 2 }, indexed)],
    [
      'fewer successes',
      move({ succeeded: 3 }, { succeeded: 2 }),
      'status.succeeded: Invalid value: 2: cannot decrease the succeeded counter',
    ],
    [
      'a success that is not yet decided',
      move(
        { startTime },
        { startTime, completionTime: startTime, conditions: [condition('Complete')] },
        { ...indexed, successPolicy: { rules: [{ succeededCount: 1 }] } },
      ),
      'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
      'status.conditions: Invalid value: cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True',
    ],
  ];
  for (const [title, got, ...want] of cases) {
    it(`${want.length === 0 ? 'takes' : 'refuses'} ${title}`, () => assert.deepEqual(got, want));
  }
});
