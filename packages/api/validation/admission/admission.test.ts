import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FieldPath, invalid, type KubeObject } from '@coxswain/machinery';
import { validateCreate, validateUpdate, warningsOnCreate } from '../../mod.ts';
import { changed, created, factOf, texts } from '../../strategy/test-objects.ts';
import type { Json } from '../values.ts';

const apiVersion = 'admissionregistration.k8s.io/v1';
const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] };
const label =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

const make = (kind: string, members: Json): KubeObject => created(apiVersion, kind, members);
const policy = (spec: Json): KubeObject =>
  make('ValidatingAdmissionPolicy', {
    spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'true' }], ...spec },
  });
const mutating = (spec: Json): KubeObject =>
  make('MutatingAdmissionPolicy', {
    spec: {
      matchConstraints: { resourceRules: [rule] },
      reinvocationPolicy: 'Never',
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[]' } }],
      ...spec,
    },
  });
const binding = (kind: string, spec: Json): KubeObject => make(kind, { spec: { policyName: 'p', ...spec } });
const hook = {
  name: 'a.b.c',
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  clientConfig: { url: 'https://x' },
};
const webhooks = (...hooks: Json[]): KubeObject =>
  make('ValidatingWebhookConfiguration', { webhooks: hooks.map((one) => ({ ...hook, ...one })) });

const cases: readonly (readonly [what: string, object: KubeObject, faults: readonly string[]])[] = [
  ['a policy', policy({}), []],
  [
    'parameters of no version',
    policy({ paramKind: { apiVersion: 'a/b/c', kind: 'K_' } }),
    [
      'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      `spec.paramKind.kind: Invalid value: "K_": may have mixed case, but should otherwise match: ${label}`,
    ],
  ],
  [
    'parameters of an empty version',
    policy({ paramKind: { apiVersion: 'g/', kind: 'K' } }),
    ['spec.paramKind.apiVersion: Invalid value: "g/": version must be specified'],
  ],
  [
    'variables with bad names',
    policy({
      variables: [
        { name: 'in', expression: '1' },
        { name: ' ', expression: ' ' },
      ],
    }),
    [
      'spec.variables[0].name: Invalid value: "in": must be a valid CEL identifier',
      'spec.variables[1].name: Required value: name is not specified',
      'spec.variables[1].expression: Required value: expression is not specified',
    ],
  ],
  [
    'messages of more than one line, or none',
    policy({
      validations: [
        { expression: 'true', message: 'a\nb' },
        { expression: 'true', message: ' ', messageExpression: ' ' },
      ],
    }),
    [
      'spec.validations[0].message: Invalid value: "a\\nb": must not contain line breaks',
      'spec.validations[1].messageExpression: Invalid value: " ": must be non-empty if specified',
      'spec.validations[1].message: Invalid value: " ": must be non-empty if specified',
    ],
  ],
  [
    'annotations of one key',
    policy({
      auditAnnotations: [
        { key: 'a', valueExpression: '"x"' },
        { key: 'a', valueExpression: ' ' },
      ],
    }),
    [
      'spec.auditAnnotations[1].valueExpression: Required value: valueExpression is not specified',
      'spec.auditAnnotations[1].key: Duplicate value: "a"',
    ],
  ],
  [
    'rules that name an object twice',
    policy({
      matchConstraints: {
        resourceRules: [{ ...rule, resources: ['*', 'pods'], resourceNames: ['a/b', 'c', 'c'] }],
      },
    }),
    [
      'spec.matchConstraints.resourceRules[0].resourceNames[0]: Invalid value: "a/b": may not contain \'/\'',
      'spec.matchConstraints.resourceRules[0].resourceNames[2]: Duplicate value: "c"',
      'spec.matchConstraints.resourceRules[0].resources: Invalid value: ["*","pods"]: if \'*\' is present, must not specify other resources without subresources',
    ],
  ],
  [
    'a mutation of deletions',
    mutating({ matchConstraints: { resourceRules: [{ ...rule, operations: ['CREATE', 'DELETE'] }] } }),
    [
      'spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
    ],
  ],
  [
    'mutations without their patch, of both kinds, and of none',
    mutating({
      mutations: [
        { patchType: 'JSONPatch' },
        {
          patchType: 'ApplyConfiguration',
          jsonPatch: { expression: '[]' },
          applyConfiguration: { expression: ' ' },
        },
        { patchType: 'Odd' },
      ],
    }),
    [
      'spec.mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch',
      'spec.mutations[1].applyConfiguration.expression: Required value',
      'spec.mutations[1].jsonPatch: Invalid value: "{jsonPatch}": must not be specified when patchType is ApplyConfiguration',
      'spec.mutations[2].patchType: Unsupported value: "Odd": supported values: "ApplyConfiguration", "JSONPatch"',
    ],
  ],
  [
    'a reference to parameters by name and selector',
    binding('ValidatingAdmissionPolicyBinding', {
      validationActions: ['Deny', 'Deny'],
      paramRef: { name: 'a/b', selector: {}, parameterNotFoundAction: 'Odd' },
    }),
    [
      'spec.paramRef.name: Invalid value: "a/b": may not contain \'/\'',
      'spec.paramRef.name: Forbidden: name and selector are mutually exclusive',
      'spec.paramRef.selector: Forbidden: name and selector are mutually exclusive',
      'spec.paramRef.parameterNotFoundAction: Unsupported value: "Odd": supported values: "Deny", "Allow"',
      'spec.validationActions[1]: Duplicate value: "Deny"',
    ],
  ],
  [
    'a reference to no parameters',
    binding('MutatingAdmissionPolicyBinding', {
      paramRef: {},
      matchResources: { resourceRules: [{ ...rule, operations: ['DELETE'] }] },
    }),
    [
      'spec.paramRef: Required value: one of name or selector must be specified',
      'spec.paramRef.parameterNotFoundAction: Required value',
      'spec.matchResources.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
    ],
  ],
  [
    'webhooks of one name, reached nowhere',
    webhooks(
      {},
      { clientConfig: { service: { name: 's', path: '/A/' } }, admissionReviewVersions: ['v1', 'v1'] },
    ),
    [
      'webhooks[1].clientConfig.service.name: Required value',
      "webhooks[1].clientConfig.service.path: Invalid value: \"/A/\": segment[0]: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'webhooks[1].admissionReviewVersions[1]: Invalid value: "v1": duplicate version',
      'webhooks[1].name: Duplicate value: "a.b.c"',
    ],
  ],
];

