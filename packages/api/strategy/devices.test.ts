import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '../validation/values.ts';
import { prepareForUpdate, validateCreate, validateStatusUpdate, validateUpdate } from './strategy.ts';
import { changed, created, factOf, now, texts } from './test-objects.ts';

const v1 = 'resource.k8s.io/v1';

function faultsOf(kind: string, spec: Json): string[] {
  return texts(validateCreate(factOf(v1, kind), created(v1, kind, { spec })));
}

const gpu = { name: 'gpu', exactly: { deviceClassName: 'gpu.example.com' } };
const claim = (devices: Json): Json => ({ devices });
const slice = (more: Json): Json => ({
  driver: 'gpu.example.com',
  nodeName: 'n1',
  pool: { name: 'n1', resourceSliceCount: 1 },
  ...more,
});

const cases: readonly (readonly [what: string, kind: string, spec: Json, faults: readonly string[]])[] = [
  ['a claim for one device', 'ResourceClaim', claim({ requests: [gpu] }), []],
  [
    'requests with one name, without a class, and with no kind of request',
    'ResourceClaim',
    claim({ requests: [gpu, { name: 'gpu', exactly: { deviceClassName: '' } }, { name: 'x' }] }),
    [
      'spec.devices.requests[1].exactly.deviceClassName: Required value',
      'spec.devices.requests[2]: Required value: exactly one of `exactly` or `firstAvailable` is required',
      'spec.devices.requests[1].name: Duplicate value: "gpu"',
    ],
  ],
  [
    'a count beside mode All, a toleration without a key',
    'ResourceClaim',
    claim({
      requests: [
        {
          name: 'gpu',
          exactly: {
            deviceClassName: 'c',
            allocationMode: 'All',
            count: 2,
            tolerations: [{ operator: 'Equal', value: 'v' }],
          },
        },
      ],
    }),
    [
      "spec.devices.requests[0].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'",
      'spec.devices.requests[0].exactly.tolerations[0].key: Required value: must not be empty for operator `Equal`',
    ],
  ],
  [
    'references to requests that are not there',
    'ResourceClaim',
    claim({
      requests: [gpu],
      constraints: [{ requests: ['cpu'], matchAttribute: 'model' }],
      config: [{ requests: ['gpu/a'], opaque: { driver: 'gpu.example.com', parameters: [] } }],
    }),
    [
      'spec.devices.constraints[0].requests[0]: Invalid value: "cpu": must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\'',
      'spec.devices.constraints[0].matchAttribute: Invalid value: "model": must include a domain',
      'spec.devices.config[0].requests[0]: Invalid value: "gpu/a": must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\'',
      'spec.devices.config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object',
    ],
  ],
  [
    'a class with a selector of no kind and a wrong resource name',
    'DeviceClass',
    { selectors: [{}], extendedResourceName: 'cpu' },
    [
      'spec.selectors[0].cel: Required value',
      'spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name',
    ],
  ],
  ['a slice of a node', 'ResourceSlice', slice({ devices: [{ name: 'd' }] }), []],
  [
    'a slice with two ways to its nodes',
    'ResourceSlice',
    slice({ allNodes: true }),
    [
      'spec: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set',
    ],
  ],
  [
    'devices with bad attributes',
    'ResourceSlice',
    slice({
      pool: { name: 'n1', resourceSliceCount: 0 },
      devices: [{ name: 'd', attributes: { a: {}, b: { int: 1, version: '1' } } }],
    }),
    [
      'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero',
      'spec.devices[0].attributes[a]: Required value: exactly one value must be specified',
      'spec.devices[0].attributes[b].version: Invalid value: "1": must be a string compatible with semver.org spec 2.0.0',
      'spec.devices[0].attributes[b]: Invalid value: {"IntValue":1,"BoolValue":null,"StringValue":null,"VersionValue":"1","Ints":null,"Bools":null,"Strings":null,"Versions":null}: exactly one value must be specified',
    ],
  ],
];

describe('validateCreate() of resource.k8s.io', () => {
  for (const [what, kind, spec, faults] of cases) {
    it(`${faults.length === 0 ? 'takes' : 'refuses'} ${what}`, () => {
      assert.deepEqual(faultsOf(kind, structuredClone(spec)), faults);
    });
  }
});

describe('validateUpdate() of resource.k8s.io', () => {
  it('shows the internal struct when a claim changes', () => {
    const fact = factOf(v1, 'ResourceClaim');
    const old = created(v1, 'ResourceClaim', { spec: claim({ requests: [structuredClone(gpu)] }) });
    const next = changed(old, (copy) => {
      copy['spec'].devices.requests[0].exactly.count = 2;
    });
    prepareForUpdate(fact, next, old, { now });
    assert.deepEqual(texts(validateUpdate(fact, next, old)), [
      'spec: Invalid value: {"Devices":{"Requests":[{"Name":"gpu","Exactly":{"DeviceClassName":"gpu.example.com","Selectors":null,"AllocationMode":"ExactCount","Count":2,"AdminAccess":null,"Tolerations":null,"Capacity":null},"FirstAvailable":null}],"Constraints":null,"Config":null}}: field is immutable',
    ]);
  });

  it('reserves a claim only once it is allocated', () => {
    const fact = factOf(v1, 'ResourceClaim');
    const old = created(v1, 'ResourceClaim', { spec: claim({ requests: [structuredClone(gpu)] }) });
    const next = changed(old, (copy) => {
      copy['status'] = { reservedFor: [{ resource: 'pods', name: 'p', uid: 'u' }] };
    });
    assert.deepEqual(texts(validateStatusUpdate(fact, next, old)), [
      'status.reservedFor: Forbidden: may not be specified when `allocated` is not set',
    ]);
  });
});
