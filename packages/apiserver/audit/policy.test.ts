import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AuditPolicyError, parseAuditPolicy } from './load-policy.ts';
import { type AuditAttributes, type PolicyRule, PolicyRuleEvaluator } from './policy.ts';

const request: AuditAttributes = {
  user: { name: 'alice', groups: ['devs', 'system:authenticated'] },
  verb: 'get',
  resourceRequest: true,
  path: '/api/v1/namespaces/ns/pods/p/log',
  group: '',
  version: 'v1',
  resource: 'pods',
  subresource: 'log',
  namespace: 'ns',
  name: 'p',
};
const node: AuditAttributes = { ...request, resource: 'nodes', subresource: '', namespace: '', name: 'n' };
const health: AuditAttributes = { ...request, resourceRequest: false, path: '/healthz/etcd' };

const cases: readonly [string, Omit<PolicyRule, 'level'>, AuditAttributes, boolean][] = [
  ['everything', {}, request, true],
  ['a user', { users: ['bob', 'alice'] }, request, true],
  ['another user', { users: ['bob'] }, request, false],
  ['a user where nobody is known', { users: ['alice'] }, { ...request, user: undefined }, false],
  ['a group', { userGroups: ['devs'] }, request, true],
  ['another group', { userGroups: ['ops'] }, request, false],
  ['a verb', { verbs: ['get'] }, request, true],
  ['another verb', { verbs: ['list'] }, request, false],
  ['a namespace', { namespaces: ['ns'] }, request, true],
  ['another namespace', { namespaces: ['other'] }, request, false],
  ['no namespace', { namespaces: [''] }, node, true],
  ['a namespace of no resource', { namespaces: [''] }, health, false],
  ['a group of resources', { resources: [{ group: '' }] }, request, true],
  ['another group of resources', { resources: [{ group: 'apps' }] }, request, false],
  ['a resource, but not its subresources', { resources: [{ resources: ['pods'] }] }, request, false],
  ['a subresource', { resources: [{ resources: ['pods/log'] }] }, request, true],
  ['all subresources of a resource', { resources: [{ resources: ['pods/*'] }] }, request, true],
  ['a subresource of all resources', { resources: [{ resources: ['*/log'] }] }, request, true],
  ['all resources', { resources: [{ resources: ['*'] }] }, request, true],
  ['a resource itself by its wildcard', { resources: [{ resources: ['nodes/*'] }] }, node, true],
  ['a name', { resources: [{ resources: ['nodes'], resourceNames: ['n'] }] }, node, true],
  ['another name', { resources: [{ resources: ['nodes'], resourceNames: ['m'] }] }, node, false],
  ['a path', { nonResourceURLs: ['/healthz/etcd'] }, health, true],
  ['paths', { nonResourceURLs: ['/healthz*'] }, health, true],
  ['all paths', { nonResourceURLs: ['*'] }, health, true],
  ['another path', { nonResourceURLs: ['/healthz'] }, health, false],
  ['a path of a resource', { nonResourceURLs: ['*'] }, request, false],
];

describe('PolicyRuleEvaluator', () => {
  for (const [name, rule, attributes, matches] of cases) {
    test(`a rule for ${name} ${matches ? 'matches' : 'does not match'}`, () => {
      const evaluator = new PolicyRuleEvaluator({ rules: [{ level: 'Request', ...rule }] });
      assert.equal(evaluator.evaluate(attributes).level, matches ? 'Request' : 'None');
    });
  }

  test('the first rule that matches decides, with the stages of the policy left out too', () => {
    const evaluator = new PolicyRuleEvaluator({
      omitStages: ['RequestReceived'],
      omitManagedFields: true,
      rules: [
        { level: 'None', users: ['bob'] },
        { level: 'Metadata', omitStages: ['Panic'], omitManagedFields: false },
        { level: 'RequestResponse' },
      ],
    });
    const config = evaluator.evaluate(request);
    assert.equal(config.level, 'Metadata');
    assert.deepEqual([...config.omitStages], ['RequestReceived', 'Panic']);
    assert.equal(config.omitManagedFields, false);
  });
});

