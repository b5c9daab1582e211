import { openEmbeddedStore } from '@coxswain/store';

/** Compacts a store in steps of some revisions, saying to where before each, until it is killed or done. */
const [dir = '', step = '1'] = process.argv.slice(2);
const store = await openEmbeddedStore({ dir });
const begin = Math.max(1, store.compactedRevision);
for (let to = begin + Number(step); to < store.revision; to += Number(step)) {
  process.stdout.write(`${to}\n`);
  await store.compact(to);
  process.stdout.write(`done ${to}\n`);
}
await store.close();
