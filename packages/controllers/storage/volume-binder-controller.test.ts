import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { Harness } from '../shared/harness-suite.ts';
import { persistentVolumeClaims, persistentVolumes, pods, storageClasses } from '../shared/resources.ts';
import { pvcProtectionController, pvProtectionController } from './protection-controllers.ts';
import { VolumeBinderController } from './volume-binder-controller.ts';

const volume = (name: string, storage: string, spec: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: {
    capacity: { storage },
    accessModes: ['ReadWriteOnce'],
    persistentVolumeReclaimPolicy: 'Retain',
    hostPath: { path: `/data/${name}` },
    ...spec,
  },
});

const claim = (name: string, storage: string, spec: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, ...spec },
});

async function started(): Promise<Harness> {
  const harness = new Harness();
  const { context } = harness;
  await harness.run(
    new VolumeBinderController(context),
    pvcProtectionController(context),
    pvProtectionController(context),
  );
  return harness;
}

const volumes = (harness: Harness) => harness.client.resource(persistentVolumes);
const claims = (harness: Harness) => harness.client.resource(persistentVolumeClaims, 'default');

const phase = async (harness: Harness, name: string): Promise<string> =>
  (await claims(harness).get(name))['status']?.phase;

test('VolumeBinderController binds a claim to the smallest volume that fits', async () => {
  const harness = await started();
  for (const [name, size] of [
    ['small', '1Gi'],
    ['large', '10Gi'],
    ['right', '5Gi'],
  ] as const)
    await volumes(harness).create(volume(name, size));
  await claims(harness).create(claim('data', '2Gi'));
  await harness.until('it is bound', async () => (await phase(harness, 'data')) === 'Bound');
  const held = await claims(harness).get('data');
  assert.equal(held['spec'].volumeName, 'right');
  assert.deepEqual(held['status'].capacity, { storage: '5Gi' });
  assert.equal(held.metadata.annotations?.['pv.kubernetes.io/bind-completed'], 'yes');
  const taken = await volumes(harness).get('right');
  assert.equal(taken['status'].phase, 'Bound');
  assert.equal(taken['spec'].claimRef.uid, held.metadata.uid);
  await harness.stop();
});

test('VolumeBinderController waits for a volume, and for the first consumer where the class says so', async () => {
  const harness = await started();
  await harness.client.resource(storageClasses).create({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'local' },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  await volumes(harness).create(volume('near', '5Gi', { storageClassName: 'local' }));
  await claims(harness).create(claim('late', '1Gi', { storageClassName: 'local' }));
  await claims(harness).create(claim('none', '1Gi'));
  await harness.until('both wait', async () =>
    (await Promise.all(['late', 'none'].map((name) => phase(harness, name)))).every((p) => p === 'Pending'),
  );
  await harness.until('it is told', async () =>
    (await harness.events()).includes(
      'WaitForFirstConsumer: waiting for first consumer to be created before binding',
    ),
  );
  await volumes(harness).create(volume('plain', '1Gi'));
  await harness.until('one is bound', async () => (await phase(harness, 'none')) === 'Bound');
  // The scheduler chooses: it names the claim in the volume.
  const near = await volumes(harness).get('near');
  const claimRef = { namespace: 'default', name: 'late', kind: 'PersistentVolumeClaim' };
  await volumes(harness).update({ ...near, spec: { ...near['spec'], claimRef } });
  await harness.until('the other is bound', async () => (await phase(harness, 'late')) === 'Bound');
  await harness.stop();
});

test('VolumeBinderController releases the volume of a claim that is gone', async () => {
  const harness = await started();
  await volumes(harness).create(volume('v', '1Gi'));
  await claims(harness).create(claim('data', '1Gi'));
  await harness.until('it is bound', async () => (await phase(harness, 'data')) === 'Bound');
  await claims(harness).delete('data');
  await harness.until(
    'it is released',
    async () => (await volumes(harness).get('v'))['status'].phase === 'Released',
  );
  await harness.stop();
});

test('pvcProtectionController() keeps a claim until its last pod is gone', async () => {
  const harness = await started();
  await claims(harness).create(claim('data', '1Gi'));
  await harness.client.resource(pods, 'default').create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec: { nodeName: 'n', volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }] },
  });
  await harness.until(
    'it is protected',
    async () =>
      (await claims(harness).get('data')).metadata.finalizers?.includes('kubernetes.io/pvc-protection') ===
      true,
  );
  await claims(harness).delete('data');
  await harness.clock.advance(5_000);
  assert.ok((await claims(harness).get('data')).metadata.deletionTimestamp);
  await harness.client.resource(pods, 'default').delete('p', { gracePeriodSeconds: 0 });
  await harness.until('it is gone', async () => (await claims(harness).list()).items.length === 0);
  await harness.stop();
});
