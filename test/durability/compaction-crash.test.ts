import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@coxswain/machinery';
import { eventRevision, openEmbeddedStore, type StoreEvent } from '@coxswain/store';
import { countFromEnvironment, SeededRandom, seedOfRun } from '../support/seeded-random.ts';

const kills = countFromEnvironment('COX_COMPACTION_KILLS', 40);
const keys = 200;
const writes = 12_000;
/** Rows of one step are deleted in several transactions of 2,000. */
const step = 7_000;
const random = new SeededRandom(seedOfRun());
const root = mkdtempSync(join(tmpdir(), 'coxswain-compaction-'));
const fixture = fileURLToPath(new URL('./store-compacter.fixture.ts', import.meta.url));
const origin = join(root, 'origin');
after(() => rmSync(root, { recursive: true, force: true }));

const keyOf = (write: number): string => `/k/${write % keys}`;
const textOf = (revision: number): string => `${revision} ${'x'.repeat(revision % 300)}`;

before(async () => {
  const store = await openEmbeddedStore({ dir: origin });
  for (let write = 0; write < writes; ) {
    const batch: Promise<unknown>[] = [];
    for (; batch.length < keys; write++) {
      const value = Buffer.from(textOf(write + 2));
      batch.push(
        write < keys
          ? store.create(keyOf(write), value)
          : store.update(keyOf(write), value, write + 2 - keys),
      );
    }
    await Promise.all(batch);
  }
  await store.close();
});

/** Compacts in a process that is killed some time after it has begun a step; gives the last step it had done. */
async function compactAndKill(dir: string): Promise<{ readonly begun: number; readonly done: number }> {
  const child = spawn(process.execPath, [fixture, dir, String(step)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(root, 'compiled') },
  });
  let begun = 0;
  let done = 0;
  let timer: { cancel(): void } | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('done ')) done = Number(line.slice(5));
    else begun = Number(line);
    timer ??= systemClock.after(random.below(60), () => child.kill('SIGKILL'));
  }
  timer?.cancel();
  return { begun, done };
}

/** The history after the compacted revision, without a gap, and the present: as they were written. */
async function check(dir: string): Promise<number> {
  const store = await openEmbeddedStore({ dir });
  assert.equal(store.revision, writes + 1);
  const { kvs } = await store.range({ prefix: '/k/' });
  assert.equal(kvs.length, keys);
  for (const { value, modRevision } of kvs) {
    assert.ok(modRevision > writes + 1 - keys);
    assert.equal(Buffer.from(value).toString(), textOf(modRevision));
  }
  const { compactedRevision } = store;
  let revision = Math.max(1, compactedRevision);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onEvents = (events: readonly StoreEvent[]): void => {
    for (const event of events) {
      assert.equal(eventRevision(event), ++revision);
      assert.equal(event.kv.key, keyOf(revision - 2));
      assert.equal(Buffer.from(event.kv.value).toString(), textOf(revision));
    }
    if (revision === store.revision) resolve();
  };
  store.watch({ prefix: '', afterRevision: compactedRevision, onEvents, onEnd: (error) => reject(error) });
  await promise;
  await store.close();
  return compactedRevision;
}

it(`a compaction that is killed ${kills} times loses nothing but what it was to forget`, async (t) => {
  const dir = join(root, 'killed');
  let cutShort = 0;
  for (let i = 0; i < kills; i++) {
    rmSync(dir, { recursive: true, force: true });
    cpSync(origin, dir, { recursive: true });
    const { begun, done } = await compactAndKill(dir);
    const compacted = await check(dir);
    assert.ok(compacted >= done, `a compaction to ${done} was acknowledged, ${compacted} is compacted`);
    assert.ok(compacted <= begun, `nothing beyond ${begun} was to be forgotten`);
    if (done < begun) cutShort++;
    // What a compaction that was cut short has left is collected by the stores that come after it.
    assert.equal(await check(dir), compacted);
  }
  assert.ok(cutShort > 0, 'some were killed within a step');
  t.diagnostic(`${cutShort} were killed within a step`);
});

it('space that a compaction has freed is used again', async () => {
  const dir = join(root, 'reused');
  cpSync(origin, dir, { recursive: true });
  const size = statSync(join(dir, 'store.db')).size;
  const store = await openEmbeddedStore({ dir });
  await store.compact(store.revision);
  for (let i = 0; i < 100; i++) {
    const batch = Array.from({ length: 50 }, (_, j) => store.create(`/n/${i}/${j}`, Buffer.alloc(150)));
    await Promise.all(batch);
  }
  await store.close();
  assert.ok(statSync(join(dir, 'store.db')).size <= size * 1.05);
});
