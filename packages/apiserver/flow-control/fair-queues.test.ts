import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { VirtualClock } from '@coxswain/machinery';
import { FairQueues } from './fair-queues.ts';
import { formatSeatSeconds } from './seat-work.ts';
import { SeatedRequest } from './seated-request.ts';
import { oneSeat, type WorkEstimate } from './work-estimate.ts';

const settings = { queues: 8, handSize: 1, queueLengthLimit: 3 };
const waitLimitMs = 15_000;

/** A queue set whose requests tell what became of them. */
class Scene {
  readonly clock = new VirtualClock();
  readonly queues: FairQueues;
  readonly told: string[] = [];

  constructor(limit: number, changes: Partial<typeof settings> = {}) {
    this.queues = new FairQueues(this.clock, { ...settings, ...changes }, limit, () => {});
  }

  start(name: string, queue: number, estimate: WorkEstimate = oneSeat): SeatedRequest | string {
    const request = new SeatedRequest(estimate, this.clock.monotonic());
    const rejection = this.queues.start(request, [queue], waitLimitMs);
    if (rejection !== undefined) return rejection;
    if (request.started < 0) {
      request.decide = (rejection) => void this.told.push(`${name} ${rejection ?? 'runs'}`);
    }
    return request;
  }

  finish(request: SeatedRequest | string): void {
    this.queues.finish(request as SeatedRequest, this.clock.monotonic());
  }
}

