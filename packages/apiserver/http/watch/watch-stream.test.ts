import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestListener } from '../testing-listener.ts';

const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const boats = '/apis/watch.example.com/v1/namespaces/default/boats';
const everywhere = '/apis/watch.example.com/v1/boats';
const fromHere = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
const meta = 'g=meta.k8s.io;v=v1';

/** What a watch told. */
interface Told {
  readonly type: string;
  readonly object: any;
}

describe('a watch', () => {
  let listener: TestListener;

  before(async () => {
    listener = await TestListener.start();
    await post(crds, {
      metadata: { name: 'boats.watch.example.com' },
      spec: {
        group: 'watch.example.com',
        scope: 'Namespaced',
        names: { plural: 'boats', kind: 'Boat' },
        versions: [
          { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
        ],
      },
    });
    await told(`${crds}?watch=1`, ({ object }) =>
      (object.status?.conditions ?? []).some(
        (one: any) => one.type === 'Established' && one.status === 'True',
      ),
    );
    for (const name of ['a', 'b']) await post(boats, boat(name));
  });
  after(() => listener.close());

  const boat = (name: string) => ({ apiVersion: 'watch.example.com/v1', kind: 'Boat', metadata: { name } });
  async function post(path: string, body: object): Promise<void> {
    const { code } = await listener.ask(path, { method: 'POST', body: JSON.stringify(body) });
    assert.equal(code, 201);
  }

  /** What a watch tells until that is enough, or until it ends. */
  function text(path: string, accept: string, enough: (text: string) => boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const stream = listener.session.request({ ':path': path, authorization: 'Bearer root', accept });
      let seen = '';
      stream.setEncoding('latin1');
      stream.on('data', (part: string) => {
        seen += part;
        if (enough(seen)) stream.close();
      });
      stream.on('error', reject);
      stream.on('close', () => resolve(seen));
    });
  }

  async function told(
    path: string,
    last: (event: Told) => boolean,
    accept = 'application/json',
  ): Promise<Told[]> {
    const events = (lines: string): Told[] =>
      lines
        .split('\n')
        .filter((line, i, all) => i < all.length - 1 && line !== '')
        .map((line) => JSON.parse(line));
    return events(await text(path, accept, (lines) => events(lines).some(last)));
  }

  const isBookmark = ({ type }: Told): boolean => type === 'BOOKMARK';
  const types = (events: readonly Told[]): string => events.map(({ type }) => type).join(' ');
  const initialEnd = { 'k8s.io/initial-events-end': 'true' };

  for (const query of ['', '&resourceVersion=', '&resourceVersion=0']) {
    test(`that begins with any state says where that ends: ${query}`, async () => {
      const events = await told(`${boats}?watch=1&allowWatchBookmarks=true${query}`, isBookmark);
      assert.equal(types(events), 'ADDED ADDED BOOKMARK');
      assert.deepEqual(events[2]?.object.metadata.annotations, initialEnd);
    });
  }

  const annotated = '"annotations":{"k8s.io/initial-events-end":"true"}';
  const marks: readonly (readonly [path: string, mark: string])[] = [
    [
      boats,
      `{"apiVersion":"watch.example.com/v1","kind":"Boat","metadata":{${annotated},"resourceVersion":"1"}}`,
    ],
    [
      '/api/v1/configmaps',
      `{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"1",${annotated}}}`,
    ],
    [
      '/api/v1/pods',
      `{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"1",${annotated}},"spec":{"containers":null},"status":{}}`,
    ],
  ];
  for (const [path, mark] of marks) {
    test(`of ${path} tells a bookmark as Go writes an object that has but metadata`, async () => {
      const [event] = (await told(`${path}?${fromHere}`, isBookmark)).filter(isBookmark);
      const text = JSON.stringify(event?.object).replace(/"resourceVersion":"\d+"/, '"resourceVersion":"1"');
      assert.equal(text, mark);
    });
  }

  test('as a table names the columns once, whatever comes first', async () => {
    const accept = `application/json;as=Table;${meta}`;
    const events = await told(`${boats}?${fromHere}`, isBookmark, accept);
    assert.equal(types(events), 'ADDED ADDED BOOKMARK');
    assert.deepEqual(
      events.map(({ object }) => object.columnDefinitions === null),
      [false, true, true],
    );
  });

  test('of metadata as of a list ends at its first event', async () => {
    const accept = `application/json;as=PartialObjectMetadataList;${meta}`;
    assert.equal(await text(`${boats}?watch=1`, accept, () => false), '');
  });

  test('from before its definition is told that this is too old', async () => {
    const [event] = await told(`${boats}?watch=1&resourceVersion=1`, () => false);
    assert.equal(event?.type, 'ERROR');
    assert.match(event?.object.message, /^too old resource version: 1 \(\d+\)$/);
    assert.equal(event?.object.code, 410);
  });

  test('of a time that is over ends at once', async () => {
    assert.equal(await text(`${boats}?watch=1&timeoutSeconds=-1`, '*/*', () => false), '');
  });

  test('of one object of all namespaces has an old path for custom resources', async () => {
    const path = everywhere.replace('/v1/', '/v1/watch/');
    const [event] = await told(`${path}/b`, () => true);
    assert.equal(event?.object.metadata.name, 'b');
    assert.equal((await listener.ask('/api/v1/watch/configmaps/b')).code, 404);
  });

  test('is asked for by its old path as a list is', async () => {
    const path = everywhere.replace('/v1/', '/v1/watch/');
    const { code, body } = await listener.ask(`${path}?sendInitialEvents=true`);
    assert.deepEqual(
      [code, JSON.parse(body).message],
      [
        422,
        'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list',
      ],
    );
  });

  test('has its options looked at before it waits for what does not come', async () => {
    const path = `${boats}?watch=1&sendInitialEvents=true&resourceVersion=999999999`;
    assert.equal((await listener.ask(path)).code, 422);
  });

  test('of every kind tells a bookmark in every form', async () => {
    const lists = [
      '/api/v1',
      ...JSON.parse((await listener.ask('/apis')).body).groups.map(
        (one: any) => `/apis/${one.preferredVersion.groupVersion}`,
      ),
    ];
    for (const path of lists) {
      const { resources } = JSON.parse((await listener.ask(path)).body);
      for (const { name, kind, verbs } of resources) {
        if (!verbs.includes('watch')) continue;
        const bookmarks = async (accept: string): Promise<readonly any[]> =>
          (await told(`${path}/${name}?${fromHere}`, isBookmark, accept)).filter(isBookmark);
        const [plain] = await bookmarks('application/json');
        assert.deepEqual(
          [plain?.object.kind, Object.keys(plain?.object).includes('metadata')],
          [kind, true],
          name,
        );
        const [table] = await bookmarks(`application/json;as=Table;${meta}`);
        assert.equal(table?.object.rows.length, 1, name);
      }
    }
  });
});
