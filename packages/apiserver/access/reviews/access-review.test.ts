import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type KubeObject, StatusError } from '@coxswain/machinery';
import type { Attributes, Authorizer } from '../contract.ts';
import { reviewAccess, reviewLocalAccess, reviewSelfAccess } from './access-review.ts';

/** Allows nothing and remembers what it was asked. */
class Recorder implements Authorizer {
  asked: Attributes | undefined;

  authorize(attributes: Attributes) {
    this.asked = attributes;
    return { decision: 'no-opinion', reason: '' } as const;
  }
}

const user = { name: 'u', groups: [] };

function review(spec: Record<string, unknown>, metadata: Record<string, unknown> = {}): KubeObject {
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    metadata,
    spec,
  } as KubeObject;
}

const about = (selectors: Record<string, unknown>): Record<string, unknown> => ({
  resourceAttributes: { verb: 'list', resource: 'pods', ...selectors },
});

/** Each cause on a line. */
function refusal(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    assert.ok(error instanceof StatusError);
    return (error.status.details?.causes ?? []).map((c) => `${c.field}: ${c.message}`).join('\n');
  }
  return '';
}

describe('reviewSelfAccess()', () => {
  const selectors: readonly [string, Record<string, unknown>, string | undefined, string | undefined][] = [
    [
      'a field',
      { fieldSelector: { requirements: [{ key: 'a', operator: 'In', values: ['b,c'] }] } },
      'a=b\\,c',
      undefined,
    ],
    [
      'a field without',
      { fieldSelector: { requirements: [{ key: 'a', operator: 'NotIn', values: ['b'] }] } },
      'a!=b',
      undefined,
    ],
    ['text', { fieldSelector: { rawSelector: 'b!=2,a==1' } }, 'a=1,b!=2', undefined],
    [
      'what fields cannot say',
      {
        fieldSelector: {
          requirements: [
            { key: 'a', operator: 'Exists' },
            { key: 'b', operator: 'In', values: ['1'] },
          ],
        },
      },
      'b=1',
      'spec.resourceAttributes.fieldSelector partially ignored due to parse error',
    ],
    [
      'an operator of the future',
      { fieldSelector: { requirements: [{ key: 'a', operator: 'Like', values: ['1'] }] } },
      undefined,
      'spec.resourceAttributes.fieldSelector ignored due to parse error',
    ],
    [
      'text that is no selector',
      { fieldSelector: { rawSelector: 'a' }, labelSelector: { rawSelector: 'a in b' } },
      undefined,
      'spec.resourceAttributes.fieldSelector ignored due to parse error; spec.resourceAttributes.labelSelector ignored due to parse error',
    ],
  ];
  for (const [what, given, text, fault] of selectors) {
    test(`asks about ${what}`, async () => {
      const authorizer = new Recorder();
      const { status } = await reviewSelfAccess(authorizer, review(about(given)), user);
      assert.equal(authorizer.asked?.fieldSelector, text);
      assert.deepEqual(status, {
        allowed: false,
        ...(fault === undefined ? {} : { evaluationError: fault }),
      });
    });
  }

  test('asks about labels with every operator', async () => {
    const authorizer = new Recorder();
    const requirements = [
      { key: 'a', operator: 'In', values: ['2', '1'] },
      { key: 'b', operator: 'NotIn', values: ['1'] },
      { key: 'c', operator: 'Exists' },
      { key: 'd', operator: 'DoesNotExist' },
    ];
    await reviewSelfAccess(authorizer, review(about({ labelSelector: { requirements } })), user);
    assert.equal(authorizer.asked?.labelSelector, 'a in (1,2),b notin (1),c,!d');
  });

  test('asks about every version where none is named', async () => {
    const authorizer = new Recorder();
    await reviewSelfAccess(authorizer, review(about({})), user);
    assert.equal(authorizer.asked?.version, '*');
    await reviewSelfAccess(authorizer, review(about({ version: 'v2' })), user);
    assert.equal(authorizer.asked?.version, 'v2');
  });

  const path = 'spec.resourceAttributes.fieldSelector';
  const faults: readonly [string, Record<string, unknown>, string][] = [
    [
      'neither',
      { fieldSelector: {} },
      `${path}.requirements: Required value: when ${path} is specified, requirements or rawSelector is required`,
    ],
    [
      'both',
      { fieldSelector: { rawSelector: 'a=b', requirements: [{ key: 'a', operator: 'In', values: ['b'] }] } },
      `${path}.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements`,
    ],
    [
      'no key',
      { fieldSelector: { requirements: [{ operator: 'In', values: ['b'] }] } },
      `${path}.requirements[0].key: Required value: must be specified`,
    ],
    [
      'no values',
      { fieldSelector: { requirements: [{ key: 'a', operator: 'NotIn' }] } },
      `${path}.requirements[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
    ],
    [
      'values too many',
      { fieldSelector: { requirements: [{ key: 'a', operator: 'Exists', values: ['b'] }] } },
      `${path}.requirements[0].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
    ],
  ];
  for (const [what, given, text] of faults) {
    test(`refuses a selector with ${what}`, () => {
      const refused = refusal(() => reviewSelfAccess(new Recorder(), review(about(given)), user));
      assert.equal(refused, text);
    });
  }

  test('refuses labels that are none', () => {
    const labelSelector = { requirements: [{ key: '-', operator: 'In', values: ['-'] }] };
    const refused = refusal(() => reviewSelfAccess(new Recorder(), review(about({ labelSelector })), user));
    assert.deepEqual(
      refused.split('\n').map((line) => line.slice(0, line.indexOf(': '))),
      [
        'spec.resourceAttributes.labelSelector.requirements[0].key',
        'spec.resourceAttributes.labelSelector.requirements[0].values[0]',
      ],
    );
  });
});

describe('reviewAccess()', () => {
  test('names faults in upstream order', () => {
    const spec = { resourceAttributes: { fieldSelector: {} }, nonResourceAttributes: { path: '/a' } };
    const refused = refusal(() => reviewAccess(new Recorder(), review(spec, { name: 'x' })));
    assert.deepEqual(
      refused.split('\n').map((line) => line.slice(0, line.indexOf(': '))),
      [
        'spec.nonResourceAttributes',
        'spec.user',
        'spec.resourceAttributes.fieldSelector.requirements',
        'metadata',
      ],
    );
  });
});

describe('reviewLocalAccess()', () => {
  test('keeps to its namespace', () => {
    const spec = { user: 'u', resourceAttributes: { namespace: 'other', verb: 'get', resource: 'pods' } };
    assert.equal(
      refusal(() => reviewLocalAccess(new Recorder(), review(spec, { namespace: 'ns' }), 'ns')),
      'spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace',
    );
  });
});
