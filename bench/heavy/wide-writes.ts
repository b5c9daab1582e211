import type { HeldLoop } from '../support/held-loop.ts';
import { mapsPath } from '../support/objects.ts';

const group = 'heavy.example.com';
const customPath = `/apis/${group}/v1/namespaces/default/wides`;
const jsonPatch = 'application/json-patch+json';
const mergePatch = 'application/merge-patch+json';
const applyPatch = 'application/apply-patch+yaml';

/** Writes of objects of nearly 1 MB with 20,000 members, each of which has its owner. */
export async function wideWrites(loop: HeldLoop): Promise<void> {
  await loop.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
  await established(loop);
  for (const [name, path, object] of [
    ['config map', mapsPath, wideMap],
    ['custom resource', customPath, wideCustom],
  ] as const) {
    const body = (of: string, mark: string): string => JSON.stringify(object(of, mark));
    const of = `${path}/wide`;
    for (const round of ['', ', again']) {
      const suffix = round === '' ? '' : '2';
      const named = (what: string): string => `${what}, ${name} of 20,000 members${round}`;
      await loop.held(named('create'), () => loop.send('POST', path, body(`wide${suffix}`, 'a')));
      const version = await versionOf(loop, of + suffix);
      const updated = body(`wide${suffix}`, 'b').replace('"name":', `"resourceVersion":"${version}","name":`);
      await loop.held(named('update'), () => loop.send('PUT', of + suffix, updated));
      const patch = JSON.stringify({ data: { 'key-7': `c${round}` } });
      await loop.held(named('merge patch'), () => loop.send('PATCH', of + suffix, patch, mergePatch));
      const json = JSON.stringify([{ op: 'replace', path: '/data/key-8', value: `d${round}` }]);
      await loop.held(named('JSON patch'), () => loop.send('PATCH', of + suffix, json, jsonPatch));
      const applied = body(`wide${suffix}`, 'e');
      const query = '?fieldManager=heavy&force=true';
      await loop.held(named('apply'), () => loop.send('PATCH', of + suffix + query, applied, applyPatch));
      await loop.held(named('apply of the same'), () =>
        loop.send('PATCH', of + suffix + query, applied, applyPatch),
      );
      const read = (await loop.send('GET', of + suffix)).body.toString();
      await loop.held(named('update of what was read'), () =>
        loop.send('PUT', of + suffix, read.replace('value-e-9"', 'changed"')),
      );
      await loop.held(named('delete'), () => loop.send('DELETE', of + suffix));
    }
  }
}

async function versionOf(loop: HeldLoop, path: string): Promise<string> {
  const { metadata } = JSON.parse((await loop.send('GET', path)).body.toString());
  return metadata.resourceVersion;
}

function members(mark: string): Record<string, string> {
  return Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`key-${i}`, `value-${mark}-${i}`]));
}

function wideMap(name: string, mark: string): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: members(mark) };
}

function wideCustom(name: string, mark: string): object {
  return { apiVersion: `${group}/v1`, kind: 'Wide', metadata: { name }, data: members(mark) };
}

const text = { type: 'string', maxLength: 100 };
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `wides.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { plural: 'wides', singular: 'wide', kind: 'Wide', listKind: 'WideList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { data: { type: 'object', additionalProperties: text } },
          },
        },
      },
    ],
  },
};

async function established(loop: HeldLoop): Promise<void> {
  for (;;) {
    if ((await loop.client.request('GET', customPath)).status === 200) return;
  }
}
