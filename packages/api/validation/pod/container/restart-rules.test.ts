import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { validateCreate } from '../../../strategy/strategy.ts';
import { container, factOf, pod, texts } from '../../../strategy/test-objects.ts';
import type { Json } from '../../values.ts';

const exitCodes = { operator: 'In', values: [3] };
const rule = { action: 'Restart', exitCodes };

describe('validateRestartRules()', () => {
  const at = 'spec.containers[0].restartPolicyRules';
  const cases: readonly (readonly [title: string, container: Json, ...want: string[]])[] = [
    ['a rule with a policy', { restartPolicy: 'Never', restartPolicyRules: [rule] }],
    [
      'rules without a policy',
      { restartPolicyRules: [rule] },
      'spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used',
    ],
    [
      'a policy of no such name',
      { restartPolicy: 'Seldom' },
      'spec.containers[0].restartPolicy: Unsupported value: "Seldom": supported values: "Always", "Never", "OnFailure"',
    ],
    [
      'a rule that does nothing on nothing',
      { restartPolicy: 'Never', restartPolicyRules: [{}] },
      `${at}[0].action: Unsupported value: "": supported values: "Restart", "RestartAllContainers"`,
      `${at}[0].exitCodes: Required value: must be specified`,
    ],
    [
      'an operator of no such name',
      {
        restartPolicy: 'Never',
        restartPolicyRules: [{ ...rule, exitCodes: { operator: 'Over', values: [1] } }],
      },
      `${at}[0].exitCodes.operator: Unsupported value: "Over": supported values: "In", "NotIn"`,
    ],
    [
      'too many rules',
      { restartPolicy: 'Never', restartPolicyRules: Array.from({ length: 21 }, () => rule) },
      `${at}: Too many: 21: must have at most 20 items`,
    ],
  ];
  for (const [title, members, ...want] of cases) {
    it(`${want.length === 0 ? 'takes' : 'refuses'} ${title}`, () => {
      const object = pod({ containers: [{ ...container, ...members }] });
      assert.deepEqual(texts(validateCreate(factOf('v1', 'Pod'), object)), want);
    });
  }
});
