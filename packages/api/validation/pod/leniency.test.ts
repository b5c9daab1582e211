import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { prepareForUpdate, validateCreate, validateUpdate } from '../../strategy/strategy.ts';
import { changed, container, factOf, now, pod, texts } from '../../strategy/test-objects.ts';
import type { Json } from '../values.ts';

const fact = factOf('v1', 'Pod');
const cost = 'controller.kubernetes.io/pod-deletion-cost';

/** What is wrong with adding a label to a pod that somehow is stored as it is. */
function touch(spec: Json, metadata: Json): string[] {
  const old = pod(spec, metadata);
  const next = changed(old, ({ metadata: meta }) => {
    meta.labels = { ...meta.labels, touched: 'yes' };
  });
  prepareForUpdate(fact, next, old, { now });
  return texts(validateUpdate(fact, next, old));
}

const term = (values: readonly string[]): Json => ({
  topologyKey: 'zone',
  labelSelector: { matchExpressions: [{ key: 'a', operator: 'In', values }] },
});

describe('leniencyOf()', () => {
  const cases: readonly (readonly [title: string, spec: Json, metadata: Json, refused: RegExp])[] = [
    ['a cost of deletion that is no number', {}, { annotations: { [cost]: '+1' } }, /pod-deletion-cost/],
    [
      'huge pages that are not whole',
      { containers: [{ ...container, resources: { limits: { 'hugepages-2Mi': '1Mi', cpu: '1' } } }] },
      {},
      /hugepages-2Mi/,
    ],
    [
      'label values in the selectors of affinity',
      { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(['not ok'])] } } },
      {},
      /values\[0\]/,
    ],
    [
      'a path of a token outside its volume',
      {
        volumes: [
          {
            name: 'v',
            projected: { sources: [{ serviceAccountToken: { path: '../t', expirationSeconds: 600 } }] },
          },
        ],
      },
      {},
      /must not contain '\.\.'/,
    ],
  ];
  for (const [title, spec, metadata, refused] of cases) {
    it(`lets an update keep ${title}`, () => {
      const refusals = texts(validateCreate(fact, pod(spec, metadata)));
      assert.ok(refusals.length > 0);
      for (const refusal of refusals) assert.match(refusal, refused);
      assert.deepEqual(touch(spec, metadata), []);
    });
  }

  it('excuses nothing that the stored pod does not have', () => {
    const old = pod();
    const next = changed(old, ({ metadata }) => {
      metadata.annotations = { [cost]: 'much' };
    });
    prepareForUpdate(fact, next, old, { now });
    assert.match(texts(validateUpdate(fact, next, old)).join(), /pod-deletion-cost/);
  });
});
