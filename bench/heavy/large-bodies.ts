import type { HeldLoop } from '../support/held-loop.ts';
import { mapsPath } from '../support/objects.ts';

const yaml = 'application/yaml';
const nodes = '/api/v1/nodes';

/** Bodies of nearly 1 MB in other shapes and forms than many members in JSON. */
export async function largeBodies(loop: HeldLoop): Promise<void> {
  const one = { large: 'x'.repeat(900_000) };
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`key-${i}`, `value-${i}`]));
  const map = (name: string, data: object): object => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data,
  });
  const asYaml = (name: string, data: Readonly<Record<string, string>>): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n${Object.entries(data)
      .map(([key, value]) => `  ${key}: ${value}\n`)
      .join('')}`;
  for (const round of ['', ', again']) {
    const mark = round === '' ? '' : '-again';
    await loop.held(`create, config map with a member of 900 KB${round}`, () =>
      loop.post(mapsPath, map(`one${mark}`, one)),
    );
    await loop.held(`create in YAML, config map with a member of 900 KB${round}`, () =>
      loop.send('POST', mapsPath, asYaml(`one-yaml${mark}`, one), yaml),
    );
    await loop.held(`create in YAML, config map of 20,000 members${round}`, () =>
      loop.send('POST', mapsPath, asYaml(`many-yaml${mark}`, many), yaml),
    );
    await loop.held(`get in YAML, config map of 20,000 members${round}`, () =>
      loop.send('GET', `${mapsPath}/many-yaml${mark}`, undefined, undefined, yaml),
    );
    await loop.held(`get in protobuf, config map of 20,000 members${round}`, () =>
      loop.send(
        'GET',
        `${mapsPath}/many-yaml${mark}`,
        undefined,
        undefined,
        'application/vnd.kubernetes.protobuf',
      ),
    );
    await loop.held(`create, node with 5,000 images${round}`, () =>
      loop.post(nodes, {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: `node${mark}` },
        status: {
          images: Array.from({ length: 5_000 }, (_, i) => ({
            names: [`registry.example/image-${i}@sha256:${'a'.repeat(64)}`, `registry.example/image-${i}:v1`],
            sizeBytes: i,
          })),
        },
      }),
    );
    await loop.held(`create, endpoints with 8,000 addresses${round}`, () =>
      loop.post('/api/v1/namespaces/default/endpoints', {
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: { name: `many${mark}` },
        subsets: [
          {
            addresses: Array.from({ length: 8_000 }, (_, i) => ({
              ip: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
              nodeName: `node-${i}`,
            })),
            ports: [{ port: 80 }],
          },
        ],
      }),
    );
    await loop.held(`create, pod with 2,000 variables in each of 5 containers${round}`, () =>
      loop.post('/api/v1/namespaces/default/pods', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `wide${mark}` },
        spec: {
          containers: Array.from({ length: 5 }, (_, c) => ({
            name: `c-${c}`,
            image: 'registry.example/image',
            env: Array.from({ length: 2_000 }, (_, i) => ({ name: `VARIABLE_${i}`, value: `value ${i}` })),
          })),
        },
      }),
    );
    await loop.held(`strategic merge patch of that pod${round}`, () =>
      loop.send(
        'PATCH',
        `/api/v1/namespaces/default/pods/wide${mark}`,
        JSON.stringify({ metadata: { labels: { a: 'b' } } }),
        'application/strategic-merge-patch+json',
      ),
    );
    await loop.held(`JSON patch of 5,000 operations${round}`, () =>
      loop.send(
        'PATCH',
        `${mapsPath}/many-yaml${mark}`,
        JSON.stringify(
          Array.from({ length: 5_000 }, (_, i) => ({ op: 'replace', path: `/data/key-${i}`, value: 'new' })),
        ),
        'application/json-patch+json',
      ),
    );
  }
}
