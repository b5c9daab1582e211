import type { HeldLoop } from '../support/held-loop.ts';

const group = 'heavy.example.com';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const json = 'application/json';
const table = `${json};as=Table;g=meta.k8s.io;v=v1`;

/** Definitions with large schemas, and definitions that change while there are many objects of theirs. */
export async function customResources(loop: HeldLoop, quick: boolean): Promise<void> {
  const count = quick ? 5_000 : 20_000;
  const path = `/apis/${group}/v1/namespaces/default/things`;
  await loop.post(definitions, definition(['v1']));
  await served(loop, path);
  await loop.fill(path, count, thing);
  const named = (what: string): string => `${what}, ${count.toLocaleString('en-US')} custom resources`;
  const all = `/apis/${group}/v1/things`;
  await loop.restart();
  for (const round of ['', ', again']) {
    await loop.held(named(`list${round}`), () => loop.send('GET', all));
    await loop.held(named(`label that none has${round}`), () =>
      loop.send('GET', `${all}?labelSelector=app%3Dnone`),
    );
    await loop.held(named(`table${round}`), () => loop.send('GET', all, undefined, undefined, table));
  }
  const there = JSON.parse((await loop.send('GET', `${definitions}/things.${group}`)).body.toString());
  const { spec } = definition(['v1', 'v2']);
  const changed = JSON.stringify({ ...there, spec });
  await loop.held(named('new version'), async () => {
    await loop.send('PUT', `${definitions}/things.${group}`, changed);
    await served(loop, `/apis/${group}/v2/namespaces/default/things/thing-0`);
  });
  for (const round of ['', ', again']) {
    await loop.held(named(`list in the other version${round}`), () =>
      loop.send('GET', `/apis/${group}/v2/things`),
    );
  }
  await loop.held(named('deletecollection'), () => loop.send('DELETE', path));
  await loop.held('create, definition with a schema of 1 MB', async () => {
    await loop.post(definitions, largeDefinition(20_000));
    await served(loop, `/apis/${group}/v1/namespaces/default/larges`);
  });
  const large = (name: string): object => ({
    apiVersion: `${group}/v1`,
    kind: 'Large',
    metadata: { name },
    spec: Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`field${i}`, `v${i}`])),
  });
  const larges = `/apis/${group}/v1/namespaces/default/larges`;
  await loop.held('create, object of that definition', () => loop.post(larges, large('a')));
  await loop.held('create, another object of that definition', () => loop.post(larges, large('b')));
  for (const document of ['/openapi/v2', '/openapi/v3', `/openapi/v3/apis/${group}/v1`]) {
    await loop.held(`${document} after that`, () => loop.send('GET', document));
  }
  await loop.held('/openapi/v2 in protobuf after that', () =>
    loop.send(
      'GET',
      '/openapi/v2',
      undefined,
      undefined,
      'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
    ),
  );
  await loop.held('status of that definition changes', () =>
    loop.send(
      'PATCH',
      `${definitions}/larges.${group}`,
      JSON.stringify({ metadata: { annotations: { a: 'b' } } }),
      'application/merge-patch+json',
    ),
  );
  await loop.held('/openapi/v2 again', () => loop.send('GET', '/openapi/v2'));
  await loop.held('delete, definition with a schema of 1 MB', () =>
    loop.send('DELETE', `${definitions}/larges.${group}`),
  );
}

function definition(versions: readonly string[]): { readonly spec: object } {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `things.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
      versions: versions.map((name) => ({
        name,
        served: true,
        storage: name === 'v1',
        additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  size: { type: 'integer', minimum: 0 },
                  words: { type: 'array', items: { type: 'string' } },
                  more: { type: 'object', additionalProperties: { type: 'string' } },
                  color: { type: 'string', default: 'green' },
                },
              },
            },
          },
        },
      })),
    },
  } as { readonly spec: object };
}

function thing(index: number): string {
  return JSON.stringify({
    apiVersion: `${group}/v1`,
    kind: 'Thing',
    metadata: { name: `thing-${index}`, labels: { app: 'heavy' } },
    spec: {
      size: index,
      words: Array.from({ length: 10 }, (_, i) => `word ${i}`),
      more: Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`key-${i}`, 'x'.repeat(50)])),
    },
  });
}

/** A definition whose schema has so many properties, some 45 bytes each. */
function largeDefinition(properties: number): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `larges.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'larges', singular: 'large', kind: 'Large', listKind: 'LargeList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  properties: Object.fromEntries(
                    Array.from({ length: properties }, (_, i) => [
                      `field${i}`,
                      { type: 'string', maxLength: 64 },
                    ]),
                  ),
                },
              },
            },
          },
        },
      ],
    },
  };
}

async function served(loop: HeldLoop, path: string): Promise<void> {
  while ((await loop.client.request('GET', path)).status !== 200);
}
