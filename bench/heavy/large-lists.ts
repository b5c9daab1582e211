import type { HeldLoop } from '../support/held-loop.ts';
import { configMap } from '../support/objects.ts';
import { RawClient } from '../support/raw-client.ts';

const json = 'application/json';
const meta = 'g=meta.k8s.io;v=v1';
const all = '/api/v1/configmaps';
const namespaces = 10;

/** Lists of 100,000 config maps in every form, as they are first made and again; the same of a started server. */
export async function largeLists(loop: HeldLoop, quick: boolean): Promise<void> {
  const count = quick ? 20_000 : 100_000;
  for (let i = 0; i < namespaces; i++) {
    await loop.post('/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: `n-${i}` },
    });
  }
  for (let i = 0; i < namespaces; i++) {
    await loop.fill(`/api/v1/namespaces/n-${i}/configmaps`, count / namespaces, (index) =>
      configMap(`m-${index}`),
    );
  }
  await loop.restart();
  const forms: readonly (readonly [name: string, query: string, accept?: string, headers?: string])[] = [
    ['label that none has', '?labelSelector=app%3Dnone'],
    ['label that all have', '?labelSelector=app%3Dbench&limit=1'],
    ['label that is not there', '?labelSelector=!app'],
    ['field that none has', '?fieldSelector=metadata.name%3Dnone'],
    ['field that all have', '?fieldSelector=metadata.name!%3Dnone&limit=1'],
    ['page of 500', '?limit=500'],
    ['JSON', ''],
    ['metadata', '', `${json};as=PartialObjectMetadataList;${meta}`],
    ['metadata in protobuf', '', `application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;${meta}`],
    ['table', '', `${json};as=Table;${meta}`],
    ['protobuf', '', 'application/vnd.kubernetes.protobuf'],
    ['CBOR', '', 'application/cbor'],
    ['YAML', '', 'application/yaml'],
    ['gzip', '', json, 'Accept-Encoding: gzip\r\n'],
    ['pretty', '?pretty=true'],
  ];
  for (const round of ['', ', again']) {
    for (const [name, query, accept, headers] of forms) {
      await loop.held(`list of ${count.toLocaleString('en-US')}, ${name}${round}`, async () => {
        const answer = await loop.client.request('GET', all + query, undefined, undefined, accept, headers);
        if (answer.status !== 200 && answer.status !== 406) throw new Error(`${name}: ${answer.status}`);
      });
    }
  }
  await loop.held(`watch that begins with ${count.toLocaleString('en-US')}`, () => initialEvents(loop, ''));
  await loop.held(`watch of metadata that begins with them`, () =>
    initialEvents(loop, `${json};as=PartialObjectMetadata;${meta}`),
  );
  await loop.held(`deletecollection of ${(count / namespaces).toLocaleString('en-US')}`, () =>
    loop.send('DELETE', '/api/v1/namespaces/n-0/configmaps'),
  );
  await loop.held('deletecollection of as many by a label', () =>
    loop.send('DELETE', '/api/v1/namespaces/n-1/configmaps?labelSelector=app%3Dbench'),
  );
}

/** Watches from the beginning until the bookmark after all that is there. */
async function initialEvents(loop: HeldLoop, accept: string): Promise<void> {
  const client = await RawClient.open(loop.server.target());
  const query =
    'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  const end = Buffer.from('"k8s.io/initial-events-end"');
  let last = Buffer.alloc(0);
  await new Promise<void>((resolve) => {
    client.stream(
      `${all}?${query}`,
      (bytes) => {
        if (Buffer.concat([last, bytes]).includes(end)) resolve();
        last = Buffer.from(bytes.subarray(-end.length));
      },
      accept === '' ? undefined : accept,
    );
  });
  client.close();
}
