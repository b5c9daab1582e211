import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedRuntime } from '@coxswain/cri';
import { silentLogger, VirtualClock } from '@coxswain/machinery';
import { testPod } from '../testing/fixtures.ts';
import type { Pod, PodStatus } from '../types.ts';
import { EvictionManager } from './eviction-manager.ts';
import { parseMeminfo } from './observations.ts';
import { rankForEviction } from './rank-pods.ts';
import { type Observation, parseThresholds, passedThresholds, type Signal } from './thresholds.ts';

const mi = 2 ** 20;

function pod(name: string, memory: string, priority = 0): Pod {
  const containers = [{ name, resources: { requests: { memory } } }];
  return testPod({ containers, priority }, { name, uid: name });
}

test('rankForEviction() puts those beyond their request first, then low priority, then the greediest', () => {
  const usages = [
    { pod: pod('modest', '100Mi'), used: 50 * mi },
    { pod: pod('important', '100Mi', 1000), used: 500 * mi },
    { pod: pod('greedy', '100Mi'), used: 400 * mi },
    { pod: pod('over', '100Mi'), used: 200 * mi },
    { pod: pod('critical', '0', 2_000_000_000), used: 900 * mi },
  ];
  assert.deepEqual(
    rankForEviction(usages, 'memory').map((u) => u.pod.metadata.name),
    ['greedy', 'over', 'important', 'modest'],
  );
});

test('passedThresholds() compares amounts and shares of the capacity', () => {
  const thresholds = parseThresholds({ 'memory.available': '100Mi', 'nodefs.available': '10%' });
  const signalsOf = (memory: number, disk: number): string[] => {
    const observations = new Map<Signal, Observation>([
      ['memory.available', { available: memory * mi, capacity: 1000 * mi }],
      ['nodefs.available', { available: disk, capacity: 100 }],
    ]);
    return passedThresholds(thresholds, observations).map((t) => t.signal);
  };
  assert.deepEqual(signalsOf(100, 10), []);
  assert.deepEqual(signalsOf(99, 10), ['memory.available']);
  assert.deepEqual(signalsOf(100, 9), ['nodefs.available']);
  assert.throws(
    () => parseThresholds({ 'luck.available': '1' }),
    /unsupported eviction signal "luck.available"/,
  );
});

test('parseMeminfo() reads what is available of the whole', () => {
  const text = 'MemTotal:       1000 kB\nMemFree:         10 kB\nMemAvailable:    400 kB\n';
  assert.deepEqual(parseMeminfo(text), { available: 400 * 1024, capacity: 1000 * 1024 });
});

test('synchronize() evicts one pod a time while memory is short, and refuses best effort pods', async () => {
  const clock = new VirtualClock();
  let available = 50 * mi;
  const killed: [string, PodStatus | undefined][] = [];
  const manager = new EvictionManager({
    runtime: new SimulatedRuntime({ clock }),
    clock,
    logger: silentLogger,
    thresholds: parseThresholds({ 'memory.available': '100Mi' }),
    observe: async () => new Map([['memory.available', { available, capacity: 1000 * mi }]]),
    collectImages: async () => {},
    pods: () => [pod('a', '0'), pod('b', '0', 10)],
    kill: (victim, kill) => killed.push([victim.metadata.name ?? '', kill.status?.({})]),
    record: () => {},
    onChange: () => {},
  });
  await manager.synchronize();
  assert.equal(killed.length, 1);
  const [name, status] = killed[0] ?? [];
  assert.equal(name, 'a');
  assert.deepEqual([status?.phase, status?.reason], ['Failed', 'Evicted']);
  assert.equal(
    status?.message,
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. ',
  );
  assert.equal(manager.admit(testPod({ containers: [{ name: 'x' }] }))?.reason, 'Evicted');
  assert.equal(manager.admit(pod('asks', '10Mi')), undefined);

  available = 500 * mi;
  await manager.synchronize();
  assert.equal(killed.length, 1);
  assert.ok(manager.has('MemoryPressure'));
  await clock.advance(300_000);
  assert.ok(!manager.has('MemoryPressure'));
});
