import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allResources } from '@coxswain/api';
import { deepFreeze, humanDuration, type KubeObject } from '@coxswain/machinery';
import { tableForCustomResource } from './custom-resource.ts';
import { tableFor } from './table-for.ts';

const now = Date.UTC(2026, 0, 2);
const created = '2026-01-01T00:00:00Z';

function rows(group: string, resource: string, ...parts: object[]): unknown[][] {
  const table = tableFor({ group, resource });
  return parts.map((part) => {
    const object = {
      apiVersion: 'v1',
      kind: 'X',
      metadata: { name: 'n', creationTimestamp: created },
      ...part,
    };
    const cells = table.cells(deepFreeze(object) as KubeObject, now);
    assert.equal(cells.length, table.columns.length);
    return cells;
  });
}

test('humanDuration() prints as upstream', () => {
  const second = 1000;
  const minute = 60 * second;
  const hour = 60 * minute;
  const day = 24 * hour;
  const cases: [number, string][] = [
    [-5 * second, '<invalid>'],
    [-1500, '0s'],
    [0, '0s'],
    [119 * second, '119s'],
    [2 * minute, '2m'],
    [5.5 * minute, '5m30s'],
    [10.5 * minute, '10m'],
    [179 * minute, '179m'],
    [3.5 * hour, '3h30m'],
    [8.5 * hour, '8h'],
    [47 * hour, '47h'],
    [52 * hour, '2d4h'],
    [7 * day, '7d'],
    [9.5 * day, '9d'],
    [800 * day, '2y70d'],
    [9 * 365 * day, '9y'],
  ];
  for (const [ms, text] of cases) assert.equal(humanDuration(ms), text);
});

test('tableFor() gives every resource as many cells as columns, even for an object with nothing in it', () => {
  for (const fact of allResources()) {
    const table = tableFor(fact);
    const cells = table.cells({ apiVersion: 'v1', kind: fact.kind, metadata: { name: 'n' } }, now);
    assert.equal(cells.length, table.columns.length, fact.resource);
    // upstream has forgotten the format in one table
    const named = fact.resource === 'storageversionmigrations' ? 0 : 1;
    assert.equal(table.columns.filter((c) => c.format === 'name').length, named, fact.resource);
  }
});

test('tableFor() looks descriptions up where it is given a source', () => {
  const table = tableFor({ group: '', resource: 'pods' }, (type, field) => `${type}#${field}`);
  assert.equal(table.columns[5]?.description, 'io.k8s.api.core.v1.PodStatus#podIP');
  assert.equal(table.columns[2]?.description, 'The aggregate status of the containers in this pod.');
});

const two = { containers: [{ name: 'a' }, { name: 'b' }], nodeName: 'n1' };
const running = (name: string): object => ({ name, ready: true, state: { running: {} } });

test('pods show why they wait, end and restart', () => {
  const status = (part: object, spec: object = two, metadata: object = {}): unknown[] =>
    (
      rows('', 'pods', {
        spec,
        status: part,
        metadata: { name: 'p', creationTimestamp: created, ...metadata },
      })[0] ?? []
    ).slice(1, 4);
  assert.deepEqual(status({ phase: 'Pending' }), ['0/2', 'Pending', '0']);
  assert.deepEqual(status({ phase: 'Running', containerStatuses: [running('a'), running('b')] }), [
    '2/2',
    'Running',
    '0',
  ]);
  assert.deepEqual(
    status({
      phase: 'Running',
      containerStatuses: [
        running('a'),
        {
          name: 'b',
          restartCount: 3,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { finishedAt: '2026-01-01T23:59:00Z' } },
        },
      ],
    }),
    ['1/2', 'CrashLoopBackOff', '3 (60s ago)'],
  );
  assert.deepEqual(
    status(
      { phase: 'Pending', initContainerStatuses: [{ name: 'i', state: { terminated: { exitCode: 3 } } }] },
      { ...two, initContainers: [{ name: 'i' }] },
    ),
    ['0/2', 'Init:ExitCode:3', '0'],
  );
  assert.deepEqual(
    status(
      {
        phase: 'Pending',
        initContainerStatuses: [{ name: 's', started: true, ready: true, state: { running: {} } }],
      },
      { ...two, initContainers: [{ name: 's', restartPolicy: 'Always' }] },
    ),
    ['1/3', 'Pending', '0'],
  );
  assert.deepEqual(status({ phase: 'Running' }, two, { deletionTimestamp: created }), [
    '0/2',
    'Terminating',
    '0',
  ]);
  assert.deepEqual(
    status({
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'False' }],
      containerStatuses: [
        { name: 'a', state: { terminated: { exitCode: 0, reason: 'Completed' } } },
        running('b'),
      ],
    }),
    ['1/2', 'NotReady', '0'],
  );
});

