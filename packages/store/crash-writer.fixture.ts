import { once } from 'node:events';
import { openEmbeddedStore } from './embedded-store.ts';

/** Writes from many sides for ever, and prints each acknowledged write as a line, until it is killed. */
const [dir = '', mode = 'write'] = process.argv.slice(2);
const store = await openEmbeddedStore({ dir });
process.stdout.write('open\n');

async function writer(id: number): Promise<void> {
  const key = `/w/${id}`;
  let last = (await store.get(key))?.modRevision;
  for (let i = 0; ; i++) {
    const text = `${id}-${i}-${'x'.repeat(500)}`;
    const value = Buffer.from(text);
    const result = last === undefined ? await store.create(key, value) : await store.update(key, value, last);
    if (!result.ok) throw new Error(`${key} was changed by another`);
    last = result.revision;
    process.stdout.write(`${result.revision} ${key} ${id}-${i}\n`);
    if (i % 50 === 49) {
      const gone = await store.delete(key, last);
      process.stdout.write(`${gone.revision} ${key} deleted\n`);
      last = undefined;
      if (id === 0) await store.compact(gone.revision - 40);
    }
  }
}

if (mode === 'write') await Promise.all(Array.from({ length: 32 }, (_, id) => writer(id)));
else await once(process.stdin.resume(), 'end');
