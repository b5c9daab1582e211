import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RuntimePod } from '../pleg/runtime-pod.ts';
import { ProbeResults } from '../prober/results.ts';
import { ran, runtimePod, testPod } from '../testing/fixtures.ts';
import type { Pod } from '../types.ts';
import { computePodActions } from './pod-actions.ts';

const a = { name: 'a', image: 'example.com/a:1' };
const b = { name: 'b', image: 'example.com/b:1' };
const init = { name: 'init', image: 'example.com/init:1' };
const sidecar = { name: 'sidecar', image: 'example.com/sidecar:1', restartPolicy: 'Always' };

/** The decision in a few words. */
function decide(pod: Pod, runtime: RuntimePod, failed: { liveness?: string; startup?: string } = {}): string {
  const probes = { liveness: new ProbeResults(), startup: new ProbeResults() };
  if (failed.liveness) probes.liveness.set(failed.liveness, 'failure', 'uid-1');
  if (failed.startup) probes.startup.set(failed.startup, 'failure', 'uid-1');
  const actions = computePodActions(pod, runtime, probes);
  const words = [
    actions.killPod && 'kill pod',
    actions.createSandbox && `create sandbox ${actions.attempt}`,
    ...actions.toKill.map((k) => `kill ${k.name}: ${k.message}`),
    ...actions.ephemeralToStart.map((c) => `start ephemeral ${c.name}`),
    ...actions.initToStart.map((c) => `start init ${c.name}`),
    ...actions.toStart.map((c) => `start ${c.name}`),
  ];
  return words.filter((w) => w !== false).join('; ');
}

const always = testPod({ containers: [a, b] });
const never = testPod({ containers: [a, b], restartPolicy: 'Never' });
const onFailure = testPod({ containers: [a, b], restartPolicy: 'OnFailure' });
const withInit = testPod({ containers: [a], initContainers: [init] });
const withSidecar = testPod({ containers: [a], initContainers: [sidecar, init] });

const cases: readonly (readonly [
  string,
  Pod,
  RuntimePod,
  string,
  { liveness?: string; startup?: string }?,
])[] = [
  ['there is nothing yet', always, runtimePod([], null), 'kill pod; create sandbox 0; start a; start b'],
  ['all runs', always, runtimePod([ran(a, 'running'), ran(b, 'running')]), ''],
  ['one has ended', always, runtimePod([ran(a, 'running'), ran(b, 'exited')]), 'start b'],
  [
    'the sandbox is gone',
    always,
    runtimePod([ran(a, 'exited')], { ready: false }),
    'kill pod; create sandbox 1; start a; start b',
  ],
  [
    'one is not to be started again and the other runs',
    never,
    runtimePod([ran(a, 'running'), ran(b, 'exited', { exitCode: 1 })]),
    '',
  ],
  [
    'none is to be started again',
    never,
    runtimePod([ran(a, 'exited'), ran(b, 'exited', { exitCode: 1 })]),
    'kill pod',
  ],
  [
    'the sandbox of one that may not run again is gone',
    never,
    runtimePod([ran(a, 'exited'), ran(b, 'exited')], { ready: false }),
    'kill pod',
  ],
  [
    'only the failed one is to be started again',
    onFailure,
    runtimePod([ran(a, 'exited'), ran(b, 'exited', { exitCode: 1 })]),
    'start b',
  ],
  [
    'only the failed one is to be started again in a new sandbox',
    onFailure,
    runtimePod([ran(a, 'exited'), ran(b, 'exited', { exitCode: 1 })], { ready: false }),
    'kill pod; create sandbox 1; start b',
  ],
  [
    'the image was changed',
    testPod({ containers: [{ ...a, image: 'example.com/a:2' }, b] }),
    runtimePod([ran(a, 'running'), ran(b, 'running')]),
    'kill a: Container a definition changed, will be restarted; start a',
  ],
  [
    'a liveness probe has failed',
    always,
    runtimePod([ran(a, 'running'), ran(b, 'running')]),
    'kill b: Container b failed liveness probe, will be restarted; start b',
    { liveness: 'b-id' },
  ],
  [
    'a startup probe has failed and nothing is started again',
    never,
    runtimePod([ran(a, 'running'), ran(b, 'running')]),
    'kill b: Container b failed startup probe',
    { startup: 'b-id' },
  ],
  [
    'the pod is being deleted',
    testPod({ containers: [a, b] }, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    runtimePod([ran(a, 'running'), ran(b, 'exited')]),
    '',
  ],
  [
    'init containers come first',
    withInit,
    runtimePod([], null),
    'kill pod; create sandbox 0; start init init',
  ],
  ['an init container runs', withInit, runtimePod([ran(init, 'running')]), ''],
  ['an init container has succeeded', withInit, runtimePod([ran(init, 'exited')]), 'start a'],
  [
    'an init container has failed',
    withInit,
    runtimePod([ran(init, 'exited', { exitCode: 1 })]),
    'start init init',
  ],
  [
    'an init container has failed for good',
    testPod({ containers: [a], initContainers: [init], restartPolicy: 'Never' }),
    runtimePod([ran(init, 'exited', { exitCode: 1 })]),
    'kill pod',
  ],
  ['an init container of before was removed', withInit, runtimePod([ran(a, 'exited')]), 'start a'],
  ['a sidecar runs', withSidecar, runtimePod([ran(sidecar, 'running')]), 'start init init'],
  [
    'a sidecar waits for its startup probe',
    testPod({ containers: [a], initContainers: [{ ...sidecar, startupProbe: {} }, init] }),
    runtimePod([ran(sidecar, 'running')]),
    '',
  ],
  [
    'a sidecar has ended beside the others',
    withSidecar,
    runtimePod([ran(sidecar, 'exited'), ran(init, 'exited'), ran(a, 'running')]),
    'start init sidecar',
  ],
  [
    'an ephemeral container was added',
    testPod({ containers: [a], ephemeralContainers: [{ name: 'debug', image: 'example.com/debug:1' }] }),
    runtimePod([ran(a, 'running')]),
    'start ephemeral debug',
  ],
  [
    'the exit code is one that is restarted by rule',
    testPod({
      restartPolicy: 'Never',
      containers: [
        {
          ...a,
          restartPolicy: 'Never',
          restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
        },
      ],
    }),
    runtimePod([ran(a, 'exited', { exitCode: 42 })]),
    'start a',
  ],
];

for (const [when, pod, runtime, want, failed] of cases) {
  test(`computePodActions() decides "${want}" when ${when}`, () => {
    assert.equal(decide(pod, runtime, failed), want);
  });
}