test('pods tell in their row that they have ended', () => {
  const table = tableFor({ group: '', resource: 'pods' });
  const pod = (phase: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {},
    status: { phase },
  });
  assert.equal(table.conditions?.(pod('Failed'))?.[0]?.reason, 'Failed');
  assert.equal(table.conditions?.(pod('Running')), undefined);
});

test('nodes, services, ingresses and volumes show as upstream', () => {
  assert.deepEqual(
    rows('', 'nodes', {
      metadata: {
        name: 'n',
        creationTimestamp: created,
        labels: { 'node-role.kubernetes.io/control-plane': '' },
      },
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: 'Ready', status: 'True' }],
        nodeInfo: { kubeletVersion: 'v1', kernelVersion: 'k', architecture: 'amd64' },
      },
    })[0],
    [
      'n',
      'Ready,SchedulingDisabled',
      'control-plane',
      '24h',
      'v1',
      '<none>',
      '<none>',
      '<unknown>',
      'k (amd64)',
      '<unknown>',
    ],
  );
  assert.deepEqual(
    rows('', 'services', {
      spec: {
        type: 'LoadBalancer',
        clusterIPs: ['10.0.0.1'],
        ports: [{ port: 80, nodePort: 30000, protocol: 'TCP' }],
      },
      status: { loadBalancer: {} },
    })[0],
    ['n', 'LoadBalancer', '10.0.0.1', '<pending>', '80:30000/TCP', '24h', '<none>'],
  );
  const rules = ['a', 'b', 'c', 'd'].map((host) => ({ host }));
  assert.equal(rows('networking.k8s.io', 'ingresses', { spec: { rules } })[0]?.[2], 'a,b,c + 1 more...');
  assert.deepEqual(
    rows('', 'persistentvolumeclaims', {
      spec: { volumeName: 'v', storageClassName: 's' },
      status: {
        phase: 'Bound',
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteMany', 'ReadWriteOnce'],
      },
    })[0],
    ['n', 'Bound', 'v', '1Gi', 'RWO,RWX', 's', '<unset>', '24h', '<unset>'],
  );
});

test('bindings of policies show where their parameters are', () => {
  const shown = (paramRef: object): unknown =>
    rows('admissionregistration.k8s.io', 'validatingadmissionpolicybindings', {
      spec: { policyName: 'p', paramRef },
    })[0]?.[2];
  assert.equal(shown({ name: 'a', namespace: 'ns' }), 'ns/a');
  assert.equal(shown({ name: 'a' }), '*/a');
  assert.equal(shown({}), '<unset>');
  assert.equal(
    shown({
      selector: {
        matchLabels: { b: '2', a: '1' },
        matchExpressions: [{ key: 'k', operator: 'In', values: ['x', 'y'] }],
      },
    }),
    '&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:k,Operator:In,Values:[x y],},},}',
  );
});

test('flow schemas are listed as they are tried', () => {
  const { compare } = tableFor({ group: 'flowcontrol.apiserver.k8s.io', resource: 'flowschemas' });
  const schema = (name: string, matchingPrecedence: number): KubeObject => ({
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'FlowSchema',
    metadata: { name },
    spec: { matchingPrecedence },
  });
  const sorted = [schema('a', 9), schema('b', 1), schema('c', 9)].toSorted(compare);
  assert.deepEqual(
    sorted.map(({ metadata }) => metadata.name),
    ['b', 'a', 'c'],
  );
});

