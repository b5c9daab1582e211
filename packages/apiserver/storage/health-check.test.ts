import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@coxswain/machinery';
import { MemoryStore, type Store } from '@coxswain/store';
import type { FollowedStore } from './follow-store.ts';
import { storeHealth } from './health-check.ts';

const following: FollowedStore = { fault: () => undefined, close: () => {} };
const timedOut = 'error getting data from etcd: context deadline exceeded';

/** A store of several servers whose answers are given by hand. */
class Answering extends MemoryStore {
  asked = 0;
  answer: (fault?: Error) => void = () => {};

  readRevision(): Promise<number> {
    this.asked++;
    return new Promise((resolve, reject) => {
      this.answer = (fault) => (fault === undefined ? resolve(1) : reject(fault));
    });
  }
}

function checked(): { clock: VirtualClock; store: Answering; check: () => Promise<string | undefined> } {
  const clock = new VirtualClock();
  const store = new Answering({ clock });
  return { clock, store, check: storeHealth(store, following, clock, 2000) };
}

test('storeHealth() tells why the store does not answer, or that it takes too long', async () => {
  const { clock, store, check } = checked();
  const first = check();
  store.answer(new Error('no leader'));
  assert.equal(await first, 'error getting data from etcd: no leader');
  await clock.advance(1000);
  const second = check();
  await clock.advance(2000);
  assert.equal(await second, timedOut);
});

test('storeHealth() asks once in half of its time, and tells what it knows meanwhile', async () => {
  const { clock, store, check } = checked();
  const first = check();
  assert.equal(await check(), undefined);
  await clock.advance(2000);
  assert.equal(await first, timedOut);
  await clock.advance(1000);
  const second = check();
  assert.equal(await check(), timedOut);
  // The read that took too long is still under way.
  assert.equal(store.asked, 1);
  store.answer();
  assert.equal(await second, undefined);
  assert.equal(await check(), undefined);
  await clock.advance(1000);
  const third = check();
  store.answer();
  assert.equal(await third, undefined);
  assert.equal(store.asked, 2);
});

test('storeHealth() says at once that the store is not followed', async () => {
  const store: Store = new MemoryStore({ clock: new VirtualClock() });
  const behind: FollowedStore = { fault: () => 'the store ended the watch: closed', close: () => {} };
  assert.equal(
    await storeHealth(store, behind, new VirtualClock(), 2000)(),
    'the store ended the watch: closed',
  );
  assert.equal(await storeHealth(store, following, new VirtualClock(), 2000)(), undefined);
});
