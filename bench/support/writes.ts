import type { Load } from './load.ts';
import { measure } from './measure.ts';
import { configMap, mapsPath, pod, podsPath } from './objects.ts';

/** Creates, reads and changes. Gives how many objects there are then: `m-0` and so on, `p-0` and so on. */
export async function writes({ server, n, collect }: Load): Promise<{ maps: number; pods: number }> {
  let maps = 0;
  for (const c of [1, 16, 64]) {
    collect(
      await measure('create config map', server, c, n(c === 1 ? 2_000 : 8_000), (client) =>
        client.request('POST', mapsPath, configMap(`m-${maps++}`)),
      ),
    );
  }
  let pods = 0;
  for (const c of [1, 16, 64]) {
    collect(
      await measure('create pod', server, c, n(c === 1 ? 1_000 : 3_000), (client) =>
        client.request('POST', podsPath, pod(`p-${pods}`, pods++)),
      ),
    );
  }
  for (const c of [1, 16, 64]) {
    collect(
      await measure('get', server, c, n(c === 1 ? 5_000 : 20_000), (client, i) =>
        client.request('GET', `${podsPath}/p-${i % pods}`),
      ),
    );
  }
  for (const c of [1, 16, 64]) await updates({ server, n, collect }, c, pods);
  let serial = 0;
  for (const c of [1, 16, 64]) {
    collect(
      await measure('strategic merge patch of status', server, c, n(c === 1 ? 1_000 : 3_000), (client, i) =>
        client.request(
          'PATCH',
          `${podsPath}/p-${i % pods}/status`,
          JSON.stringify({
            status: { conditions: [{ type: 'Ready', status: 'True', message: `round ${serial++}` }] },
          }),
          'application/strategic-merge-patch+json',
        ),
      ),
    );
  }
  for (const c of [1, 16, 64]) {
    collect(
      await measure('server-side apply', server, c, n(c === 1 ? 500 : 2_000), (client, i) =>
        client.request(
          'PATCH',
          `${podsPath}/p-${i % pods}?fieldManager=bench&force=true`,
          JSON.stringify({
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name: `p-${i % pods}`, annotations: { round: String(serial++) } },
          }),
          'application/apply-patch+yaml',
        ),
      ),
    );
  }
  return { maps, pods };
}

/** PUT of pods that were read before; each is changed by its own connection alone, so that none conflicts. */
async function updates({ server, n, collect }: Load, connections: number, pods: number): Promise<void> {
  const total = n(connections === 1 ? 1_000 : 3_000);
  const bodies: string[] = [];
  await measure('read', server, 16, Math.min(total, pods), async (client, i) => {
    const answer = await client.request('GET', `${podsPath}/p-${i}`);
    const object = JSON.parse(answer.body.toString());
    object.metadata.labels.round = `c${connections}`;
    delete object.metadata.resourceVersion;
    bodies[i] = JSON.stringify(object);
    return answer;
  });
  let round = 0;
  const figure = await measure('update pod', server, connections, total, (client, i) => {
    const index = i % bodies.length;
    const body = (bodies[index] as string).replace(/"round":"[^"]*"/, `"round":"${round++}"`);
    return client.request('PUT', `${podsPath}/p-${index}`, body);
  });
  collect(figure);
}
