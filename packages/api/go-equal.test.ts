import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { goEqual, goEqualBut } from './go-equal.ts';
import { mustFindType } from './type-facts.ts';
import type { Json } from './validation/values.ts';

const podSpec = 'io.k8s.api.core.v1.PodSpec';

function withContainer(more: Json): Json {
  return { containers: [{ name: 'c', image: 'i', ...more }] };
}

describe('goEqual()', () => {
  const cases: readonly (readonly [title: string, a: Json, b: Json, equal: boolean])[] = [
    ['an empty list and none', withContainer({ args: [] }), withContainer({}), true],
    ['an empty map and none', { nodeSelector: {} }, {}, true],
    ['an empty text and none', { nodeName: '' }, {}, true],
    ['false and none', { hostNetwork: false }, {}, true],
    ['zero held by pointer and none', { activeDeadlineSeconds: 0 }, {}, false],
    ['an empty object held by pointer and none', { affinity: {} }, {}, false],
    ['an empty object held by value and none', withContainer({ resources: {} }), withContainer({}), true],
    [
      'amounts written in two ways',
      withContainer({ resources: { limits: { cpu: '1' } } }),
      withContainer({ resources: { limits: { cpu: '1000m' } } }),
      true,
    ],
    [
      'lists in another order',
      withContainer({ args: ['a', 'b'] }),
      withContainer({ args: ['b', 'a'] }),
      false,
    ],
    ['maps of other keys', { nodeSelector: { a: '' } }, { nodeSelector: { b: '' } }, false],
  ];
  for (const [title, a, b, equal] of cases) {
    it(`${equal ? 'holds for' : 'tells apart'} ${title}`, () => {
      assert.equal(goEqual(a, b, podSpec), equal);
      assert.equal(goEqual(b, a, podSpec), equal);
    });
  }

  it('refuses types that do not exist', () => {
    assert.throws(() => goEqual({ a: 1 }, {}, 'io.k8s.api.core.v1.Nothing'), /no such definition/);
  });
});

describe('goEqualBut()', () => {
  it('leaves members out of account', () => {
    const type = mustFindType('io.k8s.api.apps.v1.StatefulSetSpec');
    const a = { replicas: 1, serviceName: 's', volumeClaimTemplates: [] };
    assert.equal(goEqualBut(a, { replicas: 2, serviceName: 's' }, type, new Set(['replicas'])), true);
    assert.equal(goEqualBut(a, { replicas: 2, serviceName: 't' }, type, new Set(['replicas'])), false);
  });
});
