import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@coxswain/machinery';
import { Deadlined, DeadlineList } from './deadline-list.ts';

class Item extends Deadlined {
  readonly #expired: string[];
  readonly #name: string;

  constructor(name: string, expired: string[]) {
    super();
    this.#name = name;
    this.#expired = expired;
  }

  expire(): void {
    this.#expired.push(this.#name);
  }
}

test('DeadlineList expires what was not taken out in time, in order, with one timer', async () => {
  const clock = new VirtualClock();
  const list = new DeadlineList(clock, 1000);
  const expired: string[] = [];
  const items = ['a', 'b', 'c', 'd'].map((name) => new Item(name, expired));
  for (const item of items) {
    list.add(item, clock.monotonic());
    await clock.advance(100);
  }
  assert.equal(clock.waiting, 1);
  list.remove(items[1] as Item);
  list.remove(items[1] as Item);
  await clock.advance(599);
  assert.deepEqual(expired, []);
  await clock.advance(1);
  assert.deepEqual(expired, ['a']);
  list.add(items[3] as Item, clock.monotonic());
  await clock.advance(200);
  assert.deepEqual(expired, ['a', 'c']);
  await clock.advance(800);
  assert.deepEqual(expired, ['a', 'c', 'd']);
  assert.equal(clock.waiting, 0);
});
