import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { DataDirError } from './contract.ts';
import { type EmbeddedStore, openEmbeddedStore } from './embedded-store.ts';

const root = mkdtempSync(join(tmpdir(), 'coxswain-dir-'));
after(() => rmSync(root, { recursive: true, force: true }));
let dirs = 0;
const newDir = (): string => join(root, String(++dirs));

const textOf = (i: number): string => `value number ${i} `.repeat(20);

async function filled(): Promise<string> {
  const dir = newDir();
  const store = await openEmbeddedStore({ dir });
  await Promise.all(Array.from({ length: 200 }, (_, i) => store.create(`/k/${i}`, Buffer.from(textOf(i)))));
  await store.close();
  return dir;
}

async function assertFilled(store: EmbeddedStore, what: string): Promise<void> {
  assert.equal(store.revision, 201, what);
  assert.equal(store.compactedRevision, 0, what);
  for (let i = 0; i < 200; i++) {
    const kv = await store.get(`/k/${i}`);
    assert.equal(Buffer.from(kv?.value ?? []).toString(), textOf(i), what);
    assert.deepEqual([kv?.createRevision, kv?.modRevision], [i + 2, i + 2], what);
  }
}

async function refused(dir: string, code: DataDirError['code'], message: RegExp): Promise<void> {
  const contents = () => readdirSync(dir).map((name) => [name, readFileSync(join(dir, name))]);
  const before = existsSync(join(dir, 'store.db')) ? readFileSync(join(dir, 'store.db')) : contents();
  await assert.rejects(openEmbeddedStore({ dir }), (error) => {
    assert.ok(error instanceof DataDirError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.ok(error.message.includes(JSON.stringify(dir)));
    return true;
  });
  assert.deepEqual(
    existsSync(join(dir, 'store.db')) ? readFileSync(join(dir, 'store.db')) : contents(),
    before,
  );
}

it('files are for their owner only', async () => {
  const dir = newDir();
  mkdirSync(dir, { mode: 0o755 });
  const store = await openEmbeddedStore({ dir });
  await store.create('/a', Buffer.from('x'));
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  const names = readdirSync(dir);
  assert.ok(names.includes('store.db-wal'));
  for (const name of names) assert.equal(statSync(join(dir, name)).mode & 0o077, 0, name);
  await store.close();
});

it('a dir held by this very process is refused', async () => {
  const dir = newDir();
  const store = await openEmbeddedStore({ dir });
  await refused(dir, 'DATA_DIR_LOCKED', new RegExp(`process ${process.pid} is using it`));
  await store.create('/a', Buffer.from('x'));
  await store.close();
});

it('a changed byte is a damage wherever it could change what is read', async () => {
  const dir = await filled();
  const path = join(dir, 'store.db');
  const good = readFileSync(path);
  let found = 0;
  for (let at = 8; at < good.length - 8; at += 997) {
    const bad = Buffer.from(good);
    bad[at]! ^= 0x40;
    writeFileSync(path, bad);
    try {
      // Bytes in no use may change without harm.
      const store = await openEmbeddedStore({ dir });
      await assertFilled(store, `byte ${at}`);
      await store.close();
    } catch (error) {
      assert.ok(error instanceof DataDirError, `byte ${at}: ${error}`);
      assert.equal(error.code, at < 100 ? error.code : 'DATA_DIR_DAMAGED');
      assert.deepEqual(readFileSync(path), bad, 'a refused file is left as it is');
      found++;
    }
  }
  assert.ok(found > 40, `${found} changes were found`);
  writeFileSync(path, good);
  const store = await openEmbeddedStore({ dir });
  await assertFilled(store, 'the file as it was');
  await store.close();
});

it('a file that was cut, emptied, removed or replaced is a damage', async () => {
  const cut = await filled();
  truncateSync(join(cut, 'store.db'), 20_000);
  await refused(cut, 'DATA_DIR_DAMAGED', /malformed|missing/);
  const emptied = await filled();
  truncateSync(join(emptied, 'store.db'), 0);
  await refused(emptied, 'DATA_DIR_DAMAGED', /missing or empty/);
  const removed = await filled();
  rmSync(join(removed, 'store.db'));
  await refused(removed, 'DATA_DIR_DAMAGED', /missing or empty/);
  const replaced = await filled();
  writeFileSync(join(replaced, 'store.db'), 'not a database '.repeat(500));
  await refused(replaced, 'DATA_DIR_DAMAGED', /not a database/);
});

it('a missing revision is a damage', async () => {
  const dir = await filled();
  const { DatabaseSync } = await import('node:sqlite');
  const db = new DatabaseSync(join(dir, 'store.db'));
  db.exec('DELETE FROM log WHERE revision = 77');
  db.close();
  await refused(dir, 'DATA_DIR_DAMAGED', /revision 77 is missing, 78 follows/);
});

it('a dir that something else made is refused and left alone', async () => {
  const dir = newDir();
  mkdirSync(dir);
  writeFileSync(join(dir, 'thesis.txt'), 'years of work');
  await refused(dir, 'DATA_DIR_FOREIGN', /it holds other files \("thesis.txt"\)/);
  assert.deepEqual(readdirSync(dir), ['thesis.txt']);
  await assert.rejects(openEmbeddedStore({ dir: join(dir, 'thesis.txt') }), /it is not a directory/);
});

it('another database, or a later format, is refused', async () => {
  const { DatabaseSync } = await import('node:sqlite');
  const other = newDir();
  mkdirSync(other);
  const db = new DatabaseSync(join(other, 'store.db'));
  db.exec('CREATE TABLE theirs (a); CREATE TABLE more (b)');
  db.close();
  await refused(other, 'DATA_DIR_FOREIGN', /the file is another database/);
  const later = await filled();
  writeFileSync(join(later, 'FORMAT'), 'coxswain store 9\n');
  await refused(later, 'DATA_DIR_FOREIGN', /its format is "coxswain store 9"/);
});

it('a first opening that was cut short begins anew', async () => {
  const dir = newDir();
  mkdirSync(dir);
  for (const name of ['lock', 'owner.json', 'store.db']) writeFileSync(join(dir, name), '');
  const store = await openEmbeddedStore({ dir });
  assert.equal(store.revision, 1);
  await store.close();
});
