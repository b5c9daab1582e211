import assert from 'node:assert/strict';
import type { Behaviours } from '../support/behaviours.ts';
import { type Lifecycle, runLifecycle } from '../support/lifecycle.ts';
import { container } from '../support/pods.ts';

const object =
  (apiVersion: string, kind: string, body: object | ((name: string) => object) = {}) =>
  (name: string) => ({
    apiVersion,
    kind,
    metadata: { name },
    ...(typeof body === 'function' ? body(name) : body),
  });
const template = { metadata: { labels: { name: 'x' } }, spec: { containers: [container('nginx')] } };
const now = '2026-01-02T03:04:05Z';

const kinds: Readonly<Record<string, Lifecycle>> = {
  '[sig-node] Lease lease API should be available': {
    resource: 'leases.coordination.k8s.io',
    namespaced: true,
    make: object('coordination.k8s.io/v1', 'Lease', {
      spec: {
        holderIdentity: 'holder',
        leaseDurationSeconds: 30,
        acquireTime: '2026-01-02T03:04:05.123456Z',
        leaseTransitions: 0,
      },
    }),
    change: { spec: { holderIdentity: 'holder2', leaseDurationSeconds: 40, leaseTransitions: 1 } },
  },
  '[sig-node] PodTemplates should run the lifecycle of PodTemplates': {
    resource: 'podtemplates',
    namespaced: true,
    make: object('v1', 'PodTemplate', { template }),
    change: { template: { spec: { restartPolicy: 'Always' } } },
  },
  '[sig-node] RuntimeClass should support RuntimeClasses API operations': {
    resource: 'runtimeclasses.node.k8s.io',
    namespaced: false,
    make: object('node.k8s.io/v1', 'RuntimeClass', { handler: 'some-handler' }),
  },
  '[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 DeviceClass': {
    resource: 'deviceclasses.resource.k8s.io',
    namespaced: false,
    make: object('resource.k8s.io/v1', 'DeviceClass', { spec: {} }),
    change: { spec: { selectors: [{ cel: { expression: 'device.driver == "driver.example.com"' } }] } },
  },
  '[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceClaim': {
    resource: 'resourceclaims.resource.k8s.io',
    namespaced: true,
    make: object('resource.k8s.io/v1', 'ResourceClaim', {
      spec: { devices: { requests: [{ name: 'req-0', exactly: { deviceClassName: 'no-such-class' } }] } },
    }),
    status: { allocation: { devices: {} } },
    bareStatus: true,
  },
  '[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceClaimTemplate': {
    resource: 'resourceclaimtemplates.resource.k8s.io',
    namespaced: true,
    make: object('resource.k8s.io/v1', 'ResourceClaimTemplate', {
      spec: {
        spec: { devices: { requests: [{ name: 'req-0', exactly: { deviceClassName: 'no-such-class' } }] } },
      },
    }),
  },
  '[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceSlice': {
    resource: 'resourceslices.resource.k8s.io',
    namespaced: false,
    make: object('resource.k8s.io/v1', 'ResourceSlice', (name) => ({
      spec: {
        driver: 'dra.example.com',
        nodeName: 'no-such-node',
        pool: { name, generation: 1, resourceSliceCount: 1 },
        devices: [{ name: 'device-0' }],
      },
    })),
    change: { spec: { devices: [{ name: 'device-0' }, { name: 'device-1' }] } },
  },
  '[sig-storage] CSIInlineVolumes should run through the lifecycle of a CSIDriver': {
    resource: 'csidrivers.storage.k8s.io',
    namespaced: false,
    make: object('storage.k8s.io/v1', 'CSIDriver', { spec: { volumeLifecycleModes: ['Ephemeral'] } }),
  },
  '[sig-storage] CSINodes CSI Conformance should run through the lifecycle of a csinode': {
    resource: 'csinodes.storage.k8s.io',
    namespaced: false,
    make: object('storage.k8s.io/v1', 'CSINode', {
      spec: {
        drivers: [{ name: 'e2e-driver', nodeID: 'node-1', topologyKeys: [], allocatable: { count: 10 } }],
      },
    }),
  },
  '[sig-storage] CSIStorageCapacity should support CSIStorageCapacities API operations': {
    resource: 'csistoragecapacities.storage.k8s.io',
    namespaced: true,
    make: object('storage.k8s.io/v1', 'CSIStorageCapacity', { storageClassName: 'sc' }),
    change: { capacity: '10Gi' },
  },
  '[sig-storage] StorageClasses CSI Conformance should run through the lifecycle of a StorageClass': {
    resource: 'storageclasses.storage.k8s.io',
    namespaced: false,
    make: object('storage.k8s.io/v1', 'StorageClass', {
      provisioner: 'e2e-fake-provisioner',
      parameters: { 'param-1': 'one' },
      reclaimPolicy: 'Delete',
      mountOptions: ['debug'],
      volumeBindingMode: 'Immediate',
    }),
    change: { allowVolumeExpansion: true },
  },
  '[sig-storage] VolumeAttributesClass [FeatureGate:VolumeAttributesClass] should run through the lifecycle of a VolumeAttributesClass':
    {
      resource: 'volumeattributesclasses.storage.k8s.io',
      namespaced: false,
      make: object('storage.k8s.io/v1', 'VolumeAttributesClass', {
        driverName: 'e2e-driver',
        parameters: { a: 'b' },
      }),
    },
  '[sig-storage] VolumeAttachment Conformance should run through the lifecycle of a VolumeAttachment': {
    resource: 'volumeattachments.storage.k8s.io',
    namespaced: false,
    make: object('storage.k8s.io/v1', 'VolumeAttachment', {
      spec: {
        attacher: 'e2e-test.storage.k8s.io',
        nodeName: 'no-such-node',
        source: { persistentVolumeName: 'pv' },
      },
    }),
  },
  '[sig-storage] VolumeAttachment Conformance should apply changes to a volumeattachment status': {
    resource: 'volumeattachments.storage.k8s.io',
    namespaced: false,
    make: object('storage.k8s.io/v1', 'VolumeAttachment', {
      spec: {
        attacher: 'e2e-test.storage.k8s.io',
        nodeName: 'no-such-node',
        source: { persistentVolumeName: 'pv' },
      },
    }),
    status: { attached: true },
    bareStatus: true,
  },
  '[sig-network] Ingress API should support creating Ingress API operations': {
    resource: 'ingresses.networking.k8s.io',
    namespaced: true,
    make: object('networking.k8s.io/v1', 'Ingress', {
      spec: {
        ingressClassName: 'example',
        defaultBackend: { service: { name: 'default-backend', port: { number: 80 } } },
      },
    }),
    change: {
      spec: {
        rules: [
          {
            host: 'a.example.com',
            http: {
              paths: [
                { path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } },
              ],
            },
          },
        ],
      },
    },
    status: { loadBalancer: { ingress: [{ ip: '169.1.1.1' }] } },
  },
  '[sig-network] IngressClass API should support creating IngressClass API operations': {
    resource: 'ingressclasses.networking.k8s.io',
    namespaced: false,
    make: object('networking.k8s.io/v1', 'IngressClass', { spec: { controller: 'example.com/controller' } }),
  },
  '[sig-network] EndpointSlice should support creating EndpointSlice API operations': {
    resource: 'endpointslices.discovery.k8s.io',
    namespaced: true,
    make: object('discovery.k8s.io/v1', 'EndpointSlice', {
      addressType: 'IPv4',
      endpoints: [{ addresses: ['1.2.3.4', '5.6.7.8'] }],
      ports: [{ name: 'http', protocol: 'TCP', port: 80 }],
    }),
  },
  '[sig-network] Endpoints should test the lifecycle of an Endpoint': {
    resource: 'endpoints',
    namespaced: true,
    make: object('v1', 'Endpoints', {
      subsets: [{ addresses: [{ ip: '10.0.0.24' }], ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }],
    }),
    change: {
      subsets: [
        { addresses: [{ ip: '10.0.0.25' }], ports: [{ name: 'http-test', port: 8080, protocol: 'TCP' }] },
      ],
    },
  },
};

