/**
 * Writes a second of the embedded and the memory store, watch dispatch to many watchers, and the start from
 * a large data dir. `node bench/store.ts [objects]`; prints one line a figure. Not a test: nothing fails.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStore, openEmbeddedStore, type Store } from '@coxswain/store';

const objects = Number(process.argv[2] ?? 30_000);
/** A small pod as it is stored. */
const value = new Uint8Array(1_500).fill(0x61);

function report(what: string, figure: string): void {
  console.log(`${what.padEnd(52)} ${figure}`);
}

async function timed(work: () => Promise<unknown> | unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function writes(store: Store, name: string, writers: number, count: number): Promise<void> {
  let begun = 0;
  const writer = async (): Promise<void> => {
    while (begun < count) await store.create(`/registry/pods/${name}/${writers}-${begun++}`, value);
  };
  const ms = await timed(() => Promise.all(Array.from({ length: writers }, writer)));
  report(`${name}: creates, ${writers} writers`, `${Math.round((count / ms) * 1_000)} /s`);
}

/** One write is seen by every watcher of its prefix, and costs those of other prefixes nothing. */
async function dispatch(watchers: number): Promise<void> {
  const store = new MemoryStore();
  let seen = 0;
  const onEvents = (events: readonly unknown[]): void => {
    seen += events.length;
  };
  for (let i = 0; i < watchers; i++) {
    const prefix = i % 2 === 0 ? '/registry/pods/' : `/registry/secrets/ns-${i}/`;
    store.watch({ prefix, afterRevision: 1, onEvents, onEnd: () => {} });
  }
  await Promise.resolve();
  const count = 2_000;
  const ms = await timed(async () => {
    for (let i = 0; i < count; i++) await store.create(`/registry/pods/default/${i}`, value);
  });
  report(`memory: deliveries, ${watchers} watchers`, `${Math.round((seen / ms) * 1_000)} /s`);
  await store.close();
}

const dir = mkdtempSync(join(tmpdir(), 'coxswain-bench-'));
try {
  const options = { dir: join(dir, 'store') };
  let store = await openEmbeddedStore(options);
  await writes(store, 'warm-up', 64, objects / 3);
  for (const writers of [1, 16, 64, 256]) {
    await writes(store, 'embedded', writers, writers === 1 ? objects / 10 : objects);
  }
  const held = store.revision - 1;
  await store.close();
  report(
    `embedded: open with ${held} objects`,
    `${Math.round(
      await timed(async () => {
        store = await openEmbeddedStore(options);
      }),
    )} ms`,
  );
  report('embedded: fork', `${(await timed(() => store.fork())).toFixed(2)} ms`);
  await store.close();
  report(
    'embedded: open an empty dir',
    `${(
      await timed(async () => {
        store = await openEmbeddedStore({ dir: join(dir, 'empty') });
      })
    ).toFixed(1)} ms`,
  );
  await store.close();
  await writes(new MemoryStore(), 'memory', 64, objects);
  await dispatch(10);
  await dispatch(5_000);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
