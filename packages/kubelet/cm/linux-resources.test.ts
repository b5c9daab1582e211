import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testPod } from '../testing/fixtures.ts';
import { bytes, cpuAndMemory, milliCpu, oomScoreAdj } from './linux-resources.ts';
import { podCgroupLimits, podTotal } from './pod-resources.ts';

const gi = 2 ** 30;

for (const [when, resources, want] of [
  ['there are none', {}, { cpuShares: 2 }],
  ['there is a request', { requests: { cpu: '500m', memory: '1Gi' } }, { cpuShares: 512 }],
  [
    'there are limits alone',
    { limits: { cpu: '2', memory: '64Mi' } },
    { cpuShares: 2048, cpuPeriod: 100_000, cpuQuota: 200_000, memoryLimitInBytes: 64 * 2 ** 20 },
  ],
  ['the limit is tiny', { limits: { cpu: '1m' } }, { cpuShares: 2, cpuPeriod: 100_000, cpuQuota: 1_000 }],
] as const) {
  test(`cpuAndMemory() gives ${JSON.stringify(want)} when ${when}`, () => {
    assert.deepEqual(cpuAndMemory(resources), want);
  });
}

for (const [qos, memory, critical, want] of [
  ['Guaranteed', '1Gi', false, -997],
  ['BestEffort', undefined, false, 1000],
  ['BestEffort', undefined, true, -997],
  ['Burstable', '2Gi', false, 500],
  ['Burstable', undefined, false, 999],
  ['Burstable', '4Gi', false, 3],
] as const) {
  test(`oomScoreAdj() gives ${want} when a ${critical ? 'critical ' : ''}${qos} container asks for ${memory}`, () => {
    const container = { name: 'a', resources: memory === undefined ? {} : { requests: { memory } } };
    assert.equal(oomScoreAdj(container, qos, critical, 4 * gi), want);
  });
}

const cpu = (request: string, parts: object = {}) => ({
  name: 'c',
  resources: { requests: { cpu: request } },
  ...parts,
});

test('podTotal() takes the most of init containers one by one and of the others together', () => {
  const total = (init: object[], main: object[]): number =>
    podTotal(
      testPod({ initContainers: init as never, containers: main as never }),
      'requests',
      'cpu',
      milliCpu,
    );
  assert.equal(total([], [cpu('1'), cpu('500m')]), 1500);
  assert.equal(total([cpu('3')], [cpu('1')]), 3000);
  const sidecar = cpu('1', { restartPolicy: 'Always' });
  assert.equal(total([sidecar], [cpu('1')]), 2000);
  assert.equal(total([sidecar, cpu('2')], [cpu('1')]), 3000);
  assert.equal(total([cpu('2'), sidecar], [cpu('500m')]), 2000);
});

test('podCgroupLimits() limits the pod only when every container is limited', () => {
  const limited = { name: 'a', resources: { limits: { cpu: '1', memory: '1Gi' } } };
  const free = { name: 'b', resources: { requests: { cpu: '250m' } } };
  assert.deepEqual(podCgroupLimits(testPod({ containers: [limited, limited] })), {
    cpuShares: 2048,
    cpuQuota: 200_000,
    memory: 2 * gi,
  });
  assert.deepEqual(podCgroupLimits(testPod({ containers: [limited, free] })), { cpuShares: 1280 });
  assert.equal(bytes(undefined), 0);
});
