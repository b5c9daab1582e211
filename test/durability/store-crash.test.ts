import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock, VirtualClock } from '@coxswain/machinery';
import { openEmbeddedStore, restoreSnapshot, saveSnapshot } from '@coxswain/store';
import { countFromEnvironment, SeededRandom, seedOfRun } from '../support/seeded-random.ts';
import { Acknowledged } from './acknowledged.ts';

/** More of them: `COX_CRASHES=10000`. */
const crashes = countFromEnvironment('COX_CRASHES', 300);
/** Stores that are written and killed side by side. */
const stores = 3;
/** A writer takes a fifth of a second to start: kills fall before, into and after the opening of the store. */
const longestLifeMs = 350;

const seed = seedOfRun();
const root = mkdtempSync(join(tmpdir(), 'coxswain-crash-'));
const fixture = fileURLToPath(new URL('./store-writer.fixture.ts', import.meta.url));
const children = new Set<ChildProcess>();
after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

/** Runs a writer on the folder and kills it at a moment of chance. */
async function writeAndKill(dir: string, random: SeededRandom, acknowledged: Acknowledged): Promise<void> {
  const child = spawn(process.execPath, [fixture, dir, String(random.below(2 ** 31))], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(root, 'compiled') },
  });
  children.add(child);
  const exited = once(child, 'exit');
  // Either some time after the start, or in the middle of work.
  const timer = random.oneIn(3)
    ? systemClock.after(random.below(longestLifeMs), () => child.kill('SIGKILL'))
    : undefined;
  const lines =
    timer === undefined ? 1 + random.below(2 ** (3 + random.below(10))) : Number.POSITIVE_INFINITY;
  let heard = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.hear(line);
    if (++heard >= lines) child.kill('SIGKILL');
  }
  const [, signal] = await exited;
  timer?.cancel();
  children.delete(child);
  assert.equal(signal, 'SIGKILL', 'the writer ended by itself');
}

describe(`a store that is killed ${crashes} times`, { concurrency: true }, () => {
  for (let which = 0; which < stores; which++) {
    it(`store ${which} has what was acknowledged after each kill`, async (t) => {
      const dir = join(root, `store-${which}`);
      const random = new SeededRandom(seed + which);
      const acknowledged = new Acknowledged();
      for (let i = 0; i < crashes / stores; i++) {
        await writeAndKill(dir, random, acknowledged);
        const store = await openEmbeddedStore({ dir });
        await acknowledged.check(store);
        await store.close();
      }
      t.diagnostic(`${acknowledged.count} acknowledged writes`);
      assert.ok(acknowledged.count > crashes, 'the writers got to write');
      await checkLeases(dir);
      await checkSnapshot(dir, acknowledged);
    });
  }
});

/** Keys with a life of an hour are gone two hours later, and only they. */
async function checkLeases(dir: string): Promise<void> {
  const copy = `${dir}-copy`;
  saveSnapshot(dir, `${dir}.snapshot`);
  restoreSnapshot(`${dir}.snapshot`, copy);
  const clock = new VirtualClock(systemClock.now());
  const store = await openEmbeddedStore({ dir: copy, clock });
  const before = (await store.range({ prefix: '' })).kvs.map((kv) => kv.key);
  const mortal = before.filter((key) => Number(/^\/own\/(\d+)\//.exec(key)?.[1] ?? 0) % 4 === 3);
  const { promise, resolve } = Promise.withResolvers<void>();
  let gone = 0;
  store.watch({
    prefix: '',
    afterRevision: store.revision,
    onEvents: (events) => {
      gone += events.length;
      if (gone >= mortal.length) resolve();
    },
    onEnd: () => {},
  });
  await clock.advance(7_200_000);
  if (mortal.length > 0) await promise;
  const left = (await store.range({ prefix: '' })).kvs.map((kv) => kv.key);
  assert.deepEqual(
    left,
    before.filter((key) => !mortal.includes(key)),
  );
  await store.close();
}

/** A snapshot of the store that was never closed by its writers has what they acknowledged. */
async function checkSnapshot(dir: string, acknowledged: Acknowledged): Promise<void> {
  restoreSnapshot(`${dir}.snapshot`, `${dir}-again`);
  const store = await openEmbeddedStore({ dir: `${dir}-again` });
  await acknowledged.check(store);
  await store.close();
}
