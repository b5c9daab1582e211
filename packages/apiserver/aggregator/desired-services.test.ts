import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import type { ApiService } from './api-service.ts';
import { customServices, type Keeping, localService, type Step, stepFor } from './desired-services.ts';

const kept = (keeping: Keeping, version = 15): ApiService =>
  localService('apps', 'v1', { group: 17_800, version }, keeping);

const foreign: ApiService = { ...kept('true'), metadata: { name: 'v1.apps' } };

interface Case {
  readonly what: string;
  readonly current?: ApiService;
  readonly desired?: ApiService;
  readonly wasThere?: boolean;
  readonly doneOnce?: boolean;
  readonly step: Step;
}

const cases: readonly Case[] = [
  { what: 'nothing is there and nothing is wanted', step: 'none' },
  { what: 'a missing one is wanted at start', desired: kept('onstart'), step: 'create' },
  { what: 'it was deleted since', desired: kept('onstart'), doneOnce: true, step: 'none' },
  { what: 'it was deleted and is always wanted', desired: kept('true'), doneOnce: true, step: 'create' },
  { what: "it is somebody else's", current: foreign, desired: kept('true', 1), wasThere: true, step: 'none' },
  { what: 'nobody wants what is kept', current: kept('true'), wasThere: true, step: 'delete' },
  {
    what: 'nobody wants what an earlier start left',
    current: kept('onstart'),
    wasThere: true,
    step: 'delete',
  },
  { what: 'another server made it since', current: kept('onstart'), step: 'none' },
  {
    what: 'it was changed while the server was down',
    current: kept('onstart', 1),
    desired: kept('onstart'),
    wasThere: true,
    step: 'update',
  },
  {
    what: 'it was changed since',
    current: kept('onstart', 1),
    desired: kept('onstart'),
    wasThere: true,
    doneOnce: true,
    step: 'none',
  },
  {
    what: 'it was changed and is always kept',
    current: kept('true', 1),
    desired: kept('true'),
    step: 'update',
  },
  { what: 'it is as wanted', current: kept('true'), desired: kept('true'), step: 'none' },
];

for (const { what, current, desired, wasThere = false, doneOnce = false, step } of cases) {
  test(`stepFor() gives ${step} when ${what}`, () => {
    assert.equal(stepFor(current, desired, wasThere, doneOnce), step);
  });
}

test('customServices() gives one for each version of a group that is served', () => {
  const definition = (versions: readonly object[]): KubeObject => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'x' },
    spec: { group: 'example.com', versions },
  });
  const services = customServices([
    definition([
      { name: 'v1', served: true },
      { name: 'v2', served: false },
    ]),
    definition([{ name: 'v1', served: true }]),
  ]);
  assert.deepEqual(
    services.map(({ metadata, spec }) => [metadata.name, metadata.labels, spec]),
    [
      [
        'v1.example.com',
        { 'kube-aggregator.kubernetes.io/automanaged': 'true' },
        { group: 'example.com', version: 'v1', groupPriorityMinimum: 1000, versionPriority: 100 },
      ],
    ],
  );
});
