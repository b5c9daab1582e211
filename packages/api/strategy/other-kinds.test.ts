import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import type { Json } from '../validation/values.ts';
import { prepareForStatusUpdate, prepareForUpdate, validateCreate, validateUpdate } from './strategy.ts';
import { changed, created, factOf, now, texts } from './test-objects.ts';

type Case = readonly [
  apiVersion: string,
  kind: string,
  members: Json,
  faults: readonly string[],
  name?: string,
];

const driver = { name: 'd.example.com', nodeID: 'n' };
const creations: readonly Case[] = [
  [
    'storage.k8s.io/v1',
    'CSINode',
    { spec: { drivers: [driver, { ...driver, nodeID: '', topologyKeys: ['a', 'a'] }] } },
    [
      'spec.drivers[1].nodeID: Required value',
      'spec.drivers[1].name: Duplicate value: "d.example.com"',
      'spec.drivers[1]: Duplicate value: "a"',
    ],
  ],
  [
    'storage.k8s.io/v1',
    'CSIDriver',
    { spec: { tokenRequests: [{ audience: 'a', expirationSeconds: 5 }, { audience: 'a' }] } },
    [
      'spec.tokenRequests[0].expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes',
      'spec.tokenRequests[1].audience: Duplicate value: "a"',
    ],
  ],
  [
    'storage.k8s.io/v1',
    'CSIDriver',
    { spec: { serviceAccountTokenInSecrets: false } },
    [
      'spec.serviceAccountTokenInSecrets: Invalid value: false: serviceAccountTokenInSecrets is set but no tokenRequests are specified',
    ],
  ],
  [
    'storage.k8s.io/v1',
    'CSIStorageCapacity',
    { storageClassName: 'Bad', capacity: '-1' },
    [
      "storageClassName: Invalid value: \"Bad\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'capacity: Invalid value: "-1": must be greater than or equal to 0',
    ],
  ],
  [
    'networking.k8s.io/v1',
    'IPAddress',
    { spec: { parentRef: { resource: 'services', name: 's' } } },
    ['metadata.name: Invalid value: "2001:db8:0::1": must be in canonical form ("2001:db8::1")'],
    '2001:db8:0::1',
  ],
  [
    'networking.k8s.io/v1',
    'ServiceCIDR',
    { spec: { cidrs: ['10.0.0.0/24', 'FD00::/64'] } },
    ['spec.cidrs[1]: Invalid value: "FD00::/64": must be in canonical form ("fd00::/64")'],
  ],
  [
    'networking.k8s.io/v1',
    'ServiceCIDR',
    { spec: { cidrs: ['a', 'b'] } },
    ['a', 'b'].map(
      (value, i) =>
        `spec.cidrs[${i}]: Invalid value: "${value}": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`,
    ),
  ],
  [
    'networking.k8s.io/v1',
    'ServiceCIDR',
    { spec: { cidrs: ['10.0.0.1/24', '010.0.0.0/24'] } },
    [
      'spec.cidrs[0]: Invalid value: "10.0.0.1/24": must not have bits set beyond the prefix length',
      'spec.cidrs[1]: Invalid value: "010.0.0.0/24": must not have leading 0s in IP',
      'spec.cidrs: Invalid value: ["10.0.0.1/24","010.0.0.0/24"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
    ],
  ],
  [
    'storage.k8s.io/v1',
    'VolumeAttributesClass',
    { driverName: 'd' },
    ['parameters: Required value: must contain at least one key/value pair'],
  ],
  [
    'storage.k8s.io/v1',
    'VolumeAttachment',
    { spec: { attacher: '', nodeName: 'n', source: {} } },
    [
      'spec.attacher: Required value',
      'spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
      'spec.attacher: Required value',
    ],
  ],
  [
    'storage.k8s.io/v1',
    'StorageClass',
    {
      provisioner: 'p',
      allowedTopologies: [
        { matchLabelExpressions: [{ key: 'z', values: ['a', 'a'] }] },
        { matchLabelExpressions: [{ key: 'z', values: ['a', 'a'] }] },
      ],
    },
    [
      'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"',
      'allowedTopologies[1].matchLabelExpressions[0].values[1]: Duplicate value: "a"',
      'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""',
    ],
  ],
  [
    'certificates.k8s.io/v1beta1',
    'ClusterTrustBundle',
    { spec: { signerName: 'example.com/s', trustBundle: '' } },
    [
      'metadata.name: Invalid value: "x": ClusterTrustBundle for signerName example.com/s must be named with prefix example.com:s:',
      'spec.trustBundle: Invalid value: "<value omitted>": at least one trust anchor must be provided',
    ],
  ],
  [
    'coordination.k8s.io/v1beta1',
    'LeaseCandidate',
    { spec: { leaseName: '', binaryVersion: '1.36.0', emulationVersion: '1.37.0', strategy: 'Newest' } },
    [
      'spec.leaseName: Required value',
      'spec.binaryVersion: Invalid value: "1.36.0": must be greater than or equal to `emulationVersion`',
      'spec.strategy: Unsupported value: "Newest": supported values: "OldestEmulationVersion"',
    ],
  ],
  [
    'storagemigration.k8s.io/v1beta1',
    'StorageVersionMigration',
    { spec: {} },
    ['spec.resource.resource: Required value: resource is required'],
  ],
  [
    'scheduling.k8s.io/v1alpha2',
    'Workload',
    { spec: { podGroupTemplates: [{ name: 'a', schedulingPolicy: { gang: { minCount: 0 } } }] } },
    [
      'spec.podGroupTemplates[0].schedulingPolicy.gang.minCount: Invalid value: 0: must be greater than or equal to 1',
    ],
  ],
  [
    'internal.apiserver.k8s.io/v1alpha1',
    'StorageVersion',
    {},
    ['metadata.name: Invalid value: "x": name must be in the form of <group>.<resource>'],
  ],
];

