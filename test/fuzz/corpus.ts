import type { KubeObject } from '@coxswain/machinery';

/** Objects that use much of what the format has: strings, numbers, quantities, times, lists by key, maps, raw JSON. */
export const objects: readonly KubeObject[] = [
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web',
      namespace: 'default',
      labels: { app: 'web', 'app.kubernetes.io/name': 'web' },
      annotations: { note: 'a "quoted" text\nof two lines: ü 😀' },
      creationTimestamp: '2026-01-02T03:04:05Z',
      finalizers: ['example.com/x'],
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'u', controller: true },
      ],
    },
    spec: {
      containers: [
        {
          name: 'main',
          image: 'web:1',
          args: ['--a=1', '--b'],
          env: [
            { name: 'A', value: '1' },
            { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          ],
          ports: [
            { containerPort: 80, protocol: 'TCP' },
            { containerPort: 53, protocol: 'UDP' },
          ],
          resources: { limits: { cpu: '1500m', memory: '1Gi' }, requests: { cpu: '0.5', memory: '5e8' } },
          livenessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 10 },
          volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: true }],
        },
      ],
      tolerations: [{ operator: 'Exists', tolerationSeconds: 300 }],
      volumes: [{ name: 'v', emptyDir: { sizeLimit: '1Gi' } }],
      terminationGracePeriodSeconds: 30,
    },
    status: { phase: 'Running', podIPs: [{ ip: '10.0.0.1' }], startTime: '2026-01-02T03:04:05Z' },
  } as KubeObject,
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'c',
      managedFields: [
        {
          manager: 'm',
          operation: 'Apply',
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:data': { 'f:a': {}, '.': {} } },
        },
      ],
    },
    data: { a: '1', b: '' },
    binaryData: { c: 'AAECAw==' },
    immutable: false,
  } as KubeObject,
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's' },
    spec: {
      ports: [
        { name: 'http', port: 80, targetPort: 'http' },
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
      ],
      selector: { app: 'web' },
      clusterIPs: ['10.96.0.1'],
    },
  } as KubeObject,
  {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: { name: 'r' },
    data: { spec: { template: { $patch: 'replace', x: [1, 2.5, null, { y: 'z' }] } } },
    revision: 3,
  } as KubeObject,
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      names: { kind: 'Widget', plural: 'widgets' },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  required: ['size'],
                  properties: {
                    size: { type: 'integer', minimum: 0, default: 1 },
                    tags: { type: 'array', items: { type: 'string', pattern: '^[a-z]+$' } },
                  },
                  additionalProperties: { type: 'string' },
                  'x-kubernetes-validations': [{ rule: 'self.size > 0', message: 'no' }],
                },
              },
            },
          },
        },
      ],
    },
  } as KubeObject,
];

/** Selectors of labels and fields. */
export const selectors: readonly string[] = [
  'app=web,tier!=db',
  'app in (a, b),tier notin (c),x,!y',
  'a>1,b<2',
  'metadata.name=web,status.phase!=Running',
  'a\\,b=c\\=d\\\\',
  'app.kubernetes.io/name==x',
  '',
];

/** Quantities. */
export const quantities: readonly string[] = [
  '1',
  '0.5',
  '100m',
  '1Gi',
  '1.5Gi',
  '1e3',
  '12E',
  '-5',
  '+1k',
  '9223372036854775807',
  '0.000000001',
  '1n',
];

/** Expressions of CEL. */
export const expressions: readonly string[] = [
  '1 + 2 * 3 == 7',
  "self.name.startsWith('a') && self.tags.all(t, t.size() < 10)",
  '[1, 2, 3].map(x, x * 2).filter(x, x > 2).size()',
  "{'a': 1, 'b': [1, 2]}.exists(k, k == 'a')",
  "has(any.x) ? any.x : any.y.orValue('z')",
  "'abc'.matches('^(a|b)*c$') && 'a,b'.split(',').join('-') == 'a-b'",
  "quantity('1Gi').isGreaterThan(quantity('1G'))",
  "duration('1h').getSeconds() + timestamp('2024-01-02T03:04:05Z').getFullYear()",
  "ip('10.0.0.1').family() == 4 && cidr('10.0.0.0/8').containsIP('10.2.3.4')",
  "url('https://a.example/p?q=1').getQuery()",
  'self.min <= self.max || -self.min < 1',
  'dyn([1, "a", 2.0, null, b"x", 1u])[0] == 1',
  "format.dns1123Label().validate('a').hasValue()",
  '[[1, 2], [3]].map(x, x.map(y, y + 1)).all(l, l.exists_one(y, y == 2))',
  "semver('1.2.3').isLessThan(semver('1.10.0'))",
  'any.?a.?b.orValue(1) == 1',
];

/** Patches of JSON (RFC 6902). */
export const jsonPatches: readonly unknown[] = [
  [
    { op: 'add', path: '/metadata/labels/x', value: 'y' },
    { op: 'test', path: '/kind', value: 'Pod' },
  ],
  [
    { op: 'remove', path: '/spec/containers/0' },
    { op: 'add', path: '/spec/containers/-', value: { name: 'n' } },
  ],
  [
    { op: 'move', from: '/metadata', path: '/spec/x' },
    { op: 'copy', from: '/spec', path: '/spec/y/-1' },
  ],
  [{ op: 'replace', path: '', value: {} }],
  [null, { op: 'add', path: '/a~1b~0c', value: null }],
];

/** Patches to merge, strategic and not. */
export const mergePatches: readonly unknown[] = [
  { metadata: { labels: { app: null, x: 'y' }, finalizers: null } },
  { spec: { containers: [{ name: 'main', image: 'web:2', env: [{ name: 'A', $patch: 'delete' }] }] } },
  {
    spec: {
      '$setElementOrder/containers': [{ name: 'b' }, { name: 'main' }],
      containers: [{ name: 'b', image: 'b' }],
    },
  },
  { spec: { $retainKeys: ['containers'], containers: [{ $patch: 'replace' }, { name: 'x' }] } },
  {
    metadata: {
      '$deleteFromPrimitiveList/finalizers': ['example.com/x'],
      '$setElementOrder/finalizers': ['a'],
    },
  },
  {
    spec: {
      volumes: [{ name: 'v', emptyDir: null, $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' } }],
      $patch: 'merge',
    },
  },
];
