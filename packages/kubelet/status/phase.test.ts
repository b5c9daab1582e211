import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testPod } from '../testing/fixtures.ts';
import type { ContainerState, ContainerStatus } from '../types.ts';
import { phaseOf } from './phase.ts';

const running: ContainerState = { running: { startedAt: '2026-01-01T00:00:00Z' } };
const waiting: ContainerState = { waiting: { reason: 'ContainerCreating' } };
const exit = (exitCode: number): ContainerState => ({ terminated: { exitCode } });

function status(name: string, state: ContainerState, lastState: ContainerState = {}): ContainerStatus {
  return { name, image: '', imageID: '', ready: false, restartCount: 0, started: true, state, lastState };
}

interface Case {
  readonly when: string;
  readonly want: string;
  readonly policy?: string;
  readonly init?: ContainerStatus;
  readonly sidecar?: boolean;
  readonly statuses: readonly ContainerStatus[];
  readonly terminal?: boolean;
}

const cases: readonly Case[] = [
  { when: 'containers wait', want: 'Pending', statuses: [status('a', waiting), status('b', running)] },
  { when: 'all run', want: 'Running', statuses: [status('a', running), status('b', running)] },
  { when: 'one has ended', want: 'Running', statuses: [status('a', running), status('b', exit(1))] },
  {
    when: 'one waits to be restarted',
    want: 'Running',
    statuses: [status('a', running), status('b', waiting, exit(1))],
  },
  {
    when: 'all have ended and start again',
    want: 'Running',
    statuses: [status('a', exit(0)), status('b', exit(1))],
  },
  {
    when: 'all have succeeded',
    want: 'Succeeded',
    policy: 'OnFailure',
    statuses: [status('a', exit(0)), status('b', exit(0))],
  },
  {
    when: 'one has failed and starts again',
    want: 'Running',
    policy: 'OnFailure',
    statuses: [status('a', exit(0)), status('b', exit(1))],
  },
  {
    when: 'one has failed for good',
    want: 'Failed',
    policy: 'Never',
    statuses: [status('a', exit(0)), status('b', exit(1))],
  },
  {
    when: 'all were stopped and it will not run again',
    want: 'Failed',
    terminal: true,
    statuses: [status('a', exit(0)), status('b', exit(137))],
  },
  {
    when: 'all have ended well and it will not run again',
    want: 'Succeeded',
    terminal: true,
    statuses: [status('a', exit(0)), status('b', exit(0))],
  },
  {
    when: 'an init container runs',
    want: 'Pending',
    init: status('i', running),
    statuses: [status('a', waiting), status('b', waiting)],
  },
  {
    when: 'an init container has failed for good',
    want: 'Failed',
    policy: 'Never',
    init: status('i', exit(1)),
    statuses: [status('a', waiting), status('b', waiting)],
  },
  {
    when: 'an init container is started again',
    want: 'Pending',
    init: status('i', waiting, exit(1)),
    statuses: [status('a', waiting), status('b', waiting)],
  },
  {
    when: 'a sidecar is down beside running containers',
    want: 'Running',
    sidecar: true,
    init: status('i', waiting, exit(1)),
    statuses: [status('a', running), status('b', running)],
  },
  { when: 'a status lacks', want: 'Pending', statuses: [status('a', running)] },
];

for (const { when, want, policy = 'Always', init, sidecar, statuses, terminal = false } of cases) {
  test(`phaseOf() gives ${want} when ${when}`, () => {
    const pod = testPod({
      restartPolicy: policy,
      containers: [{ name: 'a' }, { name: 'b' }],
      ...(init ? { initContainers: [{ name: 'i', ...(sidecar ? { restartPolicy: 'Always' } : {}) }] } : {}),
    });
    assert.equal(phaseOf(pod, init ? [init] : [], statuses, terminal), want);
  });
}