/** Behaviours of resources that only the API knows. */
export const apiOperations: Behaviours = (behaviour, alone) => {
  for (const [title, kind] of Object.entries(kinds)) behaviour(title, (s) => runLifecycle(s, kind));

  behaviour(
    '[sig-network] ServiceCIDR and IPAddress API should support IPAddress API operations',
    async (s) => {
      await runLifecycle(s, {
        resource: 'ipaddresses.networking.k8s.io',
        namespaced: false,
        make: object('networking.k8s.io/v1', 'IPAddress', {
          spec: { parentRef: { resource: 'services', name: 'x', namespace: 'y' } },
        }),
        nameOf: (which) => `192.168.1.${{ one: 1, two: 2, three: 3 }[which]}`,
      });
    },
  );

  behaviour('[sig-node] PodTemplates should replace a pod template', async (s) => {
    await s.create(object('v1', 'PodTemplate', { template })('replaced'));
    const updated = await s.api.change(s.path('podtemplates', 'replaced'), (o) => {
      o.metadata.annotations = { updated: 'true' };
    });
    assert.equal(updated.metadata.annotations.updated, 'true');
  });

  behaviour('[sig-node] PodTemplates should delete a collection of pod templates', async (s) => {
    for (const name of ['one', 'two', 'three']) {
      const made = object('v1', 'PodTemplate', { template })(name);
      await s.create({ ...made, metadata: { name, labels: { set: 'true' } } });
    }
    await s.api.delete(`${s.path('podtemplates')}?labelSelector=set%3Dtrue`);
    assert.equal((await s.get('podtemplates')).items.length, 0);
  });

  behaviour('[sig-storage] CSIInlineVolumes should support CSIVolumeSource in Pod API', async (s) => {
    const volumes = [
      { name: 'v', csi: { driver: 'e2e.example.com', readOnly: true, volumeAttributes: { a: 'b' } } },
    ];
    const main = container('main', { volumeMounts: [{ name: 'v', mountPath: '/v' }] });
    await s.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'inline' },
      spec: { nodeName: '', schedulingGates: [{ name: 'example.com/held' }], containers: [main], volumes },
    });
    const patched = await s.api.patch(s.path('pods', 'inline'), { metadata: { labels: { a: 'b' } } });
    assert.equal(patched.spec.volumes[0].csi.driver, 'e2e.example.com');
    await s.delete('pods', 'inline');
  });

  const pv = (name: string) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, labels: { for: name } },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: name,
      nfs: { server: 'nowhere.example.com', path: '/' },
    },
  });
  const pvc = (name: string) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, labels: { for: name } },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: name,
      resources: { requests: { storage: '1Gi' } },
    },
  });

  behaviour(
    '[sig-storage] PersistentVolumes CSI Conformance should run through the lifecycle of a PV and a PVC',
    async (s) => {
      const name = `life-${s.namespace}`;
      await s.create(pv(name), pvc(name));
      assert.equal(
        (await s.api.get(`${s.path('persistentvolumes')}?labelSelector=for%3D${name}`)).items.length,
        1,
      );
      assert.equal((await s.get('persistentvolumeclaims')).items.length, 1);
      for (const plural of ['persistentvolumes', 'persistentvolumeclaims']) {
        const patched = await s.api.patch(s.path(plural, name), { metadata: { labels: { patched: 'yes' } } });
        assert.equal(patched.metadata.labels.patched, 'yes');
        const updated = await s.api.change(s.path(plural, name), (o) => {
          o.metadata.labels.updated = 'yes';
        });
        assert.equal(updated.metadata.labels.updated, 'yes');
      }
      await s.delete('persistentvolumeclaims', name);
      await s.gone('persistentvolumeclaims', name);
      await s.delete('persistentvolumes', name);
      await s.gone('persistentvolumes', name);
      const again = `again-${s.namespace}`;
      await s.create(pv(again), pvc(again));
      await s.api.delete(`${s.path('persistentvolumeclaims')}?labelSelector=for%3D${again}`);
      await s.gone('persistentvolumeclaims', again);
      await s.api.delete(`${s.path('persistentvolumes')}?labelSelector=for%3D${again}`);
      await s.gone('persistentvolumes', again);
    },
  );

  behaviour(
    '[sig-storage] PersistentVolumes CSI Conformance should apply changes to a pv/pvc status',
    async (s) => {
      const name = `status-${s.namespace}`;
      await s.create(pv(name), pvc(name));
      const condition = (reason: string) => ({
        type: 'StatusPatched',
        status: 'True',
        reason,
        message: 'set',
        lastTransitionTime: now,
      });
      const claim = `${s.path('persistentvolumeclaims', name)}/status`;
      const patched = await s.api.patch(claim, { status: { conditions: [condition('E2E')] } });
      assert.ok(patched.status.conditions.some((c: any) => c.type === 'StatusPatched'));
      const updated = await s.api.change(claim, (o) => {
        o.status.conditions = [condition('E2E update')];
      });
      assert.ok(updated.status.conditions.some((c: any) => c.reason === 'E2E update'));
      const volume = `${s.path('persistentvolumes', name)}/status`;
      assert.equal(
        (await s.api.patch(volume, { status: { message: 'StatusPatched', reason: 'E2E' } })).status.message,
        'StatusPatched',
      );
      assert.equal(
        (
          await s.api.change(volume, (o) => {
            o.status.message = 'StatusUpdated';
          })
        ).status.message,
        'StatusUpdated',
      );
      await s.delete('persistentvolumeclaims', name);
      await s.gone('persistentvolumeclaims', name);
      await s.delete('persistentvolumes', name);
    },
  );

  alone(
    '[sig-network] ServiceCIDR and IPAddress API should support ServiceCIDR API operations',
    async (s) => {
      let last = 0;
      await runLifecycle(s, {
        resource: 'servicecidrs.networking.k8s.io',
        namespaced: false,
        bareStatus: true,
        make: (name) => {
          last += 1;
          return object('networking.k8s.io/v1', 'ServiceCIDR', { spec: { cidrs: [`10.17${last}.0.0/24`] } })(
            name,
          );
        },
        status: {
          conditions: [
            {
              type: 'StatusUpdate',
              status: 'True',
              reason: 'E2E',
              message: 'Set from e2e test',
              lastTransitionTime: now,
            },
          ],
        },
      });
    },
  );

  const runtimePod = (handler: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'classy' },
    spec: { runtimeClassName: handler, containers: [container('main')], terminationGracePeriodSeconds: 0 },
  });
  const runtimeClass = (name: string, parts: object = {}) =>
    object('node.k8s.io/v1', 'RuntimeClass', { handler: 'test-handler', ...parts })(name);

  behaviour(
    '[sig-node] RuntimeClass should reject a Pod requesting a non-existent RuntimeClass',
    async (s) => {
      const { code, message } = await s.refusal(runtimePod('absent'));
      assert.equal(code, 403);
      assert.match(message, /pod rejected: RuntimeClass "absent" not found/);
    },
  );

  behaviour('[sig-node] RuntimeClass should reject a Pod requesting a deleted RuntimeClass', async (s) => {
    const name = `gone-${s.namespace}`;
    await s.create(runtimeClass(name));
    await s.delete('runtimeclasses', name);
    const { code } = await s.refusal(runtimePod(name));
    assert.equal(code, 403);
  });

  for (const overhead of [undefined, { podFixed: { cpu: '10m', memory: '1Mi' } }]) {
    const title = overhead ? 'and initialize its Overhead' : 'without PodOverhead';
    behaviour(
      `[sig-node] RuntimeClass should schedule a Pod requesting a RuntimeClass ${title}`,
      async (s) => {
        const name = `with-${s.namespace}`;
        await s.create(runtimeClass(name, overhead ? { overhead } : {}), runtimePod(name));
        const pod = await s.until('pods', 'classy', 'scheduled', (p) => p.spec.nodeName);
        assert.deepEqual(pod.spec.overhead, overhead?.podFixed);
        await s.delete('runtimeclasses', name);
      },
    );
  }
};
