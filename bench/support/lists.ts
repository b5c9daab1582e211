import type { Load } from './load.ts';
import { LoadThread } from './load-process.ts';
import { measure } from './measure.ts';
import { podsPath } from './objects.ts';
import type { RawClient } from './raw-client.ts';

const json = 'application/json';
const shapes: readonly (readonly [name: string, path: string, accept: string, headers: string])[] = [
  ['list all pods', podsPath, json, ''],
  ['list all pods, resourceVersion=0', `${podsPath}?resourceVersion=0`, json, ''],
  ['list all pods, gzip', podsPath, json, 'Accept-Encoding: gzip\r\n'],
  ['list as metadata', podsPath, `${json};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1`, ''],
  ['list as table', podsPath, `${json};as=Table;g=meta.k8s.io;v=v1`, ''],
  ['list as protobuf', podsPath, 'application/vnd.kubernetes.protobuf', ''],
];

/** Lists of all pods in every form, and what they do to small requests beside them. */
export async function lists(load: Load, pods: number): Promise<void> {
  const { server, n, collect } = load;
  for (const [name, path, accept, headers] of shapes) {
    collect(
      await measure(name, server, 1, n(40), (client) =>
        client.request('GET', path, undefined, undefined, accept, headers),
      ),
    );
  }
  for (const c of [1, 16]) {
    collect(
      await measure('list by label, 1 % selected', server, c, n(1_000), (client) =>
        client.request('GET', `${podsPath}?labelSelector=group%3Dgroup-7`),
      ),
    );
  }
  collect(await measure('list by pages of 500 (all)', server, 1, n(20), allPages));
  await beside(load, pods);
}

async function allPages(client: RawClient): Promise<{ status: number; body: Buffer }> {
  for (let token = ''; ; ) {
    const path = `${podsPath}?limit=500${token && `&continue=${encodeURIComponent(token)}`}`;
    const answer = await client.request('GET', path);
    token = /"continue":"([^"]+)"/.exec(answer.body.toString('utf8', 0, 500))?.[1] ?? '';
    if (token === '') return answer;
  }
}

/** Small reads while a client in a thread of its own lists everything over and over. */
async function beside({ server, n, collect }: Load, pods: number): Promise<void> {
  const everything = { name: 'json', path: podsPath, accept: json, headers: '' };
  const lister = await LoadThread.start({ type: 'list', target: server.target(), shapes: [everything] });
  collect(
    await measure('get beside a client that lists all pods', server, 4, n(5_000), (client, i) =>
      client.request('GET', `${podsPath}/p-${i % pods}`),
    ),
  );
  await lister.stop();
}
