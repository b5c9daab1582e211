import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '../validation/values.ts';
import { validateCreate, validateUpdate } from './strategy.ts';
import { changed, created, factOf, texts } from './test-objects.ts';

const v1 = 'flowcontrol.apiserver.k8s.io/v1';

function faultsOf(kind: string, spec: Json, name = 'x'): string[] {
  return texts(validateCreate(factOf(v1, kind), created(v1, kind, { spec }, { name })));
}

const user = { kind: 'User', user: { name: 'a' } };
const paths = [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }];
const schema = (more: Json): Json => ({ priorityLevelConfiguration: { name: 'p' }, ...more });
const queue = (queuing: Json): Json => ({
  type: 'Limited',
  limited: { limitResponse: { type: 'Queue', queuing } },
});

const cases: readonly (readonly [string, string, Json, readonly string[]])[] = [
  ['a rule', 'FlowSchema', schema({ rules: [{ subjects: [user], nonResourceRules: paths }] }), []],
  [
    'no priority level, and the precedence of the exempt',
    'FlowSchema',
    { matchingPrecedence: 1 },
    [
      "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1",
      'spec.priorityLevelConfiguration.name: Required value: must reference a priority level',
    ],
  ],
  [
    'rules about nothing and nobody',
    'FlowSchema',
    schema({
      distinguisherMethod: { type: 'ByMoon' },
      rules: [
        { subjects: [] },
        {
          subjects: [{ kind: 'User', group: { name: 'g' } }, { kind: 'Robot' }],
          resourceRules: [{ verbs: ['use'], apiGroups: ['*', 'a'], resources: [] }],
          nonResourceRules: [{ verbs: ['*', 'get'], nonResourceURLs: ['x', '/a*'] }],
        },
      ],
    }),
    [
      'spec.distinguisherMethod.type: Unsupported value: {"Type":"ByMoon"}: supported values: "ByNamespace", "ByUser"',
      'spec.rules[0].subjects: Required value: subjects must contain at least one value',
      'spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty',
      "spec.rules[1].subjects[0].user: Required value: user is required when subject kind is 'User'",
      "spec.rules[1].subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'",
      'spec.rules[1].subjects[1].kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"',
      'spec.rules[1].resourceRules[0].verbs: Unsupported value: ["use"]: supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"',
      'spec.rules[1].resourceRules[0].apiGroups: Invalid value: ["*","a"]: if \'*\' is present, must not specify other api groups',
      'spec.rules[1].resourceRules[0].resources: Required value: resource rules must supply at least one resource',
      'spec.rules[1].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace',
      'spec.rules[1].nonResourceRules[0].verbs: Invalid value: ["*","get"]: if \'*\' is present, must not specify other verbs',
      'spec.rules[1].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "x": must start with slash',
      'spec.rules[1].nonResourceRules[0].nonResourceURLs[1]: Invalid value: "/a*": wildcard can only do suffix matching',
    ],
  ],
  ['queues', 'PriorityLevelConfiguration', queue({}), []],
  [
    'more to deal than the hash has bits for',
    'PriorityLevelConfiguration',
    queue({ queues: 1024, handSize: 7, queueLengthLimit: -1 }),
    [
      'spec.limited.limitResponse.queuing.queueLengthLimit: Invalid value: -1: must be positive',
      'spec.limited.limitResponse.queuing.handSize: Invalid value: 7: required entropy bits of deckSize 1024 and handSize 7 should not be greater than 60',
    ],
  ],
  [
    'an exempt level of another name',
    'PriorityLevelConfiguration',
    { type: 'Exempt', limited: { limitResponse: { type: 'Reject' } } },
    [
      "spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is 'exempt'",
      'spec.limited: Forbidden: must be nil if the type is not Limited',
    ],
  ],
  [
    'no type',
    'PriorityLevelConfiguration',
    {},
    ['spec.type: Unsupported value: "": supported values: "Exempt", "Limited"'],
  ],
];

describe('validateCreate() of flowcontrol.apiserver.k8s.io', () => {
  for (const [what, kind, spec, faults] of cases) {
    it(`${faults.length === 0 ? 'takes' : 'refuses'} ${what}`, () => {
      assert.deepEqual(faultsOf(kind, structuredClone(spec)), faults);
    });
  }

  it('keeps the mandatory level as it is, but for what is exempt', () => {
    const spec = { type: 'Exempt', exempt: { nominalConcurrencyShares: 3 } };
    assert.deepEqual(faultsOf('PriorityLevelConfiguration', spec, 'exempt'), []);
    const other = { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } };
    assert.deepEqual(faultsOf('PriorityLevelConfiguration', other, 'catch-all'), [
      'spec: Invalid value: {"Type":"Limited","Limited":{"NominalConcurrencyShares":30,"LimitResponse":{"Type":"Reject","Queuing":null},"LendablePercent":0,"BorrowingLimitPercent":null},"Exempt":null}: spec of \'catch-all\' must equal the fixed value',
    ]);
  });
});

describe('validateUpdate() of flowcontrol.apiserver.k8s.io', () => {
  it('refuses to change a mandatory schema', () => {
    const fact = factOf(v1, 'FlowSchema');
    const old = created(v1, 'FlowSchema', { spec: schema({ matchingPrecedence: 5 }) }, { name: 'catch-all' });
    const errors = texts(
      validateUpdate(
        fact,
        changed(old, () => {}),
        old,
      ),
    );
    assert.equal(errors.length, 1);
    assert.match(
      errors[0]!,
      /^spec: Invalid value: \{"PriorityLevelConfiguration":\{"Name":"p"\}.*must equal the fixed value$/,
    );
  });
});
