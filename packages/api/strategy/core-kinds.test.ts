import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import type { Json } from '../validation/values.ts';
import {
  prepareForSubresourceUpdate,
  prepareForUpdate,
  validateCreate,
  validateSubresourceUpdate,
  validateUpdate,
} from './strategy.ts';
import { changed, created, factOf, now, texts } from './test-objects.ts';
import { warningsOnCreate } from './warnings.ts';

type Case = readonly [title: string, object: () => KubeObject, faults: readonly string[]];

const node = (status: Json, spec: Json = {}) => created('v1', 'Node', { spec, status });
const slice = (endpoint: Json, members: Json = {}) =>
  created('discovery.k8s.io/v1', 'EndpointSlice', {
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'], ...endpoint }],
    ...members,
  });
const service = (spec: Json) =>
  created('v1', 'Service', {
    spec: { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'], ports: [{ port: 80 }], ...spec },
  });
const longLabel = 'must be no more than 63 bytes';
const rfc1123 =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const creations: readonly Case[] = [
  [
    'a node whose declared features are out of order',
    () => node({ declaredFeatures: ['Beta', 'Alpha', 'Alpha', 'gamma'] }),
    [
      'status.declaredFeatures[1]: Invalid value: "Alpha": list must be sorted alphabetically',
      'status.declaredFeatures[2]: Duplicate value: "Alpha"',
      `status.declaredFeatures[3]: Invalid value: "gamma": invalid feature name "gamma": must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes`,
    ],
  ],
  [
    'a node with swap of no size',
    () => node({ nodeInfo: { swap: { capacity: 0 } } }),
    ['metadata.nodeSwapStatus.capacity: Invalid value: 0: must be greater than zero'],
  ],
  [
    'a service with a distribution that is not known',
    () => service({ trafficDistribution: '' }),
    [
      'spec.trafficDistribution: Unsupported value: "": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
    ],
  ],
  [
    'an endpoint slice with bad hints',
    () =>
      slice({
        hints: {
          forZones: [{ name: 'a' }, { name: 'a' }, { name: 'z'.repeat(64) }],
          forNodes: [{ name: 'n' }, { name: 'N' }],
        },
      }),
    [
      'endpoints[0].hints.forZones[1].name: Duplicate value: "a"',
      `endpoints[0].hints.forZones[2].name: Invalid value: "${'z'.repeat(64)}": ${longLabel}`,
      `endpoints[0].hints.forNodes[1].name: Invalid value: "N": ${rfc1123}`,
    ],
  ],
  [
    'an ingress whose host is an address with leading zeros',
    () =>
      created('networking.k8s.io/v1', 'Ingress', {
        spec: {
          rules: [{ host: '010.0.0.1' }],
          defaultBackend: { resource: { kind: '', name: '' } },
        },
      }),
    [
      'spec.defaultBackend.resource.kind: Required value: kind is required',
      'spec.defaultBackend.resource.name: Required value: name is required',
      'spec.rules[0].host: Invalid value: "010.0.0.1": must be a DNS name, not an IP address',
    ],
  ],
  [
    'an ingress class with a bad controller',
    () => created('networking.k8s.io/v1', 'IngressClass', { spec: { controller: 'Bad_Host/ok' } }),
    [`spec.controller: Invalid value: "Bad_Host": ${rfc1123}`],
  ],
  [
    'a network policy that ends before it starts',
    () =>
      created('networking.k8s.io/v1', 'NetworkPolicy', {
        spec: { podSelector: {}, ingress: [{ ports: [{ port: 80, endPort: 79 }] }] },
      }),
    ['spec.ingress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`'],
  ],
  [
    'an attachment of a volume that it describes itself',
    () =>
      created('storage.k8s.io/v1', 'VolumeAttachment', {
        spec: {
          attacher: 'a.example.com',
          nodeName: 'n',
          source: {
            inlineVolumeSpec: {
              accessModes: ['ReadWriteOnce'],
              capacity: { storage: '1Gi' },
              storageClassName: 'c',
              volumeMode: 'Block',
              hostPath: { path: '/x' },
            },
          },
        },
      }),
    [
      'spec.source.inlineVolumeSpec.capacity: Forbidden: may not be specified in the context of inline volumes',
      'spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes',
      'spec.source.inlineVolumeSpec.storageClassName: Forbidden: may not be specified in the context of inline volumes',
      'spec.source.inlineVolumeSpec.volumeMode: Forbidden: may not specify volumeMode other than Filesystem in the context of inline volumes',
    ],
  ],
  [
    'a volume of the whole disk that would be recycled',
    () =>
      created('v1', 'PersistentVolume', {
        spec: {
          accessModes: ['ReadWriteOnce'],
          capacity: { storage: '1Gi' },
          persistentVolumeReclaimPolicy: 'Recycle',
          hostPath: { path: '/./a/../' },
        },
      }),
    [
      'spec.hostPath.path: Invalid value: "/./a/../": must not contain \'..\'',
      "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
    ],
  ],
];

describe('validateCreate() of the core kinds', () => {
  for (const [title, object, faults] of creations) {
    it(`refuses ${title}`, () => {
      const made = object();
      assert.deepEqual(texts(validateCreate(factOf(made.apiVersion, made.kind), made)), faults);
    });
  }
});

function update(old: KubeObject, change: (copy: KubeObject) => void, subresource = ''): string[] {
  const fact = factOf(old.apiVersion, old.kind);
  const copy = changed(old, change);
  if (subresource === '') {
    prepareForUpdate(fact, copy, old, { now });
    return texts(validateUpdate(fact, copy, old));
  }
  prepareForSubresourceUpdate(fact, subresource, copy, old, { now });
  return texts(validateSubresourceUpdate(fact, subresource, copy, old));
}

const qualified =
  "metadata.finalizers: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const standard =
  'metadata.finalizers[0]: Invalid value: "a b": name is neither a standard finalizer name nor is it fully qualified';

describe('validateUpdate() of the core kinds', () => {
  for (const kind of ['ConfigMap', 'Secret', 'Endpoints', 'ServiceAccount'] as const) {
    it(`ends the check of a ${kind} with that of a new one`, () => {
      const errors = update(created('v1', kind, {}), (copy) => {
        copy.metadata.finalizers = ['a b'];
      });
      // before the strategy, by its check of updates, and by that of new objects
      assert.deepEqual(errors, [qualified, standard, qualified, standard]);
    });
  }

  it('leaves addresses alone that older rules let in', () => {
    const old = service({ externalIPs: ['010.0.0.1'] });
    assert.deepEqual(
      update(old, (copy) => {
        copy['spec'].ports[0].port = 81;
      }),
      [],
    );
    assert.deepEqual(
      update(old, (copy) => {
        copy['spec'].externalIPs.push('010.0.0.2');
      }),
      ['spec.externalIPs[1]: Invalid value: "010.0.0.2": must not have leading 0s'],
    );
  });

  it('leaves subsets alone that older rules let in', () => {
    const old = created('v1', 'Endpoints', { subsets: [{ addresses: [{ ip: '010.0.0.1' }] }] });
    assert.deepEqual(
      update(old, (copy) => {
        copy.metadata.labels = { a: 'b' };
      }),
      [],
    );
  });

  it('lets a claim change its class of attributes but not leave one that is in force', () => {
    const spec = {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      volumeAttributesClassName: 'a',
    };
    const old = created('v1', 'PersistentVolumeClaim', { spec });
    old['status'] = { phase: 'Bound' };
    const leave = (copy: KubeObject): void => {
      delete copy['spec'].volumeAttributesClassName;
    };
    assert.deepEqual(update(old, leave), []);
    old['status'].currentVolumeAttributesClassName = 'a';
    const message = 'is forbidden when status.currentVolumeAttributesClassName is not nil';
    assert.deepEqual(update(old, leave), [
      `spec.volumeAttributesClassName: Forbidden: update to nil ${message}`,
    ]);
    assert.deepEqual(
      update(old, (copy) => {
        copy['spec'].volumeAttributesClassName = '';
      }),
      [`spec.volumeAttributesClassName: Forbidden: update to empty string ${message}`],
    );
  });

  it('lets the affinity of a volume have newer labels, nothing else', () => {
    const requirement = { key: 'failure-domain.beta.kubernetes.io/zone', operator: 'In', values: ['a'] };
    const old = created('v1', 'PersistentVolume', {
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        csi: { driver: 'd', volumeHandle: 'h' },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [requirement] }] } },
      },
    });
    const relabel = (key: string) => (copy: KubeObject) => {
      copy['spec'].nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key = key;
    };
    assert.deepEqual(update(old, relabel('topology.kubernetes.io/zone')), []);
    const [error = ''] = update(old, relabel('topology.kubernetes.io/region'));
    assert.match(
      error,
      /^nodeAffinity: Invalid value: .*: field is immutable, except for updating from beta/,
    );
  });

  it('checks what is told of an attachment that failed', () => {
    const old = created('storage.k8s.io/v1', 'VolumeAttachment', {
      spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'v' } },
    });
    const errors = update(
      old,
      (copy) => {
        copy['status'] = { attached: false, attachError: { message: 'm'.repeat(1025), errorCode: -1 } };
      },
      'status',
    );
    assert.deepEqual(errors, [
      'status.attachError.message: Too long: may not be more than 262144 bytes',
      'status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    ]);
  });

  it('drops the topology of endpoints, a node name that is known excepted', () => {
    const old = slice({});
    old['endpoints'][0].deprecatedTopology = { 'kubernetes.io/hostname': 'n' };
    const fact = factOf(old.apiVersion, old.kind);
    const copy = changed(old, (object) => {
      object['endpoints'][0].addresses = ['10.0.0.2'];
    });
    prepareForUpdate(fact, copy, old, { now });
    assert.deepEqual(copy['endpoints'], [{ addresses: ['10.0.0.2'], nodeName: 'n' }]);
  });
});

describe('warningsOnCreate() of a node', () => {
  it('is told that its source of configuration is gone, as the source is', () => {
    const made = node({}, { configSource: { configMap: {} } });
    assert.equal(made['spec'].configSource, undefined);
    made['spec'].configSource = { configMap: {} };
    assert.deepEqual(warningsOnCreate(factOf('v1', 'Node'), made), [
      'spec.configSource: the feature is removed',
    ]);
  });
});
