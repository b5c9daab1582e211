import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type KubeObject, MetricsRegistry, VirtualClock } from '@coxswain/machinery';
import type { UserInfo } from '../access/contract.ts';
import { bootstrapObjects } from '../bootstrap/objects.ts';
import { parseRequestInfo } from '../http/request-info.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import { type Ticket, TooManyRequests, type WaitingTicket } from './contract.ts';
import { DroppedRequests } from './dropped-requests.ts';
import { dumpFlowControl } from './dump.ts';
import { FlowControl } from './flow-control.ts';
import { MaxInFlight } from './max-in-flight.ts';

const noResources = { find: () => undefined } as unknown as ResourceRegistry;
const getPod = parseRequestInfo('GET', '/api/v1/namespaces/default/pods/web', false);
const createPod = parseRequestInfo('POST', '/api/v1/namespaces/default/pods', false);

function objects(kind: string): KubeObject[] {
  return bootstrapObjects().flatMap(({ object }) =>
    object.kind === kind
      ? [{ ...object, metadata: { ...object.metadata, uid: `${object.metadata.name}-uid` } }]
      : [],
  );
}

const waitLimitMs = 5_000;

function setUp(serverSeats = 600): { clock: VirtualClock; metrics: MetricsRegistry; control: FlowControl } {
  const clock = new VirtualClock();
  const metrics = new MetricsRegistry();
  const control = new FlowControl({
    clock,
    metrics,
    resources: noResources,
    serverSeats,
  });
  control.digest(objects('PriorityLevelConfiguration'), objects('FlowSchema'));
  return { clock, metrics, control };
}

const alice: UserInfo = { name: 'alice', groups: ['system:authenticated'] };
const root: UserInfo = { name: 'root', groups: ['system:masters', 'system:authenticated'] };

