import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { silentLogger } from '@coxswain/machinery';
import { featureGateFlags, featureGatesFromFlags, warnOfFeatureGates } from './feature-gates.ts';
import { parseFlags } from './flags.ts';

const from = (value: string) =>
  featureGatesFromFlags(parseFlags([`--feature-gates=${value}`], featureGateFlags));

describe('featureGatesFromFlags()', () => {
  test('takes the gates of the release', () => {
    assert.deepEqual(
      [...from('AllAlpha=false,kube:APIServerIdentity=T')],
      [
        ['AllAlpha', false],
        ['APIServerIdentity', true],
      ],
    );
  });

  for (const [value, text] of [
    ['Nope=true', 'unrecognized feature gate: Nope'],
    ['AllAlpha', 'missing bool value for AllAlpha'],
    ['AllAlpha=yes', 'invalid value of AllAlpha=yes, err: strconv.ParseBool: parsing "yes": invalid syntax'],
  ] as const) {
    test(`refuses ${value}`, () => {
      assert.throws(() => from(value), {
        message: `error: invalid argument "${value}" for "--feature-gates" flag: ${text}`,
      });
    });
  }

  test('tells of those that ask for something else', () => {
    const told: unknown[] = [];
    const logger = { ...silentLogger, warn: (_: string, data?: object) => told.push(data) };
    warnOfFeatureGates(from('AllAlpha=true,AllBeta=false'), logger as never);
    assert.deepEqual(told, [{ featureGate: 'AllAlpha=true' }]);
  });
});
