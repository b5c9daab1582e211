import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { Client } from '../client.ts';
import type { Transport } from '../transport.ts';
import type { ResourceMapping } from './discover.ts';
import { findByName, NoMatchError, RestMapper } from './rest-mapper.ts';

function mapping(
  group: string,
  version: string,
  resource: string,
  kind: string,
  shortNames: string[] = [],
): ResourceMapping {
  const singular = kind.toLowerCase();
  return {
    group,
    version,
    resource,
    kind,
    namespaced: true,
    singular,
    shortNames,
    categories: [],
    verbs: ['get'],
    subresources: [],
  };
}

const all = [
  mapping('', 'v1', 'pods', 'Pod', ['po']),
  mapping('', 'v1', 'events', 'Event', ['ev']),
  mapping('apps', 'v1', 'deployments', 'Deployment', ['deploy']),
  mapping('events.k8s.io', 'v1', 'events', 'Event', ['ev']),
  mapping('example.com', 'v1', 'widgets', 'Widget', ['po']),
  mapping('example.com', 'v1beta1', 'widgets', 'Widget'),
];

describe('findByName()', () => {
  const cases: readonly (readonly [text: string, found: string | undefined])[] = [
    ['pods', '/v1/pods'],
    ['pod', '/v1/pods'],
    ['Pod', '/v1/pods'],
    ['po', '/v1/pods'],
    ['events', '/v1/events'],
    ['events.events.k8s.io', 'events.k8s.io/v1/events'],
    ['deployments.apps', 'apps/v1/deployments'],
    ['deploy.v1.apps', 'apps/v1/deployments'],
    ['widgets.v1beta1.example.com', 'example.com/v1beta1/widgets'],
    ['pods.v1.', '/v1/pods'],
    ['widgets.example', 'example.com/v1/widgets'],
    ['gadgets', undefined],
    ['deployments.batch', undefined],
  ];
  for (const [text, expected] of cases) {
    test(`finds ${expected ?? 'nothing'} when asked for ${text}`, () => {
      const found = findByName(all, text);
      assert.equal(found && `${found.group}/${found.version}/${found.resource}`, expected);
    });
  }
});

/** A server with discovery alone, that learns of widgets when it is told. */
class DiscoveryServer {
  asked = 0;
  widgets = false;

  readonly transport = {
    raw: async (path: string): Promise<string> => {
      this.asked++;
      const of = (name: string, resource: string, kind: string, scope: string) => ({
        metadata: { name },
        versions: [
          { version: 'v1', resources: [{ resource, responseKind: { kind }, scope, verbs: ['get'] }] },
        ],
      });
      const core = [of('', 'nodes', 'Node', 'Cluster')];
      const groups = this.widgets ? [of('example.com', 'widgets', 'Widget', 'Namespaced')] : [];
      return JSON.stringify({ kind: 'APIGroupDiscoveryList', items: path === '/api' ? core : groups });
    },
  } as unknown as Transport;
}

describe('RestMapper', () => {
  const widget: KubeObject = {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'w', namespace: 'x' },
  };

  test('asks once for what it knows, and again for what it does not', async () => {
    const server = new DiscoveryServer();
    const mapper = new RestMapper(new Client(server.transport));
    assert.equal((await mapper.resourceFor('nodes')).kind, 'Node');
    assert.equal((await mapper.resourceOfKind('v1', 'Node')).resource, 'nodes');
    assert.equal(server.asked, 2);
    await assert.rejects(mapper.clientFor(widget), NoMatchError);
    server.widgets = true;
    const client = await mapper.clientFor(widget);
    assert.deepEqual([client.ref.resource, client.namespace], ['widgets', 'x']);
  });

  test('gives clients of cluster-scoped kinds no namespace, others the one asked for', async () => {
    const server = new DiscoveryServer();
    server.widgets = true;
    const mapper = new RestMapper(new Client(server.transport));
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } };
    assert.equal((await mapper.clientFor(node)).namespace, undefined);
    assert.equal((await mapper.clientFor({ ...widget, metadata: { name: 'w' } }, 'mine')).namespace, 'mine');
  });
});