for (const [what, object, faults] of cases) {
  it(`validateCreate() of a ${object.kind} finds ${faults.length} faults in ${what}`, () => {
    assert.deepEqual(texts(validateCreate(factOf(apiVersion, object.kind), object)), faults);
  });
}

describe('validateWebhookConfigurationUpdate()', () => {
  const fact = factOf(apiVersion, 'ValidatingWebhookConfiguration');
  const old = webhooks({ sideEffects: 'Some', admissionReviewVersions: ['v9'] }, {});

  it('does not ask for what was not so before', () => {
    const next = changed(old, (copy) => {
      copy['webhooks'][0].timeoutSeconds = 5;
    });
    assert.deepEqual(texts(validateUpdate(fact, next, old)), []);
  });

  it('asks for what was so before', () => {
    const next = changed(webhooks({}), (copy) => {
      copy['webhooks'][0].sideEffects = 'Some';
    });
    assert.deepEqual(texts(validateUpdate(fact, next, webhooks({}))), [
      'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
    ]);
  });
});

describe('faults of expressions', () => {
  const fact = factOf(apiVersion, 'ValidatingAdmissionPolicy');
  const at = FieldPath.root('spec').child('validations').index(0).child('expression');
  const expressionFaults = new Map([
    [at.toString(), [invalid(at, '1', 'must evaluate to bool but got int')]],
  ]);

  it('are reported among the others, and only where there is an expression', () => {
    const wrong = policy({ failurePolicy: 'Odd', validations: [{ expression: '1', reason: 'Odd' }] });
    assert.deepEqual(
      validateCreate(fact, wrong, { apiVersion, expressionFaults }).map(({ field }) => field),
      ['spec.failurePolicy', 'spec.validations[0].expression', 'spec.validations[0].reason'],
    );
    const empty = policy({ validations: [{ expression: ' ' }] });
    assert.deepEqual(texts(validateCreate(fact, empty, { apiVersion, expressionFaults })), [
      'spec.validations[0].expression: Required value: expression is not specified',
    ]);
  });

  it('of match conditions are those of who changes them', () => {
    const old = policy({ matchConditions: [{ name: '', expression: 'x' }] });
    const next = changed(old, (copy) => {
      copy['spec'].failurePolicy = 'Ignore';
    });
    assert.deepEqual(texts(validateUpdate(fact, next, old)), []);
    next['spec'].matchConditions.push({ name: 'b', expression: 'y' });
    assert.deepEqual(texts(validateUpdate(fact, next, old)), [
      'spec.matchConditions[0].name: Required value',
    ]);
  });
});

it('warningsOnCreate() tells of names that are for files', () => {
  const [text] = warningsOnCreate(
    factOf(apiVersion, 'ValidatingAdmissionPolicy'),
    created(apiVersion, 'ValidatingAdmissionPolicy', {}, { name: 'a.static.k8s.io' }),
  );
  assert.match(text ?? '', /^metadata\.name: names ending with "\.static\.k8s\.io" are reserved/);
});
