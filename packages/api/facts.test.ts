import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allResources, findKind, findResource, findType, storageVersionOf, typeOfKind } from './facts.ts';

test('findResource() gives scope, verbs and subresources when discovery lists the resource', () => {
  const pods = findResource('', 'v1', 'pods');
  assert.equal(pods?.kind, 'Pod');
  assert.equal(pods.namespaced, true);
  assert.deepEqual(pods.shortNames, ['po']);
  assert.deepEqual(pods.subresources.get('eviction')?.kind, {
    group: 'policy',
    version: 'v1',
    kind: 'Eviction',
  });
  assert.equal(findResource('', 'v1', 'podz'), undefined);
});

test('allResources() has a type for every resource and every type it refers to', () => {
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const field of findType(name)?.ordered ?? []) {
      let value = field.value;
      while (value.kind === 'array' || value.kind === 'map')
        value = value.kind === 'array' ? value.items : value.values;
      assert.ok(value.kind, `${name}.${field.name}`);
      if (value.kind === 'object') visit(value.type.name);
    }
  };
  for (const resource of allResources()) visit(resource.type.name);
  assert.ok(seen.size > 400);
});

test('findType() knows pointers, embedding and keys when the release does', () => {
  const spec = findType('io.k8s.api.core.v1.PodSpec');
  assert.equal(spec?.fields.get('terminationGracePeriodSeconds')?.pointer, true);
  assert.equal(spec?.fields.get('containers')?.keepEmpty, true);
  assert.deepEqual(spec?.fields.get('containers')?.mapKeys, ['name']);
  assert.equal(spec?.fields.get('restartPolicy')?.goType, 'v1.RestartPolicy');
  assert.deepEqual(findType('io.k8s.api.core.v1.Volume')?.fields.get('emptyDir')?.within, [2]);
  assert.equal(findType('io.k8s.api.core.v1.LocalObjectReference')?.atomic, true);
  assert.equal(findType('constructor'), undefined);
});

test('typeOfKind() finds kinds that are no resource', () => {
  assert.equal(typeOfKind({ group: '', version: 'v1', kind: 'DeleteOptions' })?.goName, 'DeleteOptions');
  assert.equal(
    typeOfKind({ group: 'apps', version: 'v1', kind: 'DeploymentList' })?.goName,
    'DeploymentList',
  );
  assert.equal(typeOfKind({ group: 'autoscaling', version: 'v1', kind: 'Scale' })?.goName, 'Scale');
  assert.equal(findKind({ group: 'apps', version: 'v1', kind: 'Deployment' })?.resource, 'deployments');
});

test('storageVersionOf() is the version that the discovery hash names', () => {
  assert.deepEqual(storageVersionOf({ group: 'apps', resource: 'deployments' }), {
    group: 'apps',
    version: 'v1',
  });
  assert.deepEqual(storageVersionOf({ group: 'events.k8s.io', resource: 'events' }), {
    group: '',
    version: 'v1',
  });
});
