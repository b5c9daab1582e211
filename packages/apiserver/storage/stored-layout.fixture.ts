import { generateKeyPairSync, sign } from 'node:crypto';
import { createCertificateRequest, generateKey, issue } from '@coxswain/pki';

/** Version and plural, where the object lies below `/registry/`, what is stored there, what it is made of. */
export type StoredLayout = readonly [resource: string, path: string, stored: string, body: object];

const pod = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
const workload = { selector: { matchLabels: { a: 'b' } }, template: pod };
const once = { ...pod, spec: { ...pod.spec, restartPolicy: 'Never' } };
const backend = { service: { name: 's', port: { number: 80 } } };
const scaled = { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' } };
const rules = [
  { apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'], operations: ['CREATE'] },
];
const webhooks = [
  {
    name: 'a.example.com',
    clientConfig: { service: { namespace: 'n', name: 's' } },
    rules: [{ ...rules[0], apiGroups: ['example.com'] }],
    failurePolicy: 'Ignore',
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
  },
];
const mutating = {
  matchConstraints: { resourceRules: rules },
  reinvocationPolicy: 'Never',
  mutations: [
    {
      patchType: 'ApplyConfiguration',
      applyConfiguration: { expression: 'Object{metadata: Object.metadata{labels: {"a": "b"}}}' },
    },
  ],
};
const mutatingStored = 'admissionregistration.k8s.io/v1beta1 MutatingAdmissionPolicy';
const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };
const parentRef = { resource: 'services', namespace: 'n', name: 's' };
const flatRequest = [{ name: 'r', deviceClassName: 'c' }];
const nestedRequest = [{ name: 'r', exactly: { deviceClassName: 'c' } }];
const slice = { driver: 'd.example.com', nodeName: 'n', pool: { name: 'n', resourceSliceCount: 1 } };
const taint = { taint: { key: 'example.com/k', effect: 'NoSchedule' } };
const key = generateKeyPairSync('ed25519');
const certificateRequest = {
  signerName: 'example.com/s',
  podName: 'p',
  podUID: 'pod-uid',
  serviceAccountName: 'default',
  serviceAccountUID: 'account-uid',
  nodeName: 'n',
  nodeUID: 'node-uid',
  maxExpirationSeconds: 86_400,
  pkixPublicKey: key.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  proofOfPossession: sign(null, Buffer.from('pod-uid'), key.privateKey).toString('base64'),
};
const ca = issue({
  subject: { commonName: 'ca' },
  ca: true,
  notBefore: 0,
  notAfter: 2 ** 41,
}).certificate;
const bundle = { signerName: 'example.com/s', trustBundle: ca };
const csr = Buffer.from(createCertificateRequest(generateKey(), { commonName: 'c' })).toString('base64');
const names = { plural: 'boats', singular: 'boat', kind: 'Boat', listKind: 'BoatList' };
const openAPIV3Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const boatVersion = { served: true, schema: { openAPIV3Schema } };
const boatVersions = [
  { ...boatVersion, name: 'v2', storage: false },
  { ...boatVersion, name: 'v1', storage: true },
];

/** As upstream's own test of its storage expects it of every resource of 1.36. */
export const storedLayouts: readonly StoredLayout[] = [
  ['v1 configmaps', 'configmaps/ns/x', 'v1 ConfigMap', { data: { a: 'b' } }],
  ['v1 services', 'services/specs/ns/x', 'v1 Service', { spec: { ports: [{ port: 80 }] } }],
  ['v1 podtemplates', 'podtemplates/ns/x', 'v1 PodTemplate', { template: pod }],
  ['v1 pods', 'pods/ns/x', 'v1 Pod', { spec: pod.spec }],
  ['v1 endpoints', 'services/endpoints/ns/x', 'v1 Endpoints', {}],
  ['v1 resourcequotas', 'resourcequotas/ns/x', 'v1 ResourceQuota', { spec: { hard: { services: '9' } } }],
  ['v1 limitranges', 'limitranges/ns/x', 'v1 LimitRange', { spec: { limits: [{ type: 'Pod' }] } }],
  ['v1 namespaces', 'namespaces/x', 'v1 Namespace', {}],
  ['v1 nodes', 'minions/x', 'v1 Node', {}],
  [
    'v1 persistentvolumes',
    'persistentvolumes/x',
    'v1 PersistentVolume',
    { spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1G' }, hostPath: { path: '/x' } } },
  ],
  ['v1 events', 'events/ns/x', 'v1 Event', { involvedObject: { namespace: 'ns' } }],
  [
    'v1 persistentvolumeclaims',
    'persistentvolumeclaims/ns/x',
    'v1 PersistentVolumeClaim',
    { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1G' } } } },
  ],
  ['v1 serviceaccounts', 'serviceaccounts/ns/x', 'v1 ServiceAccount', {}],
  ['v1 secrets', 'secrets/ns/x', 'v1 Secret', { data: { a: 'YQ==' } }],
  [
    'v1 replicationcontrollers',
    'controllers/ns/x',
    'v1 ReplicationController',
    { spec: { selector: { a: 'b' }, template: pod } },
  ],
  ['apps/v1 daemonsets', 'daemonsets/ns/x', 'apps/v1 DaemonSet', { spec: workload }],
  ['apps/v1 deployments', 'deployments/ns/x', 'apps/v1 Deployment', { spec: workload }],
  ['apps/v1 statefulsets', 'statefulsets/ns/x', 'apps/v1 StatefulSet', { spec: workload }],
  ['apps/v1 replicasets', 'replicasets/ns/x', 'apps/v1 ReplicaSet', { spec: workload }],
  [
    'apps/v1 controllerrevisions',
    'controllerrevisions/ns/x',
    'apps/v1 ControllerRevision',
    { data: { a: [1, null] }, revision: 1 },
  ],
  [
    'autoscaling/v1 horizontalpodautoscalers',
    'horizontalpodautoscalers/ns/x',
    'autoscaling/v2 HorizontalPodAutoscaler',
    { spec: scaled },
  ],
  [
    'autoscaling/v2 horizontalpodautoscalers',
    'horizontalpodautoscalers/ns/y',
    'autoscaling/v2 HorizontalPodAutoscaler',
    { spec: scaled },
  ],
  ['batch/v1 jobs', 'jobs/ns/x', 'batch/v1 Job', { spec: { template: once } }],
  [
    'batch/v1 cronjobs',
    'cronjobs/ns/x',
    'batch/v1 CronJob',
    { spec: { schedule: '* * * * *', jobTemplate: { spec: { template: once } } } },
  ],
  [
    'certificates.k8s.io/v1 certificatesigningrequests',
    'certificatesigningrequests/x',
    'certificates.k8s.io/v1 CertificateSigningRequest',
    { spec: { signerName: 'example.com/s', usages: ['any'], request: csr } },
  ],
  ...(['v1alpha1', 'v1beta1'] as const).map((version): StoredLayout => {
    const name = `example.com:s:${version}`;
    return [
      `certificates.k8s.io/${version} clustertrustbundles`,
      `clustertrustbundles/${name}`,
      'certificates.k8s.io/v1beta1 ClusterTrustBundle',
      { spec: bundle },
    ];
  }),
  [
    'certificates.k8s.io/v1beta1 podcertificaterequests',
    'podcertificaterequests/ns/x',
    'certificates.k8s.io/v1beta1 PodCertificateRequest',
    { spec: certificateRequest },
  ],
  ['coordination.k8s.io/v1 leases', 'leases/ns/x', 'coordination.k8s.io/v1 Lease', {}],
  ...(['v1alpha2', 'v1beta1'] as const).map(
    (version): StoredLayout => [
      `coordination.k8s.io/${version} leasecandidates`,
      `leasecandidates/ns/${version}`,
      'coordination.k8s.io/v1beta1 LeaseCandidate',
      {
        spec: {
          leaseName: 'l',
          binaryVersion: '0.1.0',
          emulationVersion: '0.1.0',
          strategy: 'OldestEmulationVersion',
        },
      },
    ],
  ),
  [
    'discovery.k8s.io/v1 endpointslices',
    'endpointslices/ns/x',
    'discovery.k8s.io/v1 EndpointSlice',
    { addressType: 'IPv4', endpoints: [], ports: [] },
  ],
  [
    'events.k8s.io/v1 events',
    'events/ns/y',
    'v1 Event',
    {
      regarding: { namespace: 'ns' },
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'example.com/c',
      reportingInstance: 'i',
      action: 'A',
      reason: 'R',
      type: 'Normal',
    },
  ],
  [
    'networking.k8s.io/v1 ingresses',
    'ingress/ns/x',
    'networking.k8s.io/v1 Ingress',
    { spec: { defaultBackend: backend } },
  ],
  [
    'networking.k8s.io/v1 ingressclasses',
    'ingressclasses/x',
    'networking.k8s.io/v1 IngressClass',
    { spec: { controller: 'example.com/c' } },
  ],
  [
    'networking.k8s.io/v1 networkpolicies',
    'networkpolicies/ns/x',
    'networking.k8s.io/v1 NetworkPolicy',
    { spec: { podSelector: {} } },
  ],
  ...(['v1', 'v1beta1'] as const).flatMap((version, i): StoredLayout[] => [
    [
      `networking.k8s.io/${version} ipaddresses`,
      `ipaddresses/192.168.2.${i + 1}`,
      'networking.k8s.io/v1 IPAddress',
      { spec: { parentRef } },
    ],
    [
      `networking.k8s.io/${version} servicecidrs`,
      `servicecidrs/${version}`,
      'networking.k8s.io/v1 ServiceCIDR',
      { spec: { cidrs: ['192.168.0.0/16'] } },
    ],
  ]),
  ['policy/v1 poddisruptionbudgets', 'poddisruptionbudgets/ns/x', 'policy/v1 PodDisruptionBudget', {}],
  [
    'storagemigration.k8s.io/v1beta1 storageversionmigrations',
    'storageversionmigrations/x',
    'storagemigration.k8s.io/v1beta1 StorageVersionMigration',
    { spec: { resource: { group: 'g', resource: 'r' } } },
  ],
  [
    'flowcontrol.apiserver.k8s.io/v1 flowschemas',
    'flowschemas/x',
    'flowcontrol.apiserver.k8s.io/v1 FlowSchema',
    { spec: { priorityLevelConfiguration: { name: 'p' } } },
  ],
  [
    'flowcontrol.apiserver.k8s.io/v1 prioritylevelconfigurations',
    'prioritylevelconfigurations/x',
    'flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration',
    { spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } } },
  ],
  [
    'storage.k8s.io/v1 volumeattachments',
    'volumeattachments/x',
    'storage.k8s.io/v1 VolumeAttachment',
    { spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'v' } } },
  ],
  ...(['v1', 'v1beta1'] as const).map(
    (version): StoredLayout => [
      `storage.k8s.io/${version} volumeattributesclasses`,
      `volumeattributesclasses/${version}`,
      'storage.k8s.io/v1 VolumeAttributesClass',
      { driverName: 'd.example.com', parameters: { a: 'b' } },
    ],
  ),
  [
    'storage.k8s.io/v1 storageclasses',
    'storageclasses/x',
    'storage.k8s.io/v1 StorageClass',
    { provisioner: 'p' },
  ],
  [
    'storage.k8s.io/v1 csistoragecapacities',
    'csistoragecapacities/ns/x',
    'storage.k8s.io/v1 CSIStorageCapacity',
    { storageClassName: 's' },
  ],
  ['storage.k8s.io/v1 csinodes', 'csinodes/x', 'storage.k8s.io/v1 CSINode', { spec: { drivers: [] } }],
  ['storage.k8s.io/v1 csidrivers', 'csidrivers/x', 'storage.k8s.io/v1 CSIDriver', { spec: {} }],
  ...['Role', 'ClusterRole'].flatMap((kind): StoredLayout[] => {
    const plural = `${kind.toLowerCase()}s`;
    const scope = kind === 'Role' ? 'ns/' : '';
    return [
      [
        `rbac.authorization.k8s.io/v1 ${plural}`,
        `${plural}/${scope}x`,
        `rbac.authorization.k8s.io/v1 ${kind}`,
        {},
      ],
      [
        `rbac.authorization.k8s.io/v1 ${kind.toLowerCase()}bindings`,
        `${kind.toLowerCase()}bindings/${scope}x`,
        `rbac.authorization.k8s.io/v1 ${kind}Binding`,
        { roleRef },
      ],
    ];
  }),
  ...['Mutating', 'Validating'].map((kind): StoredLayout => {
    const plural = `${kind.toLowerCase()}webhookconfigurations`;
    const stored = `admissionregistration.k8s.io/v1 ${kind}WebhookConfiguration`;
    return [`admissionregistration.k8s.io/v1 ${plural}`, `${plural}/x`, stored, { webhooks }];
  }),
  [
    'admissionregistration.k8s.io/v1 validatingadmissionpolicies',
    'validatingadmissionpolicies/x',
    'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy',
    { spec: { matchConstraints: { resourceRules: rules }, validations: [{ expression: 'true' }] } },
  ],
  [
    'admissionregistration.k8s.io/v1 validatingadmissionpolicybindings',
    'validatingadmissionpolicybindings/x',
    'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding',
    { spec: { policyName: 'p', validationActions: ['Deny'] } },
  ],
  ...(['v1', 'v1beta1', 'v1alpha1'] as const).flatMap((version): StoredLayout[] => [
    [
      `admissionregistration.k8s.io/${version} mutatingadmissionpolicies`,
      `mutatingadmissionpolicies/${version}`,
      mutatingStored,
      { spec: mutating },
    ],
    [
      `admissionregistration.k8s.io/${version} mutatingadmissionpolicybindings`,
      `mutatingadmissionpolicybindings/${version}`,
      `${mutatingStored}Binding`,
      { spec: { policyName: 'p' } },
    ],
  ]),
  [
    'scheduling.k8s.io/v1 priorityclasses',
    'priorityclasses/x',
    'scheduling.k8s.io/v1 PriorityClass',
    { value: 1 },
  ],
  [
    'scheduling.k8s.io/v1alpha2 workloads',
    'workloads/ns/x',
    'scheduling.k8s.io/v1alpha2 Workload',
    { spec: { podGroupTemplates: [{ name: 'g', schedulingPolicy: { basic: {} } }] } },
  ],
  [
    'scheduling.k8s.io/v1alpha2 podgroups',
    'podgroups/ns/x',
    'scheduling.k8s.io/v1alpha2 PodGroup',
    { spec: { schedulingPolicy: { basic: {} } } },
  ],
  ['node.k8s.io/v1 runtimeclasses', 'runtimeclasses/x', 'node.k8s.io/v1 RuntimeClass', { handler: 'h' }],
  ...(['v1', 'v1beta2', 'v1beta1'] as const).flatMap((version): StoredLayout[] => {
    const requests = version === 'v1beta1' ? flatRequest : nestedRequest;
    return [
      [
        `resource.k8s.io/${version} deviceclasses`,
        `deviceclasses/${version}`,
        'resource.k8s.io/v1 DeviceClass',
        { spec: {} },
      ],
      [
        `resource.k8s.io/${version} resourceclaims`,
        `resourceclaims/ns/${version}`,
        'resource.k8s.io/v1 ResourceClaim',
        { spec: { devices: { requests } } },
      ],
      [
        `resource.k8s.io/${version} resourceclaimtemplates`,
        `resourceclaimtemplates/ns/${version}`,
        'resource.k8s.io/v1 ResourceClaimTemplate',
        { spec: { spec: { devices: { requests } } } },
      ],
      [
        `resource.k8s.io/${version} resourceslices`,
        `resourceslices/${version}`,
        'resource.k8s.io/v1 ResourceSlice',
        { spec: slice },
      ],
    ];
  }),
  ...(['v1beta2', 'v1alpha3'] as const).map(
    (version): StoredLayout => [
      `resource.k8s.io/${version} devicetaintrules`,
      `devicetaintrules/${version}`,
      'resource.k8s.io/v1alpha3 DeviceTaintRule',
      { spec: taint },
    ],
  ),
  [
    'resource.k8s.io/v1alpha3 resourcepoolstatusrequests',
    'resourcepoolstatusrequests/x',
    'resource.k8s.io/v1alpha3 ResourcePoolStatusRequest',
    { spec: { driver: 'd.example.com' } },
  ],
  [
    'internal.apiserver.k8s.io/v1alpha1 storageversions',
    'storageversions/example.com.x',
    'internal.apiserver.k8s.io/v1alpha1 StorageVersion',
    { spec: {} },
  ],
  [
    'apiregistration.k8s.io/v1 apiservices',
    'apiregistration.k8s.io/apiservices/v1.example.org',
    'apiregistration.k8s.io/v1 APIService as JSON',
    {
      spec: {
        group: 'example.org',
        version: 'v1',
        groupPriorityMinimum: 100,
        versionPriority: 10,
        service: { namespace: 'n', name: 's' },
      },
    },
  ],
  [
    'apiextensions.k8s.io/v1 customresourcedefinitions',
    'apiextensions.k8s.io/customresourcedefinitions/boats.example.com',
    'apiextensions.k8s.io/v1beta1 CustomResourceDefinition as JSON',
    { spec: { group: 'example.com', scope: 'Namespaced', names, versions: boatVersions } },
  ],
  ...(['v1', 'v2'] as const).map(
    (version): StoredLayout => [
      `example.com/${version} boats`,
      `example.com/boats/ns/${version}`,
      'example.com/v1 Boat as JSON',
      { length: 7 },
    ],
  ),
];
