import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Client } from '@coxswain/client';
import { newForbidden, VirtualClock } from '@coxswain/machinery';
import { createEventRecorder } from './event-recorder.ts';
import { FakeTransport } from './fake-transport.ts';

const events = { group: '', version: 'v1', resource: 'events' };
const pod = {
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name: 'web', namespace: 'default', uid: 'u1', resourceVersion: '7' },
};

function setUp() {
  const clock = new VirtualClock();
  const transport = new FakeTransport({ clock });
  const recorder = createEventRecorder(new Client(transport), { component: 'kubelet', host: 'n1', clock });
  return { clock, transport, recorder };
}

it('event() writes an Event with the fields that upstream sets', async () => {
  const { clock, transport, recorder } = setUp();
  const options = { fieldPath: 'spec.containers{web}' };
  recorder.event(pod, 'Normal', 'Pulled', 'Container image already present', options);
  await clock.advance(0);
  const [event] = transport.all(events);
  assert.match(event?.metadata.name ?? '', /^web\.[0-9a-f]{16}$/);
  const { kind, metadata, apiVersion, ...rest } = event!;
  assert.deepEqual([kind, apiVersion, metadata.namespace], ['Event', 'v1', 'default']);
  assert.deepEqual(rest, {
    involvedObject: {
      kind: 'Pod',
      namespace: 'default',
      name: 'web',
      uid: 'u1',
      apiVersion: 'v1',
      resourceVersion: '7',
      fieldPath: 'spec.containers{web}',
    },
    reason: 'Pulled',
    message: 'Container image already present',
    source: { component: 'kubelet', host: 'n1' },
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    count: 1,
    type: 'Normal',
    eventTime: null,
    reportingComponent: 'kubelet',
    reportingInstance: 'n1',
  });
});

it('a repeated event raises the count of the first', async () => {
  const { clock, transport, recorder } = setUp();
  for (let i = 0; i < 3; i++) {
    recorder.event(pod, 'Warning', 'BackOff', 'Back-off restarting failed container');
    await clock.advance(10_000);
  }
  const all = transport.all(events);
  assert.equal(all.length, 1);
  assert.deepEqual(
    [all[0]?.['count'], all[0]?.['firstTimestamp'], all[0]?.['lastTimestamp']],
    [3, '2026-01-01T00:00:00Z', '2026-01-01T00:00:20Z'],
  );
});

it('a repeated event whose first has expired is written anew with the count so far', async () => {
  const { clock, transport, recorder } = setUp();
  recorder.event(pod, 'Warning', 'BackOff', 'm');
  await clock.advance(0);
  const client = new Client(transport).resource(events, 'default');
  await client.delete(transport.all(events)[0]?.metadata.name ?? '');
  recorder.event(pod, 'Warning', 'BackOff', 'm');
  await clock.advance(0);
  assert.deepEqual(
    transport.all(events).map((event) => event['count']),
    [2],
  );
});

it('the tenth different message of one reason and its followers become one combined event', async () => {
  const { clock, transport, recorder } = setUp();
  for (let i = 1; i <= 12; i++) recorder.event(pod, 'Warning', 'Failed', `message ${i}`);
  await clock.advance(0);
  const all = transport.all(events);
  assert.equal(all.length, 10);
  const combined = all.filter((event) => event['message'].startsWith('(combined from similar events): '));
  assert.deepEqual(
    combined.map((event) => [event['message'], event['count']]),
    [['(combined from similar events): message 12', 3]],
  );
});

it('a flood about one object is cut at 25, then one in 5 minutes passes', async () => {
  const { clock, transport, recorder } = setUp();
  for (let i = 0; i < 60; i++) recorder.event(pod, 'Normal', `Reason${i}`, 'm');
  await clock.advance(0);
  assert.equal(transport.all(events).length, 25);
  await clock.advance(300_000);
  recorder.event(pod, 'Normal', 'Later', 'm');
  recorder.event(pod, 'Normal', 'TooMuch', 'm');
  await clock.advance(0);
  assert.equal(transport.all(events).length, 26);
});

it('an unreachable server is tried again after 10 s, a refusal is final', async () => {
  const { clock, transport, recorder } = setUp();
  let failures = 2;
  transport.intercept = () => {
    if (failures-- > 0) throw new Error('connection refused');
    return undefined;
  };
  recorder.event(pod, 'Normal', 'Started', 'm');
  await clock.advance(10_000);
  assert.equal(transport.all(events).length, 0);
  await clock.advance(10_000);
  assert.equal(transport.all(events).length, 1);
  transport.intercept = () => {
    throw newForbidden(events, '', 'because it is being terminated');
  };
  recorder.event(pod, 'Normal', 'Killing', 'm');
  await clock.advance(0);
  transport.intercept = undefined;
  await clock.advance(60_000);
  assert.equal(transport.all(events).length, 1);
});
