import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DataDirError, type StoreEvent } from './contract.ts';
import { openEmbeddedStore } from './embedded-store.ts';
import { eventRevision } from './event-log.ts';

const root = mkdtempSync(join(tmpdir(), 'coxswain-crash-'));
const fixture = fileURLToPath(new URL('./crash-writer.fixture.ts', import.meta.url));
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

/** Runs a writer until it has acknowledged so many writes, kills it, and gives the lines it printed. */
async function runAndKill(dir: string, acknowledged: number): Promise<string[]> {
  const child = spawn(process.execPath, [fixture, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === acknowledged) child.kill('SIGKILL');
  }
  assert.equal(child.signalCode ?? (await once(child, 'exit'))[1], 'SIGKILL');
  return lines.slice(1);
}

it('every write that was acknowledged before a kill -9 is there afterwards, three times over', async () => {
  const dir = join(root, 'killed');
  let highest = 0;
  for (const count of [400, 1_500, 3_000]) {
    const lines = await runAndKill(dir, count);
    assert.ok(lines.length >= count - 1);
    const last = new Map<string, { revision: number; value: string }>();
    for (const line of lines) {
      const [revision = '', key = '', value = ''] = line.split(' ');
      last.set(key, { revision: Number(revision), value });
      highest = Math.max(highest, Number(revision));
    }
    const store = await openEmbeddedStore({ dir });
    assert.ok(store.revision >= highest, `revision ${store.revision}, ${highest} was acknowledged`);
    const { kvs } = await store.range({ prefix: '/w/' });
    const found = new Map(kvs.map((kv) => [kv.key, kv]));
    for (const [key, { revision, value }] of last) {
      const kv = found.get(key);
      // A write that was done but not yet acknowledged may have followed.
      if (kv === undefined || kv.modRevision > revision) continue;
      assert.equal(kv.modRevision, revision, key);
      assert.equal(Buffer.from(kv.value).toString().startsWith(`${value}-`), true, key);
    }
    await assertHistoryFits(store, last);
    await store.close();
  }
});

/** The history after the compaction tells of every acknowledged write, and without gaps. */
async function assertHistoryFits(
  store: Awaited<ReturnType<typeof openEmbeddedStore>>,
  last: ReadonlyMap<string, { readonly revision: number; readonly value: string }>,
): Promise<void> {
  const { compactedRevision } = store;
  const byRevision = new Map<number, StoreEvent>();
  const endKey = `/end/${store.revision}`;
  // The end of the history is a write that the watch is sure to hear of.
  const { promise, resolve } = Promise.withResolvers<void>();
  const watch = store.watch({
    prefix: '',
    afterRevision: compactedRevision,
    onEvents: (events) => {
      for (const event of events) byRevision.set(eventRevision(event), event);
      if (events.some((event) => event.kv.key === endKey)) resolve();
    },
    onEnd: () => {},
  });
  const end = await store.create(endKey, Buffer.from(''));
  await promise;
  watch.close();
  await store.delete(endKey, end.revision);
  for (let revision = Math.max(1, compactedRevision) + 1; revision <= end.revision; revision++) {
    assert.ok(byRevision.has(revision), `revision ${revision} is in the history`);
  }
  for (const [key, { revision, value }] of last) {
    if (revision <= compactedRevision) continue;
    const event = byRevision.get(revision);
    assert.equal(event?.kv.key, key);
    assert.equal(event?.type, value === 'deleted' ? 'delete' : 'put');
  }
}

it('a data dir that a running process holds is refused by its pid, and free once that was killed', async () => {
  const dir = join(root, 'locked');
  const child = spawn(process.execPath, [fixture, dir, 'hold'], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout, 'data');
  await assert.rejects(openEmbeddedStore({ dir }), (error) => {
    assert.ok(error instanceof DataDirError);
    assert.equal(error.code, 'DATA_DIR_LOCKED');
    assert.match(error.message, new RegExp(`process ${child.pid} is using it`));
    return true;
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (await openEmbeddedStore({ dir })).close();
});
