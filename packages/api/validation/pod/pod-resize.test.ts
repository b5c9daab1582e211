import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { prepareForSubresourceUpdate, validateSubresourceUpdate } from '../../strategy/strategy.ts';
import { changed, container, factOf, now, pod, texts } from '../../strategy/test-objects.ts';
import type { Json } from '../values.ts';

const fact = factOf('v1', 'Pod');
const amounts = (cpu: string, memory = '1Gi'): Json => ({
  limits: { cpu, memory },
  requests: { cpu, memory },
});
const sized = { ...container, resources: amounts('1') };

function resize(spec: Json, change: (spec: Json) => void, metadata: Json = {}): string[] {
  const old = pod({ containers: [sized], ...spec }, metadata);
  const next: KubeObject = changed(old, (copy) => change(copy['spec']));
  prepareForSubresourceUpdate(fact, 'resize', next, old, { now });
  return texts(validateSubresourceUpdate(fact, 'resize', next, old));
}

describe('validatePodResize()', () => {
  const init = { ...sized, name: 'i' };
  const cases: readonly (readonly [
    title: string,
    spec: Json,
    change: (spec: Json) => void,
    ...want: string[],
  ])[] = [
    [
      'more cpu',
      {},
      (spec) => {
        spec['containers'][0].resources = amounts('2');
      },
    ],
    [
      'a container less',
      {},
      (spec) => {
        spec['containers'] = [];
      },
      'spec.containers: Required value',
      'spec: Invalid value: "Guaranteed": Pod QOS Class may not change as a result of resizing',
      'spec.containers: Forbidden: containers may not be added or removed on resize',
    ],
    [
      'another name',
      {},
      (spec) => {
        spec['containers'][0].name = 'd';
      },
      'spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize',
    ],
    [
      'another class',
      {},
      (spec) => {
        spec['containers'][0].resources.requests.cpu = '500m';
      },
      'spec: Invalid value: "Guaranteed": Pod QOS Class may not change as a result of resizing',
    ],
    [
      'requests taken away',
      { containers: [{ ...container, resources: { requests: { cpu: '1', memory: '1Gi' } } }] },
      (spec) => {
        delete spec['containers'][0].resources.requests.memory;
      },
      'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed',
    ],
    [
      'other resources than cpu and memory',
      { containers: [{ ...container, resources: { requests: { cpu: '1', 'ephemeral-storage': '1Gi' } } }] },
      (spec) => {
        spec['containers'][0].resources.requests['ephemeral-storage'] = '2Gi';
      },
      'spec: Forbidden: only cpu and memory resources are mutable',
    ],
    [
      'an init container that would have to start again',
      {
        initContainers: [
          { ...init, resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] },
        ],
      },
      (spec) => {
        spec['initContainers'][0].resources = amounts('2');
      },
      'spec.initContainers[0]: Forbidden: non-sidecar init containers with a resize policy of RestartContainer cannot be resized',
    ],
    [
      'a pod of Windows',
      { os: { name: 'windows' } },
      (spec) => {
        spec['containers'][0].resources = amounts('2');
      },
      '[]: Forbidden: windows pods cannot be resized',
    ],
  ];
  for (const [title, spec, change, ...want] of cases) {
    it(`${want.length === 0 ? 'takes' : 'refuses'} ${title}`, () => {
      assert.deepEqual(resize(spec, change), want);
    });
  }
});
