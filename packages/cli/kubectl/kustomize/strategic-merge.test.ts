import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { mergeStrategically } from './strategic-merge.ts';

const pod = (spec: object): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec });

describe('mergeStrategically()', () => {
  const cases: readonly (readonly [title: string, old: object, patch: object, merged: object])[] = [
    [
      'puts what the patch names in front',
      { containers: [{ name: 'a', image: 'x' }, { name: 'b' }] },
      { containers: [{ name: 'c' }, { name: 'a', image: 'y' }] },
      { containers: [{ name: 'c' }, { name: 'a', image: 'y' }, { name: 'b' }] },
    ],
    [
      'deletes items that say so',
      { containers: [{ name: 'a' }, { name: 'b' }] },
      { containers: [{ name: 'a', $patch: 'delete' }] },
      { containers: [{ name: 'b' }] },
    ],
    [
      'replaces a list whose patch says so',
      { containers: [{ name: 'a' }] },
      { containers: [{ name: 'b' }, { $patch: 'replace' }] },
      { containers: [{ name: 'b' }] },
    ],
    [
      'replaces lists without keys',
      { tolerations: [{ key: 'a' }] },
      { tolerations: [{ key: 'b' }] },
      { tolerations: [{ key: 'b' }] },
    ],
    ['removes fields that are null', { hostname: 'h', nodeName: 'n' }, { hostname: null }, { nodeName: 'n' }],
    [
      'replaces a map that says so',
      { nodeSelector: { a: '1' } },
      { nodeSelector: { $patch: 'replace', b: '2' } },
      { nodeSelector: { b: '2' } },
    ],
  ];
  for (const [title, old, patch, merged] of cases) {
    test(title, () => assert.deepEqual(mergeStrategically(pod(old), pod(patch)), pod(merged)));
  }

  test('gives nothing for an object that the patch deletes', () => {
    assert.equal(mergeStrategically(pod({}), { ...pod({}), $patch: 'delete' }), undefined);
  });

  test('replaces lists of kinds that nobody knows', () => {
    const thing = (list: unknown[]): KubeObject => ({
      apiVersion: 'x.io/v1',
      kind: 'Thing',
      metadata: {},
      list,
    });
    assert.deepEqual(
      mergeStrategically(thing([{ name: 'a' }]), thing([{ name: 'b' }])),
      thing([{ name: 'b' }]),
    );
  });
});
