import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Client } from '@coxswain/client';
import { VirtualClock } from '@coxswain/machinery';
import { FakeTransport } from './fake-transport.ts';
import { LeaderElector } from './leader-elector.ts';

const leases = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' };

function setUp() {
  const clock = new VirtualClock();
  const transport = new FakeTransport({ clock });
  const log: string[] = [];
  const candidate = (identity: string, over?: FakeTransport) => {
    const stop = new AbortController();
    const elector = new LeaderElector({
      client: new Client(over ?? transport),
      namespace: 'kube-system',
      name: 'scheduler',
      identity,
      clock,
      random: () => 0,
      onStartedLeading: () => void log.push(`${identity} leads`),
      onStoppedLeading: () => void log.push(`${identity} stopped`),
    });
    return { elector, stop, done: elector.run(stop.signal) };
  };
  const spec = () => transport.find(leases, 'kube-system/scheduler')?.['spec'];
  return { clock, transport, log, candidate, spec };
}

it('one candidate leads, and the next follows at once when it gives the lease up', async () => {
  const { clock, log, candidate, spec } = setUp();
  const a = candidate('a');
  await clock.advance(0);
  const b = candidate('b');
  await clock.advance(60_000);
  assert.deepEqual(log, ['a leads']);
  assert.deepEqual(
    [spec().holderIdentity, spec().leaseDurationSeconds, spec().leaseTransitions],
    ['a', 15, 0],
  );
  assert.equal(spec().acquireTime, '2026-01-01T00:00:00.000000Z');
  assert.equal(spec().renewTime, '2026-01-01T00:01:00.000000Z');
  a.stop.abort();
  await a.done;
  assert.equal(spec().holderIdentity, '');
  await clock.advance(2_000);
  assert.deepEqual(log, ['a leads', 'a stopped', 'b leads']);
  assert.equal(spec().leaseTransitions, 1);
  b.stop.abort();
  await b.done;
});

it('a leader that cannot renew stops before another takes over', async () => {
  const { clock, transport, log, candidate } = setUp();
  // The leader loses its way to the server; the other candidate does not.
  const cut = new FakeTransport({ clock });
  let broken = false;
  cut.request = (request) =>
    broken ? Promise.reject(new Error('connection refused')) : transport.request(request);
  const a = candidate('a', cut);
  await clock.advance(0);
  const b = candidate('b');
  await clock.advance(4_000);
  broken = true;
  await clock.advance(12_000);
  assert.deepEqual(log, ['a leads', 'a stopped']);
  await a.done;
  await clock.advance(10_000);
  assert.deepEqual(log, ['a leads', 'a stopped', 'b leads']);
  b.stop.abort();
  await b.done;
});
