import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { UserInfo } from '../access/contract.ts';
import { bootstrapObjects } from '../bootstrap/objects.ts';
import { inOrder, schemaConfig } from './config.ts';
import { type FlowRequest, matches } from './matches.ts';
import { dealHand, hashFlow } from './shuffle-shard.ts';

const schemas = inOrder(
  bootstrapObjects()
    .filter(({ object }) => object.kind === 'FlowSchema')
    .map(({ object }) => schemaConfig(object)),
);

const pods: FlowRequest = {
  resourceRequest: true,
  verb: 'list',
  path: '',
  group: '',
  resource: 'pods',
  subresource: '',
  namespace: 'default',
};
const authenticated = 'system:authenticated';

function classify(
  name: string,
  groups: readonly string[],
  request: Partial<FlowRequest>,
): string | undefined {
  const user: UserInfo = { name, groups: [...groups, authenticated] };
  return schemas.find((schema) => matches(schema, user, { ...pods, ...request }))?.name;
}

describe('matches()', () => {
  const lease = { group: 'coordination.k8s.io', resource: 'leases', namespace: 'kube-system' };
  const serviceAccount = (namespace: string, name: string): string =>
    `system:serviceaccount:${namespace}:${name}`;
  const serviceAccounts = ['system:serviceaccounts'];
  const health = { resourceRequest: false, verb: 'get', path: '/healthz' };
  const cases: readonly (readonly [string, string, readonly string[], Partial<FlowRequest>, string])[] = [
    ['an administrator', 'root', ['system:masters'], {}, 'exempt'],
    ['a probe', 'alice', [], health, 'probes'],
    ['another path', 'alice', [], { ...health, path: '/metrics' }, 'global-default'],
    ['a person', 'alice', [], {}, 'global-default'],
    ['a leader', 'system:kube-scheduler', [], { ...lease, verb: 'update' }, 'system-leader-election'],
    ['no leader', 'system:kube-scheduler', [], { ...lease, verb: 'list' }, 'kube-scheduler'],
    ['a node', 'system:node:n', ['system:nodes'], {}, 'system-nodes'],
    [
      'its status',
      'system:node:n',
      ['system:nodes'],
      { resource: 'nodes', subresource: 'status', namespace: '' },
      'system-node-high',
    ],
    ['its lease', 'system:node:n', ['system:nodes'], lease, 'system-node-high'],
    ['an add-on', serviceAccount('kube-system', 'dns'), serviceAccounts, {}, 'kube-system-service-accounts'],
    ['a pod', serviceAccount('default', 'dns'), serviceAccounts, {}, 'service-accounts'],
  ];
  for (const [what, name, groups, request, expected] of cases) {
    test(`finds ${expected} for ${what}`, () => assert.equal(classify(name, groups, request), expected));
  }

  test('takes prefixes of paths and asks for cluster scope', () => {
    const schema = {
      ...schemaConfig(bootstrapObjects()[0]?.object as never),
      rules: [
        {
          subjects: [{ kind: 'Group', group: { name: '*' } }],
          nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/debug/*', '/logs'] }],
          resourceRules: [{ verbs: ['*'], apiGroups: ['apps'], resources: ['*'], namespaces: ['a'] }],
        },
      ],
    };
    const user = { name: 'x', groups: ['g'] };
    const asks = (request: Partial<FlowRequest>): boolean => matches(schema, user, { ...pods, ...request });
    assert.ok(asks({ resourceRequest: false, verb: 'get', path: '/debug/pprof/' }));
    assert.ok(!asks({ resourceRequest: false, verb: 'get', path: '/debugger' }));
    assert.ok(asks({ resourceRequest: false, verb: 'get', path: '/logs/kubelet' }));
    assert.ok(!asks({ resourceRequest: false, verb: 'get', path: '/logsearch' }));
    assert.ok(asks({ group: 'apps', namespace: 'a' }));
    assert.ok(!asks({ group: 'apps', namespace: 'b' }));
    assert.ok(!asks({ group: 'apps', namespace: '' }));
  });
});

describe('dealHand()', () => {
  test('deals different queues, the same to the same flow', () => {
    for (const name of ['alice', 'bob', '']) {
      const hand = dealHand(hashFlow('schema', name), 128, 6);
      assert.equal(new Set(hand).size, 6);
      assert.ok(hand.every((queue) => queue >= 0 && queue < 128));
      assert.deepEqual(hand, dealHand(hashFlow('schema', name), 128, 6));
    }
    assert.notDeepEqual(dealHand(hashFlow('schema', 'a'), 128, 6), dealHand(hashFlow('schema', 'b'), 128, 6));
  });

  for (const [schema, distinguisher, deck, hand] of [
    ['global-default', 'alice', 128, [55, 62, 126, 125, 105, 1]],
    ['service-accounts', 'system:serviceaccount:a:b', 64, [55, 49, 50, 0, 33, 37, 14, 25]],
    ['x', '', 8, [4, 3, 5, 0, 2, 7, 6, 1]],
  ] as const) {
    test(`deals ${distinguisher === '' ? 'everybody' : distinguisher} what upstream deals`, () => {
      assert.deepEqual(dealHand(hashFlow(schema, distinguisher), deck, hand.length), hand);
    });
  }

  test('deals every queue when the hand is the deck', () => {
    assert.deepEqual([...dealHand(12345678901234n, 8, 8)].sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
  });
});
