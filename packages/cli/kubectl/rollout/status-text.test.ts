import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rolloutState } from './status-text.ts';

const deployment = (status: object, replicas = 3) =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', generation: 2 },
    spec: { replicas },
    status,
  }) as never;

describe('rolloutState() of a deployment', () => {
  const seen = { observedGeneration: 2 };
  const cases: readonly (readonly [status: object, text: string, done: boolean])[] = [
    [{ observedGeneration: 1 }, 'Waiting for deployment spec update to be observed...', false],
    [
      { ...seen, updatedReplicas: 1, replicas: 3 },
      'Waiting for deployment "web" rollout to finish: 1 out of 3 new replicas have been updated...',
      false,
    ],
    [
      { ...seen, updatedReplicas: 3, replicas: 4 },
      'Waiting for deployment "web" rollout to finish: 1 old replicas are pending termination...',
      false,
    ],
    [
      { ...seen, updatedReplicas: 3, replicas: 3, availableReplicas: 2 },
      'Waiting for deployment "web" rollout to finish: 2 of 3 updated replicas are available...',
      false,
    ],
    [
      { ...seen, updatedReplicas: 3, replicas: 3, availableReplicas: 3 },
      'deployment "web" successfully rolled out',
      true,
    ],
  ];
  for (const [status, text, done] of cases) {
    test(`says ${text}`, () =>
      assert.deepEqual(rolloutState('Deployment', deployment(status)), { text, done }));
  }

  test('fails when the deadline is exceeded', () => {
    const conditions = [{ type: 'Progressing', reason: 'ProgressDeadlineExceeded' }];
    assert.throws(
      () => rolloutState('Deployment', deployment({ ...seen, conditions })),
      /exceeded its progress deadline/,
    );
  });
});

test('rolloutState() of a stateful set waits for its pods, then for its revision', () => {
  const set = (status: object) =>
    ({
      metadata: { name: 'db', generation: 1 },
      spec: { replicas: 2, updateStrategy: { type: 'RollingUpdate' } },
      status: { observedGeneration: 1, ...status },
    }) as never;
  assert.equal(
    rolloutState('StatefulSet', set({ readyReplicas: 1 })).text,
    'Waiting for 1 pods to be ready...',
  );
  const rolling = { readyReplicas: 2, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' };
  assert.equal(rolloutState('StatefulSet', set(rolling)).done, false);
  assert.equal(rolloutState('StatefulSet', set({ ...rolling, currentRevision: 'b' })).done, true);
});
