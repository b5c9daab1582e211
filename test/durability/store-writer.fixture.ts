import { writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { openEmbeddedStore } from '@coxswain/store';
import { SeededRandom } from '../support/seeded-random.ts';

/**
 * Writes from many sides for ever, until it is killed. Says on a line of its own what it is about to do
 * (`? KEY TEXT`), what was acknowledged (`! REVISION KEY TEXT`; `-` for a deletion) and to where history was
 * compacted (`c REVISION`). A line is in the pipe before the next step is taken.
 */
const [dir = '', seed = '0'] = process.argv.slice(2);
const random = new SeededRandom(Number(seed));
const store = await openEmbeddedStore({ dir, historyBytes: 200_000 });
// Those that are killed would never write it, and a start without it takes twice as long.
flushCompileCache();

const pause = new Int32Array(new SharedArrayBuffer(4));

/** `process.stdout` would keep lines back while the pipe is full, and they would die with the process. */
function say(line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

say(`open ${store.revision}`);

/** A writer alone writes its keys, so what they hold is known but for the write under way. */
async function writeOwn(id: number): Promise<void> {
  // Every fourth writer's keys have a life of an hour.
  const options = id % 4 === 3 ? { leaseSeconds: 3_600 } : {};
  for (let i = 0; ; i++) {
    const key = `/own/${id}/${random.below(8)}`;
    const current = await store.get(key);
    if (current !== undefined && random.oneIn(5)) {
      say(`? ${key} -`);
      const gone = await store.delete(key, current.modRevision);
      if (!gone.ok) throw new Error(`${key} was changed by another`);
      say(`! ${gone.revision} ${key} -`);
      continue;
    }
    const text = `${process.pid}.${id}.${i}.${'x'.repeat(random.oneIn(50) ? 20_000 : random.below(400))}`;
    say(`? ${key} ${text.length}.${text.slice(0, 30)}`);
    const value = Buffer.from(text);
    const result =
      current === undefined
        ? await store.create(key, value, options)
        : await store.update(key, value, current.modRevision, options);
    if (!result.ok) throw new Error(`${key} was changed by another`);
    say(`! ${result.revision} ${key} ${text.length}.${text.slice(0, 30)}`);
  }
}

/** All of these write the same key. */
async function writeShared(id: number): Promise<void> {
  for (let i = 0; ; i++) {
    const current = await store.get('/shared');
    const text = `${process.pid}.${id}.${i}`;
    const result =
      current === undefined
        ? await store.create('/shared', Buffer.from(text))
        : await store.update('/shared', Buffer.from(text), current.modRevision);
    if (result.ok) say(`! ${result.revision} /shared ${text.length}.${text}`);
  }
}

async function compact(): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    const revision = store.revision - random.below(200);
    if (revision <= store.compactedRevision || !random.oneIn(20)) continue;
    await store.compact(revision);
    say(`c ${revision}`);
  }
}

await Promise.all([
  ...Array.from({ length: 12 }, (_, id) => writeOwn(id)),
  ...Array.from({ length: 3 }, (_, id) => writeShared(id)),
  compact(),
]);