describe('FlowControl', () => {
  test('lets a request run at once and tells how it was classified', () => {
    const { control, clock } = setUp();
    const ticket = control.admit(alice, getPod, {}, waitLimitMs, clock.monotonic()) as Ticket;
    assert.ok(!('ticket' in ticket));
    assert.deepEqual(ticket.classification, {
      levelUid: 'global-default-uid',
      schemaUid: 'global-default-uid',
    });
    assert.equal(control.levels.get('global-default')?.queues.requestsExecuting, 1);
    ticket.release(clock.monotonic());
    assert.ok(control.levels.get('global-default')?.idle);
    control.close();
  });

  test('lets one wait when all seats are taken, and run when one is free', async () => {
    const { control, clock } = setUp(13);
    const limit = control.levels.get('global-default')?.queues.limit as number;
    const running = Array.from(
      { length: limit },
      () => control.admit(alice, getPod, {}, waitLimitMs, 0) as Ticket,
    );
    const waiting = control.admit(alice, getPod, {}, waitLimitMs, 0);
    assert.ok('ticket' in waiting);
    assert.match(
      dumpFlowControl(control, clock, 'dump_requests', true) as string,
      /^global-default, +global-default, +\d+, +0, +alice, +.* +alice, +get, +\/api\/v1\/namespaces\/default\/pods\/web, /m,
    );
    assert.ok(!('ticket' in control.admit(root, getPod, {}, waitLimitMs, 0)), 'the exempt never wait');
    running[0]?.release(clock.monotonic());
    const ticket = await waiting.ticket;
    ticket.release(clock.monotonic());
    control.close();
  });

  test('refuses a request that waits too long, with the time to stay away', async () => {
    const { control, clock, metrics } = setUp(13);
    const limit = control.levels.get('global-default')?.queues.limit as number;
    for (let i = 0; i < limit; i++) void control.admit(alice, getPod, {}, waitLimitMs, 0);
    const { ticket: waiting } = control.admit(alice, getPod, {}, waitLimitMs, 0) as WaitingTicket;
    const refused = assert.rejects(
      waiting,
      (error) => error instanceof TooManyRequests && error.retryAfter === 1,
    );
    await clock.advance(5_000);
    await refused;
    assert.match(
      metrics.text(),
      /apiserver_flowcontrol_rejected_requests_total\{flow_schema="global-default",priority_level="global-default",reason="time-out"\} 1/,
    );
    control.close();
  });

  test('forgets a request whose client leaves while it waits', async () => {
    const { control } = setUp(13);
    const limit = control.levels.get('global-default')?.queues.limit as number;
    for (let i = 0; i < limit; i++) void control.admit(alice, getPod, {}, waitLimitMs, 0);
    const { ticket: waiting, cancel } = control.admit(alice, getPod, {}, waitLimitMs, 0) as WaitingTicket;
    cancel();
    await assert.rejects(waiting, TooManyRequests);
    control.close();
  });

  test('keeps the mandatory levels without any object, and follows changes', () => {
    const { control } = setUp();
    control.digest([], []);
    assert.deepEqual([...control.levels.keys()].sort(), ['catch-all', 'exempt']);
    const ticket = control.admit(alice, getPod, {}, waitLimitMs, 0) as Ticket;
    assert.equal(control.levels.get('catch-all')?.queues.requestsExecuting, 1);
    control.digest(objects('PriorityLevelConfiguration'), objects('FlowSchema'));
    ticket.release(1);
    assert.ok(control.levels.get('catch-all')?.idle);
    control.close();
  });

  test('drains a level that is gone before it forgets it', async () => {
    const { control, clock } = setUp();
    const ticket = control.admit(alice, getPod, {}, waitLimitMs, 0) as Ticket;
    control.digest([], []);
    assert.match(
      dumpFlowControl(control, clock, 'dump_priority_levels', false) as string,
      /^global-default, +0, +false, +true, +0, +1, +1, +0, +0, +0$/m,
    );
    ticket.release(1);
    await clock.advance(10_000);
    assert.equal(control.levels.has('global-default'), false);
    control.close();
  });

  test('lends seats of idle levels to a busy one', async () => {
    const { control, clock } = setUp(60);
    const level = control.levels.get('global-default');
    const nominal = level?.limits.nominal as number;
    const waiting = Array.from({ length: 30 }, () =>
      control.admit(alice, getPod, {}, 15_000, clock.monotonic()),
    );
    await clock.advance(10_000);
    assert.ok((level?.queues.limit as number) > nominal, `${level?.queues.limit} seats`);
    await Promise.all(waiting.map((each) => ('ticket' in each ? each.ticket : each)));
    const lenders = [...control.levels.values()].filter(({ config }) => config.name === 'workload-low');
    assert.ok((lenders[0]?.queues.limit as number) < (lenders[0]?.limits.nominal as number));
    control.close();
  });

  test('takes seats for the watchers of what is written, and gives them back when they were told', async () => {
    const { control, clock, metrics } = setUp();
    const watchPods = parseRequestInfo('GET', '/api/v1/pods', true);
    const ended = Array.from({ length: 40 }, () => control.watchBegins(watchPods, {}));
    const level = control.levels.get('global-default');
    const write = control.admit(alice, createPod, {}, waitLimitMs, clock.monotonic()) as Ticket;
    assert.equal(level?.queues.seatsInUse, 4);
    assert.match(
      dumpFlowControl(control, clock, 'dump_requests', false) as string,
      /^global-default, +global-default, +\d+, +-1, +alice, +2026-01-01T00:00:00Z, +1, +4, +5ms, +2026-01-01T00:00:00Z$/m,
    );
    write.release(clock.monotonic());
    assert.deepEqual([level?.idle, level?.queues.seatsInUse], [true, 4]);
    await clock.advance(5);
    assert.equal(level?.queues.seatsInUse, 0);
    assert.match(
      metrics.text(),
      /apiserver_flowcontrol_watch_count_samples_sum\{flow_schema="global-default",priority_level="global-default"\} 40/,
    );
    for (const end of ended) end();
    (control.admit(alice, createPod, {}, waitLimitMs, clock.monotonic()) as Ticket).release(
      clock.monotonic(),
    );
    assert.equal(level?.queues.seatsInUse, 0);
    control.close();
  });

  test('weighs how full a level was by the time it was', async () => {
    const { control, clock, metrics } = setUp();
    const before = clock.monotonic();
    const ticket = control.admit(alice, getPod, {}, waitLimitMs, before) as Ticket;
    await clock.advance(3);
    ticket.release(clock.monotonic());
    await clock.advance(4);
    const family = 'apiserver_flowcontrol_priority_level_seat_utilization_bucket';
    const empty = `${family}{phase="executing",priority_level="global-default",le="0"} 4e+06`;
    const some = `${family}{phase="executing",priority_level="global-default",le="0.1"} 7e+06`;
    const text = metrics.text();
    assert.ok(text.includes(empty) && text.includes(some), text);
    control.close();
  });

  test('does not remember more kinds of requests than it needs', () => {
    const { control } = setUp();
    for (let i = 0; i < 3000; i++) {
      const info = parseRequestInfo('GET', `/nothing/${i}`, false);
      (control.admit(alice, info, {}, waitLimitMs, 0) as Ticket).release(0);
    }
    assert.ok(control.levels.get('global-default')?.idle);
    control.close();
  });
});

describe('DroppedRequests', () => {
  test('raises the time to stay away under load and lowers it afterwards', async () => {
    const clock = new VirtualClock();
    const dropped = new DroppedRequests(clock);
    const told: number[] = [];
    for (let second = 0; second < 4; second++) {
      for (let i = 0; i < 40; i++) dropped.record('a');
      told.push(dropped.retryAfter('a'));
      await clock.advance(1000);
    }
    assert.deepEqual(told, [1, 2, 2, 4]);
    await clock.advance(60_000);
    dropped.record('a');
    assert.equal(dropped.retryAfter('a'), 3);
    assert.equal(dropped.retryAfter('b'), 1);
  });
});

describe('MaxInFlight', () => {
  test('refuses what is too much, reads and writes apart, but never an administrator', () => {
    const limiter = new MaxInFlight(1, 1, new MetricsRegistry());
    const read = limiter.admit(alice, getPod);
    const write = limiter.admit(alice, createPod);
    assert.throws(() => limiter.admit(alice, getPod), TooManyRequests);
    assert.throws(() => limiter.admit(alice, createPod), TooManyRequests);
    limiter.admit(root, getPod).release(0);
    read.release(0);
    limiter.admit(alice, getPod).release(0);
    write.release(0);
  });

  test('counts watches not at all', () => {
    const limiter = new MaxInFlight(1, 1, new MetricsRegistry());
    const watch = parseRequestInfo('GET', '/api/v1/pods', true);
    for (let i = 0; i < 3; i++) limiter.admit(alice, watch);
    limiter.admit(alice, getPod);
  });
});
