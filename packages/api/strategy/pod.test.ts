import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import type { Json } from '../validation/values.ts';
import {
  prepareForStatusUpdate,
  prepareForSubresourceUpdate,
  prepareForUpdate,
  validateCreate,
  validateSubresourceUpdate,
  validateUpdate,
} from './strategy.ts';
import { changed, container, factOf, now, pod, texts } from './test-objects.ts';

const fact = factOf('v1', 'Pod');

function update(old: KubeObject, change: (copy: KubeObject) => void): string[] {
  const next = changed(old, change);
  prepareForUpdate(fact, next, old, { now });
  return texts(validateUpdate(fact, next, old));
}

function through(subresource: string, old: KubeObject, change: (copy: KubeObject) => void) {
  const next = changed(old, change);
  prepareForSubresourceUpdate(fact, subresource, next, old, { now });
  return { next, errors: texts(validateSubresourceUpdate(fact, subresource, next, old)) };
}

describe('a new pod', () => {
  it('gets defaults, a class, a phase and its first generation', () => {
    const object = pod();
    assert.deepEqual(object['status'], { phase: 'Pending', qosClass: 'BestEffort' });
    assert.equal(object.metadata.generation, 1);
    assert.equal(object['spec'].terminationGracePeriodSeconds, 30);
    assert.equal(object['spec'].containers[0].imagePullPolicy, 'IfNotPresent');
    assert.deepEqual(validateCreate(fact, object), []);
  });

  it('says that it waits for its gates', () => {
    const [condition] = pod({ schedulingGates: [{ name: 'a.b/c' }] })['status'].conditions;
    assert.equal(condition.reason, 'SchedulingGated');
    assert.equal(condition.lastTransitionTime, now);
  });

  it('matches the labels it has by the keys it names', () => {
    const constraint = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' };
    const object = pod(
      { topologySpreadConstraints: [{ ...constraint, matchLabelKeys: ['v'], labelSelector: {} }] },
      { labels: { v: '1' } },
    );
    const { labelSelector } = object['spec'].topologySpreadConstraints[0];
    assert.deepEqual(labelSelector.matchExpressions, [{ key: 'v', operator: 'In', values: ['1'] }]);
    assert.deepEqual(validateCreate(fact, object), []);
  });

  const cases: readonly (readonly [title: string, spec: Json, ...want: string[]])[] = [
    [
      'a mount of a volume that is not there',
      { containers: [{ ...container, volumeMounts: [{ name: 'v', mountPath: '/v' }] }] },
      'spec.containers[0].volumeMounts[0].name: Not found: "v"',
    ],
    [
      'a sidecar by another policy than Always',
      { initContainers: [{ ...container, name: 'i', restartPolicy: 'Sometimes' }] },
      'spec.initContainers[0].restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"',
    ],
    [
      'probes of an init container that ends',
      { initContainers: [{ ...container, name: 'i', readinessProbe: { exec: { command: ['x'] } } }] },
      'spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
    ],
    [
      'a projected file twice',
      {
        volumes: [
          {
            name: 'v',
            projected: {
              sources: ['a', 'b'].map((name) => ({ configMap: { name, items: [{ key: 'k', path: 'p' }] } })),
            },
          },
        ],
      },
      'spec.volumes[0].projected: Invalid value: "b": conflicting duplicate paths',
    ],
    [
      'a fraction of an extended resource',
      { containers: [{ ...container, resources: { limits: { 'example.com/gpu': '500m' } } }] },
      'spec.containers[0].resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer',
      'spec.containers[0].resources.requests[example.com/gpu]: Invalid value: "500m": must be an integer',
    ],
    [
      'huge pages without memory or cpu',
      { containers: [{ ...container, resources: { limits: { 'hugepages-2Mi': '4Mi' } } }] },
      'spec.containers[0].resources: Forbidden: HugePages require cpu or memory',
    ],
    [
      'a hook that sleeps longer than the pod has',
      { containers: [{ ...container, lifecycle: { preStop: { sleep: { seconds: 31 } } } }] },
      'spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)',
    ],
    [
      'node affinity without a term',
      {
        affinity: {
          nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } },
        },
      },
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
    ],
    [
      'host namespaces of a pod with users of its own',
      { hostUsers: false, hostPID: true },
      'spec.HostPID: Forbidden: when `hostUsers` is false',
    ],
    [
      'no name server where the pod brings its own',
      { dnsPolicy: 'None' },
      'spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None',
    ],
  ];
  for (const [title, spec, ...want] of cases) {
    it(`may not have ${title}`, () => assert.deepEqual(texts(validateCreate(fact, pod(spec))), want));
  }
});

