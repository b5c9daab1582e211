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
      'spec.devices.requests[1]: Duplicate value: "gpu"',
    ],
  ],
  [
    'a count beside mode All, a toleration of no effect that is known',
    'ResourceClaim',
    claim({
      requests: [
        {
          name: 'gpu',
          exactly: {
            deviceClassName: 'c',
            allocationMode: 'All',
            count: 2,
            tolerations: [{ operator: 'Equal', value: 'v', effect: 'Never' }],
          },
        },
      ],
    }),
    [
      "spec.devices.requests[0].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'",
      'spec.devices.requests[0].exactly.tolerations[0].effect: Unsupported value: "Never": supported values: "NoExecute", "NoSchedule", "None"',
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
      'spec.devices.constraints[0].matchAttribute: Invalid value: "model": a fully qualified name must be a domain and a name separated by a slash',
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
      'spec.devices[0].attributes[a]: Invalid value: "": exactly one value must be specified',
      'spec.devices[0].attributes[b].version: Invalid value: "1": must be a string compatible with semver.org spec 2.0.0',
      'spec.devices[0].attributes[b]: Invalid value: {"IntValue":1,"BoolValue":null,"StringValue":null,"VersionValue":"1","IntValues":null,"BoolValues":null,"StringValues":null,"VersionValues":null}: exactly one value must be specified',
    ],
  ],
  [
    'more items than there may be, and nothing else about them',
    'ResourceClaim',
    claim({ requests: Array.from({ length: 33 }, () => ({})) }),
    ['spec.devices.requests: Too many: 33: must have at most 32 items'],
  ],
  [
    'a request of both kinds, and a constraint of none',
    'ResourceClaim',
    claim({
      requests: [{ name: 'a', exactly: {}, firstAvailable: [{}] }],
      constraints: [{ requests: ['A'] }],
    }),
    [
      'spec.devices.requests[0]: Invalid value: null: exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set',
      "spec.devices.constraints[0].requests[0]: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      'spec.devices.constraints[0].requests[0]: Invalid value: "A": must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\'',
      'spec.devices.constraints[0]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
    ],
  ],
  [
    'capacities that say wrongly how they are shared',
    'ResourceSlice',
    slice({
      devices: [
        { name: 'a', capacity: { c: { value: '1', requestPolicy: { default: '1' } } } },
        {
          name: 'b',
          allowMultipleAllocations: true,
          capacity: {
            c: { value: '2', requestPolicy: { default: '5', validValues: ['3', '1'] } },
            d: { value: '8', requestPolicy: { default: '4', validRange: { min: '1', max: '9', step: '2' } } },
            e: { value: '8', requestPolicy: { validRange: {} } },
            f: { value: '8', requestPolicy: { validRange: {}, validValues: ['1'] } },
          },
        },
      ],
    }),
    [
      'spec.devices[0].capacity[c].requestPolicy: Forbidden: allowMultipleAllocations must be true',
      'spec.devices[1].capacity[c].requestPolicy.validValues[1]: Invalid value: "1": values must be sorted in ascending order',
      'spec.devices[1].capacity[c].requestPolicy.validValues[0]: Invalid value: "3": option is larger than capacity value: 2',
      'spec.devices[1].capacity[c].requestPolicy.validValues: Invalid value: "5": default value is not valid according to the requestPolicy',
      'spec.devices[1].capacity[d].requestPolicy.validRange.max: Invalid value: "9": max is larger than capacity value: 8',
      'spec.devices[1].capacity[d].requestPolicy.validRange.step: Invalid value: "4": value is not a multiple of a given step (2) from (1)',
      'spec.devices[1].capacity[e].requestPolicy.default: Required value: required when validRange is defined',
      'spec.devices[1].capacity[f].requestPolicy: Forbidden: exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time',
    ],
  ],
  [
    'devices that say from which nodes they can be reached, and whose conditions clash',
    'ResourceSlice',
    slice({
      sharedCounters: [{ counters: { c: { value: '1' } } }],
      devices: [
        { name: 'a', allNodes: true, bindingConditions: ['x', 'x'], bindingFailureConditions: ['x'] },
        { name: 'b', bindingConditions: ['x'] },
      ],
    }),
    [
      'spec: Invalid value: "": only one of `sharedCounters` or `devices` is allowed',
      'spec.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
      'spec.devices[0].bindingConditions[1]: Duplicate value: "x"',
      'spec.devices[0].bindingFailureConditions[0]: Invalid value: "x": bindingFailureConditions must not overlap with bindingConditions',
      'spec.devices[1].bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions',
      'spec.sharedCounters[0].name: Required value',
    ],
  ],
  [
    'devices of which one is to be reached in two ways and one in none',
    'ResourceSlice',
    slice({
      nodeName: undefined,
      perDeviceNodeSelection: true,
      devices: [
        { name: 'a', nodeName: 'n', allNodes: true },
        { name: 'b', nodeName: '', attributes: { [`${'a'.repeat(120)}/x`]: { int: 1 }, '/': { int: 1 } } },
      ],
    }),
    [
      'spec.devices[0]: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
      'spec.devices[1].attributes[/]: Invalid value: "": the domain must not be empty',
      'spec.devices[1].attributes[/]: Invalid value: "": the name must not be empty',
      `spec.devices[1].attributes[${'a'.repeat(47)}...${'a'.repeat(44)}/x]: Too long: may not be more than 63 bytes`,
      'spec.devices[1].nodeName: Invalid value: "": must not be empty',
      'spec.devices[1]: Required value: exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
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

  it('looks at what drivers say of what is allocated', () => {
    const fact = factOf(v1, 'ResourceClaim');
    const old = created(v1, 'ResourceClaim', { spec: claim({ requests: [structuredClone(gpu)] }) });
    const device = { driver: 'gpu.example.com', pool: 'p', device: 'd' };
    const next = changed(old, (copy) => {
      copy['status'] = {
        allocation: { devices: { results: [{ ...device, request: 'gpu', shareID: 'x' }] } },
        devices: [
          { ...device, shareID: 'A0000000-0000-4000-8000-000000000000' },
          { ...device, networkData: { ips: ['10.0.0.1', '10.0.0.1/24', '2001:DB8::1/64'] } },
        ],
      };
    });
    const shown = '{"Driver":{},"Pool":{},"Device":{},"ShareID":{}}';
    assert.deepEqual(texts(validateStatusUpdate(fact, next, old)), [
      'status.devices[0].shareID: Invalid value: "A0000000-0000-4000-8000-000000000000": uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters',
      `status.devices[0]: Invalid value: ${shown}: must be an allocated device in the claim`,
      `status.devices[1]: Invalid value: ${shown}: must be an allocated device in the claim`,
      'status.devices[1].networkData.ips[0]: Invalid value: "10.0.0.1": must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)',
      'status.devices[1].networkData.ips[2]: Invalid value: "2001:DB8::1/64": must be in canonical form ("2001:db8::1/64")',
      'status.allocation.devices.results[0].shareID: Invalid value: "x": error validating uid: invalid UUID length: 1',
    ]);
  });
});