const policy = (rules: unknown, more: object = {}): string =>
  JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules, ...more });

const faults: readonly [string, string, string | RegExp][] = [
  ['no rules', policy([]), 'loaded illegal policy with 0 rules'],
  ['no kind', 'rules: []', 'unknown group version field audit.k8s.io/__internal, Kind=Policy in policy'],
  [
    'another version',
    'apiVersion: audit.k8s.io/v1beta1\nkind: Policy',
    /no kind "Policy" is registered for version/,
  ],
  ['no YAML', ': {', /^failed decoding: /],
  ['no level', policy([{}]), 'rules[0].level: Required value'],
  [
    'an unknown level',
    policy([{ level: 'All' }]),
    'rules[0].level: Unsupported value: "All": supported values: "None", "Metadata", "Request", "RequestResponse"',
  ],
  [
    'an unknown stage',
    policy([{ level: 'None' }], { omitStages: ['Never'] }),
    'omitStages[0]: Invalid value: "Never": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic',
  ],
  [
    'a path without a slash',
    policy([{ level: 'None', nonResourceURLs: ['healthz'] }]),
    'rules[0].nonResourceURLs[0]: Invalid value: "healthz": non-resource URL rules must begin with a \'/\' character',
  ],
  [
    'a star inside of a path',
    policy([{ level: 'None', nonResourceURLs: ['/a*b'] }]),
    /wildcards '\*' must be the final character of the rule/,
  ],
  [
    'names without resources',
    policy([{ level: 'None', resources: [{ resourceNames: ['a'] }] }]),
    'rules[0].resources.resourceNames: Invalid value: ["a"]: using resourceNames requires at least one resource',
  ],
  [
    'resources and paths in one',
    policy([{ level: 'None', resources: [{}], nonResourceURLs: ['/a'] }]),
    /rules cannot apply to both regular resources and non-resource URLs/,
  ],
  [
    'a list that is none',
    policy([{ level: 'None', users: 'alice' }]),
    'failed decoding: json: cannot unmarshal string into Go struct field PolicyRule.rules.users of type []string',
  ],
  [
    'a level that is no text',
    policy([{ level: 5 }]),
    'failed decoding: json: cannot unmarshal number into Go struct field PolicyRule.rules.level of type v1.Level',
  ],
  [
    'a group that is no text',
    policy([{ level: 'None', resources: [{ group: 1 }] }]),
    'failed decoding: json: cannot unmarshal number into Go struct field GroupResources.rules.resources.group of type string',
  ],
  [
    'another kind',
    'apiVersion: audit.k8s.io/v1\nkind: Event\n',
    'failed decoding: converting (v1.Event) to (audit.Policy): unknown conversion',
  ],
  [
    'a kind of no version',
    'apiVersion: v1\nkind: Pod\n',
    'failed decoding: no kind "Pod" is registered for version "v1" in scheme "k8s.io/apiserver/pkg/audit/scheme.go:30"',
  ],
  ['nothing', '', 'unknown group version field audit.k8s.io/__internal, Kind=Policy in policy'],
];

describe('parseAuditPolicy()', () => {
  for (const [name, text, expected] of faults) {
    test(`refuses ${name}`, () => {
      assert.throws(
        () => parseAuditPolicy(text),
        (error: unknown) => {
          assert.ok(error instanceof AuditPolicyError);
          if (typeof expected === 'string') assert.equal(error.message, expected);
          else assert.match(error.message, expected);
          return true;
        },
      );
    });
  }

  test('takes any group', () => {
    const { rules } = parseAuditPolicy(policy([{ level: 'None', resources: [{ group: '*' }] }]));
    assert.deepEqual(rules, [{ level: 'None', resources: [{ group: '*' }] }]);
  });

  test('takes a policy in YAML', () => {
    const text = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  users: [a]\n';
    assert.deepEqual(parseAuditPolicy(text).rules, [{ level: 'Metadata', users: ['a'] }]);
  });
});