describe('an update of a pod', () => {
  it('may change the image and counts that as a generation', () => {
    const old = pod();
    const next = changed(old, (copy) => {
      copy['spec'].containers[0].image = 'i:2';
    });
    prepareForUpdate(fact, next, old, { now });
    assert.deepEqual(validateUpdate(fact, next, old), []);
    assert.equal(next.metadata.generation, 2);
  });

  it('leaves the status alone', () => {
    const old = pod();
    const next = changed(old, (copy) => {
      copy['status'] = { phase: 'Running' };
    });
    prepareForUpdate(fact, next, old, { now });
    assert.deepEqual(next['status'], old['status']);
    assert.equal(next.metadata.generation, 1);
  });

  it('may not change commands', () => {
    const [error] = update(pod(), (copy) => {
      copy['spec'].containers[0].command = ['sh'];
    });
    assert.match(error!, /^spec: Forbidden: pod updates may not change fields other than `spec\.containers/);
  });

  it('may add tolerations but not take any away', () => {
    const toleration = { key: 'a', operator: 'Exists', effect: 'NoExecute' };
    const old = pod({ tolerations: [toleration] });
    const more = [{ ...toleration, tolerationSeconds: 5 }, { operator: 'Exists' }];
    assert.deepEqual(
      update(old, (copy) => {
        copy['spec'].tolerations = more;
      }),
      [],
    );
    assert.deepEqual(
      update(old, (copy) => {
        delete copy['spec'].tolerations;
      }),
      ['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds'],
    );
  });

  it('may narrow down the nodes of a gated pod', () => {
    const old = pod({ schedulingGates: [{ name: 'a.b/c' }], nodeSelector: { a: '1' } });
    assert.deepEqual(
      update(old, (copy) => {
        copy['spec'].nodeSelector = { a: '1', b: '2' };
      }),
      [],
    );
    const [error] = update(old, (copy) => {
      copy['spec'].nodeSelector = { b: '2' };
    });
    assert.equal(
      error,
      'spec.nodeSelector: Invalid value: {"b":"2"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    );
  });
});

describe('the status of a pod', () => {
  it('changes without the spec', () => {
    const { next, errors } = through('status', pod(), (copy) => {
      copy['spec'].containers[0].image = 'i:2';
      copy['status'] = { phase: 'Running', podIPs: [{ ip: '10.0.0.1' }] };
    });
    assert.deepEqual(errors, []);
    assert.equal(next['spec'].containers[0].image, 'i:1');
    assert.equal(next['status'].qosClass, 'BestEffort');
  });

  it('does not bring back a container that ended for good', () => {
    const old = pod({ restartPolicy: 'Never' });
    old['status'].containerStatuses = [{ name: 'c', state: { terminated: { exitCode: 1 } } }];
    const { errors } = through('status', old, (copy) => {
      copy['status'].containerStatuses = [{ name: 'c', state: { running: {} } }];
    });
    assert.deepEqual(errors, [
      'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state',
    ]);
  });
});

describe('a resize of a pod', () => {
  const resources = { requests: { cpu: '100m' }, limits: { cpu: '200m' } };
  const old = pod({ containers: [{ ...container, resources }] });

  it('takes cpu and memory and leaves the rest as it was', () => {
    const { next, errors } = through('resize', old, (copy) => {
      copy['spec'].containers[0].resources.requests.cpu = '150m';
      copy['spec'].containers[0].image = 'i:2';
    });
    assert.deepEqual(errors, []);
    assert.equal(next['spec'].containers[0].image, 'i:1');
    assert.equal(next['spec'].containers[0].resources.requests.cpu, '150m');
    assert.equal(next.metadata.generation, 2);
  });

  it('removes nothing and keeps the class', () => {
    const { errors } = through('resize', old, (copy) => {
      copy['spec'].containers[0].resources = {};
    });
    assert.deepEqual(errors, [
      'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
      'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed',
      'spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed',
    ]);
  });
});

describe('ephemeral containers of a pod', () => {
  it('come but do not change or go', () => {
    const debug = { name: 'd', image: 'i:1', terminationMessagePolicy: 'File', imagePullPolicy: 'Always' };
    const { next, errors } = through('ephemeralcontainers', pod(), (copy) => {
      copy['spec'].ephemeralContainers = [debug];
    });
    assert.deepEqual(errors, []);
    const gone = through('ephemeralcontainers', next, (copy) => {
      delete copy['spec'].ephemeralContainers;
    });
    assert.deepEqual(gone.errors, [
      'spec.ephemeralContainers: Forbidden: existing ephemeral containers "d" may not be removed\n',
    ]);
  });
});

describe('prepareForStatusUpdate()', () => {
  it('keeps the generations that a pod was observed at when the writer leaves them out', () => {
    const old = pod();
    old['status'] = {
      phase: 'Running',
      observedGeneration: 3,
      conditions: [{ type: 'Ready', status: 'False', observedGeneration: 2 }],
    };
    const next = changed(old, (copy) => {
      copy['status'] = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    });
    prepareForStatusUpdate(factOf('v1', 'Pod'), next, old, { now });
    assert.equal(next['status'].observedGeneration, 3);
    assert.equal(next['status'].conditions[0].observedGeneration, 2);
  });
});