test('autoscalers show targets of either version', () => {
  const scaleTargetRef = { kind: 'Deployment', name: 'd' };
  const [v2, v1] = rows(
    'autoscaling',
    'horizontalpodautoscalers',
    {
      apiVersion: 'autoscaling/v2',
      spec: {
        scaleTargetRef,
        maxReplicas: 5,
        metrics: [
          { type: 'Pods', pods: { target: { averageValue: '1500m' } } },
          { type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 70 } } },
          { type: 'Resource', resource: { name: 'memory', target: { averageValue: '1Gi' } } },
        ],
      },
    },
    {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      spec: { scaleTargetRef, maxReplicas: 3, minReplicas: 2, targetCPUUtilizationPercentage: 50 },
      status: { currentReplicas: 2, currentCPUUtilizationPercentage: 40 },
    },
  );
  assert.deepEqual(v2?.slice(1, 6), [
    'Deployment/d',
    '<unknown>/1500m, cpu: <unknown>/70% + 1 more...',
    '<unset>',
    5,
    0,
  ]);
  assert.deepEqual(v1?.slice(1, 6), ['Deployment/d', 'cpu: 40%/50%', '2', 3, 2]);
});

test('events of both groups show alike', () => {
  const [old, fresh] = rows(
    '',
    'events',
    {
      involvedObject: { kind: 'Pod', name: 'p' },
      source: { component: 'kubelet', host: 'n1' },
      message: 'm ',
      lastTimestamp: created,
      count: 2,
    },
    {
      regarding: { kind: 'Pod', name: 'p' },
      deprecatedSource: {},
      reportingController: 'kubelet',
      reportingInstance: 'n1',
      note: 'm',
      eventTime: created,
    },
  );
  assert.deepEqual(old, ['24h', '', '', 'pod/p', '', 'kubelet, n1', 'm', '<unknown>', 2, 'n']);
  assert.deepEqual(fresh, ['24h', '', '', 'pod/p', '', 'kubelet, n1', 'm', '24h', 1, 'n']);
});

