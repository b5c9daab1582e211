import assert from 'node:assert/strict';
import { eventually } from '../../e2e/support/cluster.ts';
import type { Behaviours } from '../support/behaviours.ts';
import { anything, CustomResources, sketch } from '../support/custom-resources.ts';
import type { Scope } from '../support/scope.ts';

const schema = {
  type: 'object',
  description: 'Foo CRD for Testing',
  properties: {
    spec: {
      type: 'object',
      description: 'Specification of Foo',
      required: ['bars'],
      properties: {
        bars: {
          type: 'array',
          description: 'List of Bars and their specs.',
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string', description: 'Name of Bar.' }, age: { type: 'string' } },
          },
        },
      },
    },
  },
};

/** The name of a version's schema in OpenAPI v2. */
const definitionName = ({ definition: { spec } }: CustomResources, version: string): string =>
  `${spec.group.split('.').reverse().join('.')}.${version}.${spec.names.kind}`;

/** Waits until OpenAPI v2 and v3 describe a version, or do not. */
async function published(s: Scope, custom: CustomResources, version: string, wanted = true): Promise<any> {
  const name = definitionName(custom, version);
  const { group } = custom.definition.spec;
  return eventually(`${name} is ${wanted ? '' : 'not '}published`, async () => {
    const { definitions } = await s.api.get('/openapi/v2');
    const v3 = await s.api.call('GET', `/openapi/v3/apis/${group}/${version}`);
    const inV3 = v3.body?.components?.schemas?.[name] !== undefined;
    const inV2 = definitions[name] !== undefined;
    return inV2 === wanted && inV3 === wanted && (definitions[name] ?? true);
  });
}

async function kubectl(s: Scope, object: object, ...args: readonly string[]): Promise<string> {
  return s.cluster.kubectlWithInput(JSON.stringify(object), '-n', s.namespace, ...args, '-f', '-');
}

export const publishedSchemas: Behaviours = (behaviour) => {
  behaviour('CustomResourcePublishOpenAPI works for CRD with validation schema', async (s) => {
    const custom = await CustomResources.define(s, sketch([{ schema }]));
    const found = await published(s, custom, 'v1');
    assert.equal(found.properties.spec.properties.bars.description, 'List of Bars and their specs.');
    const good = custom.make('a', { spec: { bars: [{ name: 'test-bar' }] } });
    await kubectl(s, good, 'create');
    await kubectl(s, good, 'apply');
    await assert.rejects(
      kubectl(s, custom.make('b', { spec: { bars: [{ name: 'x' }], nope: 1 } }), 'create'),
      /unknown field "spec.nope"/,
    );
    await assert.rejects(
      kubectl(s, custom.make('c', { spec: { bars: [{ age: '10' }] } }), 'create'),
      /name: Required value|missing required field "name"/,
    );
    const { plural } = custom.definition.spec.names;
    const explained = await s.kubectl('explain', `${plural}.spec.bars`);
    assert.match(explained, /List of Bars and their specs\./);
    assert.match(explained, /name\s+<string> -required-/);
    await custom.remove();
  });

  const keeping: readonly (readonly [title: string, schema: object])[] = [
    ['CRD without validation schema', anything],
    ['CRD preserving unknown fields at the schema root', anything],
    [
      'CRD preserving unknown fields in an embedded object',
      { type: 'object', properties: { spec: anything, status: anything } },
    ],
  ];
  for (const [title, kept] of keeping) {
    behaviour(`CustomResourcePublishOpenAPI works for ${title}`, async (s) => {
      const custom = await CustomResources.define(s, sketch([{ schema: kept }]));
      await published(s, custom, 'v1');
      const object = custom.make('a', { spec: { a: { b: [{ c: 1 }] } } });
      await kubectl(s, object, 'create');
      await kubectl(s, object, 'apply');
      const { plural, kind } = custom.definition.spec.names;
      assert.match(await s.kubectl('explain', plural), new RegExp(`KIND:\\s+${kind}`));
      await custom.remove();
    });
  }

  behaviour('CustomResourcePublishOpenAPI works for multiple CRDs of different groups', async (s) => {
    const both = [await CustomResources.define(s, sketch()), await CustomResources.define(s, sketch())];
    for (const custom of both) await published(s, custom, 'v1');
    for (const custom of both) await custom.remove();
  });

  behaviour(
    'CustomResourcePublishOpenAPI works for multiple CRDs of same group and version but different kinds',
    async (s) => {
      const group = `${s.namespace}.example.com`;
      const both = [
        await CustomResources.define(s, sketch([{}], {}, group)),
        await CustomResources.define(s, sketch([{}], {}, group)),
      ];
      for (const custom of both) await published(s, custom, 'v1');
      for (const custom of both) await custom.remove();
    },
  );

  behaviour(
    'CustomResourcePublishOpenAPI works for multiple CRDs of same group but different versions',
    async (s) => {
      const custom = await CustomResources.define(s, sketch([{}, { name: 'v2' }]));
      await published(s, custom, 'v1');
      await published(s, custom, 'v2');
      await custom.remove();
    },
  );

  behaviour(
    'CustomResourcePublishOpenAPI updates the published spec when one version gets renamed',
    async (s) => {
      const custom = await CustomResources.define(s, sketch([{}, { name: 'v2' }]));
      await published(s, custom, 'v2');
      const rename = [{ op: 'replace', path: '/spec/versions/1/name', value: 'v3' }];
      await s.api.patch(custom.path, rename, 'application/json-patch+json');
      await published(s, custom, 'v3');
      await published(s, custom, 'v2', false);
      await published(s, custom, 'v1');
      await custom.remove();
    },
  );

  behaviour(
    'CustomResourcePublishOpenAPI removes definition from spec when one version gets changed to not be served',
    async (s) => {
      const custom = await CustomResources.define(s, sketch([{}, { name: 'v2' }]));
      await published(s, custom, 'v2');
      const stop = [{ op: 'replace', path: '/spec/versions/1/served', value: false }];
      await s.api.patch(custom.path, stop, 'application/json-patch+json');
      await published(s, custom, 'v2', false);
      await published(s, custom, 'v1');
      await custom.remove();
    },
  );
};
