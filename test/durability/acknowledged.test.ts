import assert from 'node:assert/strict';
import { it } from 'node:test';
import { MemoryStore } from '@coxswain/store';
import { Acknowledged } from './acknowledged.ts';

/** What a writer says that creates, updates and deletes. */
const told = ['? /a 1.x', '! 2 /a 1.x', '? /a 1.y', '! 3 /a 1.y', '? /b 1.z', '! 4 /b 1.z', '! 5 /b -'];

async function wholeStore(): Promise<MemoryStore> {
  const store = new MemoryStore();
  await store.create('/a', Buffer.from('x'));
  await store.update('/a', Buffer.from('y'), 2);
  await store.create('/b', Buffer.from('z'));
  await store.delete('/b', 4);
  return store;
}

async function check(store: MemoryStore, lines: readonly string[]): Promise<void> {
  const acknowledged = new Acknowledged();
  for (const line of lines) acknowledged.hear(line);
  await acknowledged.check(store);
}

it('check() takes a store that has what was acknowledged, and a write that was under way', async () => {
  await check(await wholeStore(), told);
  await check(await wholeStore(), [...told.slice(0, 2), '? /a 1.y']);
});

it('check() finds lost, changed and resurrected writes', async () => {
  await assert.rejects(check(await wholeStore(), [...told, '! 6 /c 1.x']), /revision 6 was acknowledged/);
  const store = await wholeStore();
  await store.update('/a', Buffer.from('!'), 3);
  await assert.rejects(check(store, told), /\/a holds 1\.!, but 1\.y was acknowledged/);
  const resurrected = await wholeStore();
  await resurrected.create('/b', Buffer.from('z'));
  await assert.rejects(check(resurrected, told), /\/b holds 1\.z, but undefined was acknowledged/);
  await assert.rejects(check(await wholeStore(), ['! 2 /a 1.q', ...told.slice(2)]), /revision 2/);
  await assert.rejects(check(await wholeStore(), [...told, 'c 4']), /a compaction to 4 was acknowledged/);
});
