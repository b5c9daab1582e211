import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { decodeProtobuf, typeOfKind } from '@coxswain/api';
import { Client } from '@coxswain/client';
import { formatYaml, systemClock } from '@coxswain/machinery';
import { PkiDir } from '@coxswain/pki';
import { openHttps } from '@coxswain/pki/testing';
import { loopbackUser } from '../../access/loopback-user.ts';
import type { ApiServer } from '../../apiserver.ts';
import { startTestServer } from '../../testing-server.ts';

/** More than one slice, and more than is parsed or compressed in one turn. */
const count = 400;
const token = 'admin-token';
const dir = mkdtempSync(join(tmpdir(), 'coxswain-large-lists-'));
let api: ApiServer;
let close: () => Promise<void>;

before(async () => {
  const pki = new PkiDir(dir, systemClock);
  const ca = pki.authority('ca', 'test');
  const leaf = pki.leaf('server', ca, {
    subject: { commonName: 'server' },
    usages: ['server'],
    altNames: ['127.0.0.1'],
  });
  const options = {
    listen: { host: '127.0.0.1', port: 0, cert: leaf.certificate, key: leaf.key, clientCA: ca.certificate },
    access: { staticTokens: new Map([[token, { name: 'admin', groups: ['system:masters'] }]]) },
  };
  // Written by one server and read by another over the same store: nothing is parsed when the lists come.
  const writer = await startTestServer();
  const maps = new Client(writer.server.loopback(loopbackUser)).resource(
    { group: '', version: 'v1', resource: 'configmaps' },
    'default',
  );
  await Promise.all(
    Array.from({ length: count }, (_, i) =>
      maps.create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: `m-${String(i).padStart(4, '0')}`,
          labels: { half: i < count / 2 ? 'first' : 'second' },
        },
        data: { text: `größer ${i} `.repeat(120) },
      }),
    ),
  );
  const reader = await startTestServer({ ...options, store: writer.store });
  api = reader.server;
  close = async () => {
    await reader.server.close();
    await writer.close();
  };
});

after(async () => {
  await close();
  rmSync(dir, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** @param until the answer is taken up to here; '' for all of it */
async function list(
  accept: string,
  query = '',
  headers: Readonly<Record<string, string>> = {},
  until = '',
): Promise<Answer> {
  const path = `/api/v1/namespaces/default/configmaps${query}`;
  const response = await openHttps(`https://127.0.0.1:${api.port}${path}`, {
    rejectUnauthorized: false,
    headers: { accept, authorization: `Bearer ${token}`, ...headers },
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    if (until !== '' && (chunk as Buffer).includes(until)) break;
  }
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}

interface Item {
  readonly metadata: { readonly name: string };
  readonly data: { readonly text: string };
}

function checkItems(items: readonly Item[], wanted: number, first = 0): void {
  assert.equal(items.length, wanted);
  assert.deepEqual(
    items.map((item) => item.metadata.name),
    Array.from({ length: wanted }, (_, i) => `m-${String(first + i).padStart(4, '0')}`),
  );
}

const json = 'application/json';

test('a large list is whole as JSON and through gzip', async () => {
  const plain = await list(json);
  const { items } = JSON.parse(plain.body.toString());
  checkItems(items, count);
  assert.equal(items[7].data.text, 'größer 7 '.repeat(120));
  assert.equal(plain.headers['content-length'], String(plain.body.length));
  for (const _ of ['compressed for this list', 'compressed before']) {
    const gzip = await list(json, '', { 'accept-encoding': 'gzip' });
    assert.equal(gzip.headers['content-encoding'], 'gzip');
    assert.deepEqual(gunzipSync(gzip.body), plain.body);
  }
});

test('a large list is whole as metadata, and as a table with and without objects', async () => {
  const meta = 'g=meta.k8s.io;v=v1';
  const partial = await list(`${json};as=PartialObjectMetadataList;${meta}`);
  checkItems(JSON.parse(partial.body.toString()).items, count);
  for (const includeObject of ['None', 'Metadata', 'Object']) {
    const { body } = await list(`${json};as=Table;${meta}`, `?includeObject=${includeObject}`);
    const { rows } = JSON.parse(body.toString());
    assert.equal(rows.length, count);
    if (includeObject !== 'None')
      checkItems(
        rows.map((row: { object: Item }) => row.object),
        count,
      );
    const gzip = await list(`${json};as=Table;${meta}`, `?includeObject=${includeObject}`, {
      'accept-encoding': 'gzip',
    });
    const text = gzip.headers['content-encoding'] === 'gzip' ? gunzipSync(gzip.body) : gzip.body;
    assert.equal(JSON.parse(text.toString()).rows.length, count);
  }
});

test('a large list is whole as protobuf', async () => {
  const type = typeOfKind({ group: '', version: 'v1', kind: 'ConfigMapList' });
  assert.ok(type);
  for (const _ of ['encoded for this list', 'encoded before']) {
    const { body } = await list('application/vnd.kubernetes.protobuf');
    checkItems((decodeProtobuf(body, type) as unknown as { items: Item[] }).items, count);
  }
});

test('a large list of metadata is in protobuf what it is in JSON', async () => {
  const form = 'as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
  const { body } = await list(`application/vnd.kubernetes.protobuf;${form}`);
  assert.deepEqual(
    decodeProtobuf(body),
    withoutTypes(JSON.parse((await list(`${json};${form}`)).body.toString())),
  );
});

/** Items in protobuf do not say of what type they are. */
function withoutTypes<T extends { readonly items: readonly { readonly metadata: object }[] }>(of: T): object {
  return { ...of, items: of.items.map(({ metadata }) => ({ metadata })) };
}

for (const as of ['', ';as=Table;g=meta.k8s.io;v=v1', ';as=PartialObjectMetadataList;g=meta.k8s.io;v=v1']) {
  test(`a large list is in YAML what it is in JSON${as}`, async () => {
    for (const query of ['', '?labelSelector=half%3Dnone']) {
      const yaml = (await list(`application/yaml${as}`, query)).body.toString();
      const plain = JSON.parse((await list(`${json}${as}`, query)).body.toString());
      assert.equal(yaml, formatYaml(plain));
    }
  });
}

test('a selector that needs the labels of all objects finds them in order, in pages too', async () => {
  const { items } = JSON.parse((await list(json, '?labelSelector=half%3Dsecond')).body.toString());
  checkItems(items, count / 2, count / 2);
  const others = JSON.parse((await list(json, '?labelSelector=half!%3Dsecond')).body.toString());
  checkItems(others.items, count / 2);
  let from = count / 2;
  for (let next = ''; ; ) {
    const page = await list(json, `?limit=70&labelSelector=half%3Dsecond${next}`);
    const { items: some, metadata } = JSON.parse(page.body.toString());
    checkItems(some, Math.min(70, count - from), from);
    from += some.length;
    if (metadata.continue === undefined) break;
    next = `&continue=${encodeURIComponent(metadata.continue)}`;
  }
  assert.equal(from, count);
});

test('a watch that begins with many objects of a selection gives each, and then the bookmark', async () => {
  const query =
    '?watch=true&labelSelector=half%3Dfirst&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
  const { body } = await list(json, `${query}&allowWatchBookmarks=true`, {}, 'BOOKMARK');
  const events = body
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; object: Item });
  const added = events.filter((event) => event.type === 'ADDED');
  checkItems(
    added.map((event) => event.object),
    count / 2,
  );
  assert.equal(events[count / 2]?.type, 'BOOKMARK');
});
