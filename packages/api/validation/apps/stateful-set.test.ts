import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { prepareForUpdate, validateCreate, validateUpdate } from '../../strategy/strategy.ts';
import { changed, container, created, factOf, now, texts } from '../../strategy/test-objects.ts';
import type { Json } from '../values.ts';
import { withClaimVolumes } from './claim-volumes.ts';

const fact = factOf('apps/v1', 'StatefulSet');
const labels = { app: 'a' };
const claim = (name: string, spec: Json = {}): Json => ({
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
});

function set(spec: Json, pod: Json = {}): KubeObject {
  const template = { metadata: { labels }, spec: { containers: [container], ...pod } };
  return created('apps/v1', 'StatefulSet', {
    spec: { selector: { matchLabels: labels }, template, ...spec },
  });
}

function update(old: KubeObject, change: (spec: Json) => void): string[] {
  const next = changed(old, (copy) => change(copy['spec']));
  prepareForUpdate(fact, next, old, { now });
  return texts(validateUpdate(fact, next, old));
}

const mounting = { containers: [{ ...container, volumeMounts: [{ name: 'd', mountPath: '/d' }] }] };

describe('withClaimVolumes()', () => {
  it('puts claims before the volumes, in place of those of the same name', () => {
    const template = {
      spec: {
        volumes: [
          { name: 'a', emptyDir: {} },
          { name: 'b', emptyDir: {} },
        ],
      },
    };
    const { volumes } = withClaimVolumes(template, [claim('b'), claim('c')])['spec'];
    assert.deepEqual(
      volumes.map((v: Json) => v['name']),
      ['b', 'c', 'a'],
    );
    assert.deepEqual(volumes[0].persistentVolumeClaim, { claimName: 'b' });
  });
});

describe('validateStatefulSet()', () => {
  const cases: readonly (readonly [title: string, set: KubeObject, ...want: string[]])[] = [
    ['a mount of a claim', set({ volumeClaimTemplates: [claim('d')] }, mounting)],
    [
      'a mount of what is neither claim nor volume',
      set({}, mounting),
      'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "d"',
    ],
    [
      'a claim that asks for no access',
      set({ volumeClaimTemplates: [claim('d', { accessModes: [] })] }),
      'spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required',
    ],
    ['a history without end', set({ revisionHistoryLimit: -1 })],
    [
      'another policy of its claims',
      set({ persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Keep' } }),
      'spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Keep": supported values: "Retain", "Delete"',
    ],
    [
      'a rolling update of one that is updated by hand',
      set({ updateStrategy: { type: 'OnDelete', rollingUpdate: {} } }),
      'spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":0,"MaxUnavailable":null}: only allowed for updateStrategy \'RollingUpdate\'',
    ],
  ];
  for (const [title, object, ...want] of cases) {
    it(`${want.length === 0 ? 'takes' : 'refuses'} ${title}`, () => {
      assert.deepEqual(texts(validateCreate(fact, object)), want);
    });
  }

  it('wants a label for the name of the service', () => {
    const [first, ...rest] = texts(validateCreate(fact, set({ serviceName: 'Not_Me' })));
    assert.match(first!, /^spec\.serviceName: Invalid value: "Not_Me": a lowercase RFC 1123 label/);
    assert.deepEqual(rest, []);
  });
});

describe('validateStatefulSetUpdate()', () => {
  it('lets identity and claims be as they were stored', () => {
    const old = set({ serviceName: 'Not_Me', volumeClaimTemplates: [claim('d', { accessModes: [] })] });
    assert.deepEqual(
      update(old, (spec) => {
        spec['replicas'] = 3;
      }),
      [],
    );
  });

  it('lets a template that was stored wrong stay wrong, but makes no right one wrong', () => {
    const breakMount = (spec: Json): void => {
      spec['replicas'] = 3;
      Object.assign(spec['template'].spec, mounting);
    };
    assert.deepEqual(update(set({}, mounting), breakMount), []);
    assert.deepEqual(update(set({}), breakMount), [
      'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "d"',
    ]);
  });

  it('takes empty and absent lists for the same', () => {
    assert.deepEqual(
      update(set({}), (spec) => {
        spec['volumeClaimTemplates'] = [];
        spec['revisionHistoryLimit'] = 3;
      }),
      [],
    );
  });

  it('keeps the rest', () => {
    const errors = update(set({}), (spec) => {
      spec['serviceName'] = 'other';
    });
    assert.deepEqual(errors, [
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ]);
  });
});
