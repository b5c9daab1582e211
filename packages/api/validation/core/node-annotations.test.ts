import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { validateCreate } from '../../strategy/strategy.ts';
import { created, factOf, texts } from '../../strategy/test-objects.ts';
import { validateSecret } from './data-maps.ts';

const taints = 'scheduler.alpha.kubernetes.io/taints';
const avoid = 'scheduler.alpha.kubernetes.io/preferAvoidPods';
const signed = (podController: object): string =>
  JSON.stringify({ preferAvoidPods: [{ podSignature: { podController } }] });

describe('validateNodeAnnotations()', () => {
  for (const [annotation, text, expected] of [
    [taints, '[{"key":"a","effect":"NoSchedule","timeAdded":null}]', []],
    [
      taints,
      '[{"key":"a","effect":"x"}]',
      [
        'metadata.annotations.scheduler.alpha.kubernetes.io/taints[0].effect: Unsupported value: "x": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
      ],
    ],
    [
      taints,
      '{',
      [
        'metadata.annotations: Invalid value: "scheduler.alpha.kubernetes.io/taints": unexpected end of JSON input',
      ],
    ],
    [
      taints,
      '{}',
      [
        'metadata.annotations: Invalid value: "scheduler.alpha.kubernetes.io/taints": json: cannot unmarshal object into Go value of type []core.Taint',
      ],
    ],
    [avoid, signed({ controller: true }), []],
    [
      avoid,
      signed({ controller: false }),
      [
        'metadata.annotations.scheduler.alpha.kubernetes.io/preferAvoidPods[0].PodSignature.PodController.Controller: Invalid value: false: must point to a controller',
      ],
    ],
    [
      avoid,
      '{"preferAvoidPods":[{}]}',
      ['metadata.annotations.scheduler.alpha.kubernetes.io/preferAvoidPods[0].PodSignature: Required value'],
    ],
    [
      avoid,
      'x',
      [
        `metadata.annotations.AvoidPods: Invalid value: "scheduler.alpha.kubernetes.io/preferAvoidPods": invalid character 'x' looking for beginning of value`,
      ],
    ],
  ] as const) {
    it(`judges ${text} of ${annotation}`, () => {
      const node = created('v1', 'Node', {}, { annotations: { [annotation]: text } });
      assert.deepEqual(texts(validateCreate(factOf('v1', 'Node'), node)), expected);
    });
  }
});

describe('validateSecret() of what a registry reads', () => {
  for (const [text, expected] of [
    ['{"auths":{}}', undefined],
    ['null', undefined],
    ['', 'unexpected end of JSON input'],
    ['{"a"', 'unexpected end of JSON input'],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{} x', "invalid character 'x' after top-level value"],
    ['1.5', 'json: cannot unmarshal number into Go value of type map[string]interface {}'],
    ['[]', 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
  ] as const) {
    it(`says what Go says of ${JSON.stringify(text)}`, () => {
      const secret = {
        metadata: {},
        type: 'kubernetes.io/dockerconfigjson',
        data: { '.dockerconfigjson': Buffer.from(text).toString('base64') },
      };
      const errs: Parameters<typeof validateSecret>[0] = [];
      validateSecret(errs, secret);
      const wanted =
        expected === undefined
          ? []
          : [`data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": ${expected}`];
      assert.deepEqual(texts(errs), wanted);
    });
  }
});