describe('FairQueues', () => {
  test('lets requests run while there are seats, and the next when one is given back', () => {
    const scene = new Scene(2);
    const first = scene.start('a', 0) as SeatedRequest;
    const second = scene.start('b', 0) as SeatedRequest;
    const third = scene.start('c', 0) as SeatedRequest;
    assert.deepEqual([first.started >= 0, second.started >= 0, third.started >= 0], [true, true, false]);
    scene.finish(first);
    assert.deepEqual(scene.told, ['c runs']);
    assert.equal(scene.queues.seatsInUse, 2);
  });

  test('serves flows by turns, however many requests one of them sends', async () => {
    const scene = new Scene(1, { queueLengthLimit: 50 });
    let running = scene.start('first', 0);
    const waiting: Record<string, SeatedRequest> = {};
    for (let i = 0; i < 6; i++) waiting[`a${i}`] = scene.start(`a${i}`, 0) as SeatedRequest;
    for (let i = 0; i < 2; i++) waiting[`b${i}`] = scene.start(`b${i}`, 1) as SeatedRequest;
    for (let i = 0; i < 8; i++) {
      await scene.clock.advance(10);
      scene.finish(running);
      running = waiting[(scene.told.at(-1) as string).split(' ')[0] as string] as SeatedRequest;
    }
    const order = scene.told.map((line) => line.slice(0, 2));
    assert.deepEqual(order.slice(0, 4).toSorted(), ['a0', 'a1', 'b0', 'b1']);
    assert.deepEqual(order.slice(4), ['a2', 'a3', 'a4', 'a5']);
  });

  test('refuses when the queue is full', () => {
    const scene = new Scene(1);
    scene.start('a', 0);
    for (const name of ['b', 'c', 'd']) scene.start(name, 0);
    assert.equal(scene.start('e', 0), 'queue-full');
    assert.ok(scene.start('f', 1) instanceof SeatedRequest, 'another flow has its own queue');
    assert.equal(scene.queues.rejected, 1);
  });

  test('refuses at once without queues', () => {
    const scene = new Scene(1, { queues: 0 });
    const first = scene.start('a', 0);
    assert.equal(scene.start('b', 0), 'concurrency-limit');
    scene.finish(first);
    assert.ok(scene.start('c', 0) instanceof SeatedRequest);
  });

  test('gives up requests that wait too long', async () => {
    const scene = new Scene(1);
    scene.start('a', 0);
    scene.start('b', 0);
    await scene.clock.advance(14_999);
    assert.deepEqual(scene.told, []);
    await scene.clock.advance(1);
    assert.deepEqual(scene.told, ['b time-out']);
    assert.deepEqual([scene.queues.cancelled, scene.queues.requestsWaiting], [1, 0]);
  });

  test('forgets requests whose client left', () => {
    const scene = new Scene(1);
    const first = scene.start('a', 0);
    scene.queues.cancel(scene.start('b', 0) as SeatedRequest);
    assert.deepEqual(scene.told, ['b time-out']);
    scene.finish(first);
    assert.ok(scene.queues.idle);
  });

  test('lets a request that is wider than everything run alone', () => {
    const scene = new Scene(4);
    const narrow = scene.start('a', 0);
    assert.equal((scene.start('wide', 1, { ...oneSeat, initialSeats: 10 }) as SeatedRequest).started, -1);
    scene.finish(narrow);
    assert.deepEqual(scene.told, ['wide runs']);
    assert.equal((scene.start('b', 0) as SeatedRequest).started, -1);
  });

  test('holds the seats of what a request sets off until that is over', async () => {
    const scene = new Scene(2);
    const write = scene.start('write', 0, { initialSeats: 1, finalSeats: 2, additionalMs: 50 });
    scene.start('next', 1);
    scene.finish(write);
    assert.deepEqual([scene.queues.requestsExecuting, scene.queues.seatsInUse], [0, 2]);
    await scene.clock.advance(49);
    assert.deepEqual(scene.told, []);
    await scene.clock.advance(1);
    assert.deepEqual(scene.told, ['next runs']);
  });

  test('does what a request sets off on no more seats than there are, for longer', async () => {
    const scene = new Scene(2);
    const write = scene.start('write', 0, { initialSeats: 1, finalSeats: 6, additionalMs: 10 });
    assert.deepEqual((write as SeatedRequest).estimate, {
      initialSeats: 1,
      finalSeats: 2,
      additionalMs: 30,
    });
    scene.finish(write);
    await scene.clock.advance(30);
    assert.equal(scene.queues.seatsInUse, 0);
  });

  test('takes the queue of the hand with the least work, each time from another card on', () => {
    const scene = new Scene(0);
    const hand = [3, 5];
    for (let i = 0; i < 3; i++) {
      const request = new SeatedRequest(oneSeat, 0);
      scene.queues.start(request, hand, waitLimitMs);
    }
    const wide = new SeatedRequest({ ...oneSeat, initialSeats: 9 }, 0);
    scene.queues.start(wide, hand, waitLimitMs);
    scene.queues.start(new SeatedRequest(oneSeat, 0), hand, waitLimitMs);
    const waiting = [3, 5].map((index) => scene.queues.queues[index]?.waiting.length);
    assert.deepEqual(waiting, [3, 2]);
    assert.equal(wide.queue?.index, 5);
  });

  test('tells how far the queues are', async () => {
    const scene = new Scene(1);
    const first = scene.start('a', 0);
    scene.start('b', 1);
    await scene.clock.advance(10);
    scene.finish(first);
    const { dispatch, progress } = scene.queues;
    assert.deepEqual([progress, dispatch.at, dispatch.latest, dispatch.nextMin].map(formatSeatSeconds), [
      '0.00500000ss',
      '0.00500000ss',
      '0.00000000ss',
      '0.00000000ss',
    ]);
  });

  test('drains queues that are too many and lets more run when the limit grows', () => {
    const scene = new Scene(1);
    const last = scene.start('a', 7);
    scene.start('b', 7);
    scene.queues.configure({ ...settings, queues: 2 }, 1);
    assert.equal(scene.queues.queues.length, 8);
    scene.queues.setLimit(2);
    assert.deepEqual(scene.told, ['b runs']);
    scene.finish(last);
    assert.equal(scene.queues.queues.length, 8);
  });
});