describe('validateCreate() of kinds beside the common ones', () => {
  for (const [apiVersion, kind, members, faults, name] of creations) {
    it(`refuses a bad ${kind}`, () => {
      const object = created(apiVersion, kind, structuredClone(members), name === undefined ? {} : { name });
      assert.deepEqual(texts(validateCreate(factOf(apiVersion, kind), object)), faults);
    });
  }
});

function update(old: KubeObject, change: (copy: KubeObject) => void): string[] {
  const fact = factOf(old.apiVersion, old.kind);
  const next = changed(old, change);
  prepareForUpdate(fact, next, old, { now });
  return texts(validateUpdate(fact, next, old));
}

describe('validateUpdate() of kinds beside the common ones', () => {
  it('shows the internal struct of a driver of a node', () => {
    const old = created('storage.k8s.io/v1', 'CSINode', { spec: { drivers: [driver] } });
    const errors = update(old, (copy) => {
      copy['spec'].drivers[0].nodeID = 'other';
    });
    assert.deepEqual(errors, [
      'spec.drivers: Invalid value: {"Name":"d.example.com","NodeID":"other","TopologyKeys":null,"Allocatable":null}: field is immutable',
    ]);
  });

  it('lets the number of volumes of a node change', () => {
    const old = created('storage.k8s.io/v1', 'CSINode', { spec: { drivers: [driver] } });
    const errors = update(old, (copy) => {
      copy['spec'].drivers[0].allocatable = { count: 3 };
    });
    assert.deepEqual(errors, []);
  });

  it('shows nil pointers as a text', () => {
    const spec = {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      volumeMode: 'Block',
    };
    const old = created('v1', 'PersistentVolumeClaim', { spec });
    const errors = update(old, (copy) => {
      delete copy['spec'].volumeMode;
    });
    assert.equal(errors.at(-1), 'volumeMode: Invalid value: "null": field is immutable');
  });

  const selector = { matchLabels: { a: 'b' } };
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' };
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  for (const [apiVersion, kind, members, change, faults] of [
    ['apps/v1', 'ReplicaSet', { spec: { selector, template } }, { spec: { replicas: -1 } }, 1],
    ['apps/v1', 'DaemonSet', { spec: { selector, template } }, { spec: { minReadySeconds: -1 } }, 1],
    ['v1', 'PersistentVolumeClaim', { spec: claim }, { spec: { accessModes: ['x'] } }, 2],
    [
      'storage.k8s.io/v1',
      'VolumeAttachment',
      { spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'p' } } },
      { spec: { nodeName: 'N' } },
      2,
    ],
    [
      'storage.k8s.io/v1',
      'VolumeAttributesClass',
      { driverName: 'd', parameters: { a: 'b' } },
      { driverName: 'D_' },
      2,
    ],
    ['rbac.authorization.k8s.io/v1', 'Role', {}, { rules: [{ verbs: [] }] }, 3],
    ['rbac.authorization.k8s.io/v1', 'ClusterRole', {}, { rules: [{ verbs: [] }] }, 3],
    ['rbac.authorization.k8s.io/v1', 'RoleBinding', { roleRef }, { subjects: [{ kind: 'x', name: 'y' }] }, 1],
    [
      'rbac.authorization.k8s.io/v1',
      'ClusterRoleBinding',
      { roleRef },
      { subjects: [{ kind: 'x', name: 'y' }] },
      1,
    ],
  ] as readonly (readonly [string, string, Json, Json, number])[]) {
    it(`tells each fault of a ${kind} once`, () => {
      const errors = update(created(apiVersion, kind, structuredClone(members)), (copy) => {
        const { spec, ...rest } = change;
        Object.assign(copy, rest);
        if (spec !== undefined) Object.assign(copy['spec'], spec);
      });
      assert.equal(errors.length, faults, errors.join('\n'));
      assert.equal(new Set(errors).size, faults);
    });
  }

  it('keeps who holds an address', () => {
    const spec = { parentRef: { resource: 'services', namespace: 'a', name: 'b' } };
    const old = created('networking.k8s.io/v1', 'IPAddress', { spec }, { name: '10.0.0.1' });
    const errors = update(old, (copy) => {
      copy['spec'].parentRef.name = 'c';
    });
    assert.deepEqual(errors, [
      'spec.parentRef: Invalid value: {"Group":"","Resource":"services","Namespace":"a","Name":"c"}: field is immutable',
    ]);
  });
});

describe('prepareForStatusUpdate() of kinds beside the common ones', () => {
  it('keeps the labels and finalizers of a ServiceCIDR', () => {
    const old = created('networking.k8s.io/v1', 'ServiceCIDR', { spec: { cidrs: ['10.0.0.0/24'] } });
    const next = changed(old, (copy) => {
      copy.metadata.labels = { a: 'b' };
      copy.metadata.finalizers = ['example.com/f'];
      copy['spec'].cidrs = ['10.1.0.0/24'];
      copy['status'] = { conditions: [{ type: 'Ready', status: 'True' }] };
    });
    prepareForStatusUpdate(factOf('networking.k8s.io/v1', 'ServiceCIDR'), next, old, { now });
    assert.deepEqual(next, {
      ...old,
      metadata: { ...old.metadata, resourceVersion: '1' },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    });
  });
});
