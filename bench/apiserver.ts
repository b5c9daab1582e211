/**
 * The rows of an API server under load, each of the meaning its name says: HTTP/1.1 over TLS, JSON, the load
 * generator on the same machine. `node bench/apiserver.ts [quick]`.
 */
import { measure, openAll, printRow, type Row } from './support/measure.ts';
import { configMap, pod } from './support/objects.ts';
import type { RawClient } from './support/raw-client.ts';
import { ServerProcess } from './support/server-process.ts';

const quick = process.argv.includes('quick');
const scale = quick ? 0.2 : 1;
const n = (count: number): number => Math.max(10, Math.round(count * scale));

const maps = '/api/v1/namespaces/default/configmaps';
const pods = '/api/v1/namespaces/default/pods';

const server = new ServerProcess(16_500);
// The whole server writes the administrator's certificate; its parts would get in the way.
await server.start(
  'server',
  '--disable=controllers,scheduler,dns',
  '--disable-admission-plugins=ServiceAccount',
);
const rows: Row[] = [];
const row = async (
  ...args: Parameters<typeof measure> extends [infer N, unknown, ...infer R] ? [N, ...R] : never
): Promise<void> => {
  const [name, connections, total, operation] = args;
  const result = await measure(name as string, server, connections, total, operation);
  printRow(result);
  rows.push(result);
};

let serial = 0;
for (const c of [1, 16, 64]) {
  await row('create config map', c, n(c === 1 ? 2_000 : 8_000), (client) =>
    client.request('POST', maps, configMap(`m-${serial++}`)),
  );
}
let podSerial = 0;
for (const c of [1, 16, 64]) {
  await row('create pod', c, n(c === 1 ? 1_000 : 3_000), (client) =>
    client.request('POST', pods, pod(`p-${podSerial}`, podSerial++)),
  );
}
for (const c of [1, 16, 64]) {
  await row('get', c, n(c === 1 ? 5_000 : 20_000), (client, i) =>
    client.request('GET', `${pods}/p-${i % podSerial}`),
  );
}
const update = async (client: RawClient, name: string): Promise<{ status: number; body: Buffer }> => {
  const held = JSON.parse((await client.request('GET', `${pods}/${name}`)).body.toString());
  held.metadata.labels.round = String(serial++);
  return client.request('PUT', `${pods}/${name}`, JSON.stringify(held));
};
for (const c of [1, 16, 64]) {
  await row('get and update pod', c, n(c === 1 ? 1_000 : 3_000), (client, i) =>
    update(client, `p-${i % podSerial}`),
  );
}
for (const c of [1, 16, 64]) {
  await row('strategic merge patch of status', c, n(c === 1 ? 1_000 : 3_000), (client, i) =>
    client.request(
      'PATCH',
      `${pods}/p-${i % podSerial}/status`,
      JSON.stringify({
        status: { conditions: [{ type: 'Ready', status: 'True', message: `round ${serial++}` }] },
      }),
      'application/strategic-merge-patch+json',
    ),
  );
}
for (const c of [1, 16, 64]) {
  await row('server-side apply', c, n(c === 1 ? 500 : 2_000), (client, i) =>
    client.request(
      'PATCH',
      `${pods}/p-${i % podSerial}?fieldManager=bench&force=true`,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `p-${i % podSerial}`, annotations: { round: String(serial++) } },
      }),
      'application/apply-patch+yaml',
    ),
  );
}
const [filler] = await openAll(server.target(), 1);
for (; podSerial < n(5_000); ) await filler?.request('POST', pods, pod(`p-${podSerial}`, podSerial++));
const lists: readonly (readonly [string, string, string?])[] = [
  ['list all pods', pods],
  ['list all pods, resourceVersion=0', `${pods}?resourceVersion=0`],
  ['list by label, 1 % selected', `${pods}?labelSelector=group%3Dgroup-7`],
  ['list as metadata', pods, 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'],
  ['list as table', pods, 'application/json;as=Table;g=meta.k8s.io;v=v1'],
  ['list as protobuf', pods, 'application/vnd.kubernetes.protobuf'],
];
for (const [name, path, accept] of lists) {
  await row(name, 1, n(path.includes('label') ? 500 : 20), (client) =>
    client.request('GET', path, undefined, undefined, accept),
  );
}
await row('list by pages of 500 (all)', 1, n(10), async (client) => {
  for (let token = ''; ; ) {
    const answer = await client.request(
      'GET',
      `${pods}?limit=500${token && `&continue=${encodeURIComponent(token)}`}`,
    );
    token = /"continue":"([^"]+)"/.exec(answer.body.toString('utf8', 0, 500))?.[1] ?? '';
    if (token === '') return answer;
  }
});
await watchRow(1, n(2_000));
await watchRow(100, n(2_000));
await watchRow(1_000, n(500));
for (const c of [1, 16, 64]) {
  let at = c === 1 ? 0 : c === 16 ? 1_000 : 3_000;
  const count = n(c === 1 ? 500 : 1_000);
  at = Math.round(at * scale);
  await row('delete', c, count, (client, i) => client.request('DELETE', `${maps}/m-${at + i}`));
}
console.log(`memory after the load: ${server.rssMegabytes().toFixed(0)} MB`);
filler?.close();
await server.stop();
server.remove();

/** So many watchers of all pods, while two writers patch as fast as they can. */
async function watchRow(watchers: number, writes: number): Promise<void> {
  const clients = await openAll(server.target(), watchers + 2);
  const [first, second, ...watching] = clients as [RawClient, RawClient, ...RawClient[]];
  const version = JSON.parse((await first.request('GET', `${pods}?limit=1`)).body.toString()).metadata
    .resourceVersion;
  const marker = Buffer.from('"type":"MODIFIED"');
  let delivered = 0;
  const all = watchers * writes;
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const client of watching) {
    client.stream(`${pods}?watch=true&resourceVersion=${version}`, (bytes) => {
      for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + 1)) delivered++;
      if (delivered >= all * 0.999) resolve();
    });
  }
  // Every watch is answered before the first write counts.
  await first.request('GET', `${pods}/p-0`);
  const cpuBefore = server.cpuSeconds();
  const began = performance.now();
  let done = 0;
  await Promise.all(
    [first, second].map(async (client) => {
      while (done < writes) {
        const name = `p-${done++ % podSerial}`;
        const body = JSON.stringify({ metadata: { annotations: { watched: String(serial++) } } });
        await client.request('PATCH', `${pods}/${name}`, body, 'application/merge-patch+json');
      }
    }),
  );
  await promise;
  const seconds = (performance.now() - began) / 1000;
  const cpu = server.cpuSeconds() - cpuBefore;
  console.log(
    `${`watch, ${watchers} watchers`.padEnd(44)} ${(all / seconds).toFixed(0).padStart(8)} delivered/s  ${((cpu / all) * 1000).toFixed(3)} CPU s/1,000`,
  );
  for (const client of clients) client.close();
}