test('tableForCustomResource() shows declared columns by their type', () => {
  const table = tableForCustomResource(
    [
      { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
      {
        name: 'Ready',
        type: 'string',
        jsonPath: '.status.conditions[?(@.type=="Ready")].status',
        priority: 1,
      },
      { name: 'Wrong', type: 'boolean', jsonPath: '.spec.size' },
      { name: 'Key', type: 'string', jsonPath: ".metadata.labels['a\\.b/c']", description: 'the key' },
    ],
    () => '',
  );
  const object = {
    apiVersion: 'x/v1',
    kind: 'X',
    metadata: { name: 'n', labels: { 'a.b/c': 'k' } },
    spec: { size: 3 },
    status: {
      conditions: [
        { type: 'Other', status: 'x' },
        { type: 'Ready', status: 'True' },
      ],
    },
  };
  assert.deepEqual(table.cells(object, now), ['n', 3, 'True', null, 'k']);
  assert.equal(
    table.columns[1]?.description,
    'Custom resource definition column (in JSONPath format): .spec.size',
  );
  assert.equal(table.columns[4]?.description, 'the key');
});

test('tableForCustomResource() shows times, and values that are no text', () => {
  const shown = (type: string, value: unknown): unknown => {
    const table = tableForCustomResource([{ name: 'V', type, jsonPath: '.spec.v' }], () => '');
    return table.cells(
      { apiVersion: 'x/v1', kind: 'X', metadata: { name: 'n' }, spec: { v: value } },
      now,
    )[1];
  };
  assert.equal(shown('date', created), '24h');
  assert.equal(shown('date', ''), '<unknown>');
  assert.equal(shown('date', '2024-01-01'), '<invalid>');
  assert.equal(shown('date', 3), null);
  assert.equal(shown('string', { b: '<', a: [1] }), '{"a":[1],"b":"\\u003c"}');
  assert.equal(shown('string', null), '<no value>');
  assert.equal(shown('integer', null), null);
});

test('tableForCustomResource() shows the age where nothing is declared', () => {
  const table = tableForCustomResource([], () => 'doc');
  assert.deepEqual(
    table.columns.map((c) => [c.name, c.type]),
    [
      ['Name', 'string'],
      ['Age', 'date'],
    ],
  );
  assert.deepEqual(
    table.cells({ apiVersion: 'v1', kind: 'X', metadata: { name: 'n', creationTimestamp: created } }, now),
    ['n', '24h'],
  );
});

test('tableFor() shows kinds that are served when asked for', () => {
  const rows: [group: string, resource: string, members: object, cells: unknown[]][] = [
    [
      'coordination.k8s.io',
      'leasecandidates',
      { spec: { leaseName: 'l', binaryVersion: '1.36.0', strategy: 'OldestEmulationVersion' } },
      ['n', 'l', '1.36.0', '', 'OldestEmulationVersion', '24h'],
    ],
    [
      'internal.apiserver.k8s.io',
      'storageversions',
      { status: { storageVersions: [{ apiServerID: 'a', encodingVersion: 'v1' }] } },
      ['n', '<unset>', 'a=v1', '24h'],
    ],
    ['certificates.k8s.io', 'clustertrustbundles', { spec: {} }, ['n', '<none>']],
    [
      'certificates.k8s.io',
      'podcertificaterequests',
      { spec: { podName: 'p' }, status: { conditions: [{ type: 'Denied', status: 'True' }] } },
      ['n', 'p', '', '', '', 'Denied'],
    ],
    [
      'resource.k8s.io',
      'devicetaintrules',
      { spec: { taint: { key: 'k', effect: 'NoSchedule' } } },
      ['n', 'NoSchedule', 'k', '', '24h'],
    ],
  ];
  for (const [group, resource, members, cells] of rows) {
    const object = {
      apiVersion: 'x',
      kind: 'x',
      metadata: { name: 'n', creationTimestamp: created },
      ...members,
    };
    assert.deepEqual(tableFor({ group, resource }).cells(object, now), cells, resource);
  }
});

test('cells of network and storage kinds tell absent from empty', () => {
  const cell = (group: string, resource: string, at: number, object: object): unknown =>
    rows(group, resource, object)[0]?.[at];
  const network = 'networking.k8s.io';
  const parent = { group: '', resource: 'Services', namespace: 'ns', name: 's' };
  assert.equal(cell(network, 'ipaddresses', 1, { spec: { parentRef: parent } }), 'services/ns/s');
  assert.equal(
    cell(network, 'ipaddresses', 1, { spec: { parentRef: { ...parent, group: 'g.io', namespace: '' } } }),
    'services.g.io/s',
  );
  assert.equal(cell(network, 'ipaddresses', 1, {}), '<none>');
  const parameters = { kind: 'K', name: 'n' };
  assert.equal(cell(network, 'ingressclasses', 2, { spec: { parameters } }), 'K/n');
  assert.equal(
    cell(network, 'ingressclasses', 2, { spec: { parameters: { ...parameters, apiGroup: 'g' } } }),
    'K.g/n',
  );
  const chosen = { name: 'i', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } };
  assert.equal(cell(network, 'ingressclasses', 0, { metadata: chosen }), 'i (default)');
  assert.equal(cell('', 'endpoints', 1, {}), '<none>');
  assert.equal(cell('', 'endpoints', 1, { subsets: [{ notReadyAddresses: [{ ip: '10.0.0.1' }] }] }), '');
  const annotations = { 'volumeattributesclass.alpha.kubernetes.io/is-default-class': 'true' };
  assert.equal(
    cell('storage.k8s.io', 'volumeattributesclasses', 0, { metadata: { name: 'v', annotations } }),
    'v (default)',
  );
});
