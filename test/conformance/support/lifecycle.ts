import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { eventually } from '../../e2e/support/cluster.ts';
import { mergePatch } from './api.ts';
import type { Scope } from './scope.ts';

/** A resource that is to be created, read, listed, watched, changed and deleted as every resource is. */
export interface Lifecycle {
  /** `leases.coordination.k8s.io`. */
  readonly resource: string;
  /** A new object; the names differ. */
  readonly make: (name: string) => any;
  readonly namespaced: boolean;
  /** The name of the first, second and third object, where it cannot be any. */
  readonly nameOf?: (which: 'one' | 'two' | 'three') => string;
  /** Fields that may be changed, as a merge patch; absent: only metadata. */
  readonly change?: object;
  /** A merge patch of the status. */
  readonly status?: object;
  /** A write of the status takes no metadata with it. */
  readonly bareStatus?: boolean;
}

/** Goes through every verb of a resource, as the behaviours that are called "API operations" do. */
export async function runLifecycle(s: Scope, kind: Lifecycle): Promise<void> {
  const collection = s.path(kind.resource);
  await isDiscovered(s, kind, collection);
  const mark = randomBytes(4).toString('hex');
  const nameOf = kind.nameOf ?? ((which: string): string => `${which}-${mark}`);
  const make = (which: 'one' | 'two' | 'three'): any => {
    const object = kind.make(nameOf(which));
    return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, mark } } };
  };
  const selected = `labelSelector=mark%3D${mark}`;
  const first = `${collection}/${nameOf('one')}`;

  const created = await s.api.create(collection, make('one'));
  const got = await s.api.get(first);
  assert.equal(got.metadata.uid, created.metadata.uid);
  await s.api.create(collection, make('two'));
  await s.api.create(collection, make('three'));
  assert.equal((await s.api.get(`${collection}?${selected}`)).items.length, 3);
  if (kind.namespaced) {
    const everywhere = collection.replace(`/namespaces/${s.namespace}`, '');
    assert.equal((await s.api.get(`${everywhere}?${selected}`)).items.length, 3);
  }
  const from = (await s.api.get(`${collection}?${selected}`)).metadata.resourceVersion;
  const watch = await s.api.watch(collection, { labelSelector: `mark=${mark}`, resourceVersion: from });

  const patch = { ...kind.change, metadata: { annotations: { patched: 'true' } } };
  const patched = await s.api.patch(first, patch, mergePatch);
  assert.equal(patched.metadata.annotations.patched, 'true');
  assert.notEqual(patched.metadata.resourceVersion, created.metadata.resourceVersion);
  await watch.next(
    'patched',
    (e) => e.type === 'MODIFIED' && e.object.metadata.annotations?.patched === 'true',
  );
  const updated = await s.api.change(first, (object) => {
    object.metadata.annotations.updated = 'true';
  });
  assert.equal(updated.metadata.annotations.updated, 'true');
  await watch.next(
    'updated',
    (e) => e.type === 'MODIFIED' && e.object.metadata.annotations?.updated === 'true',
  );

  if (kind.status !== undefined) await runStatus(s, `${first}/status`, kind.status, kind.bareStatus);

  await s.api.delete(first);
  await watch.next('deleted', (e) => e.type === 'DELETED');
  await s.api.gone(first);
  await s.api.delete(`${collection}?${selected}`);
  await eventually(
    'none of them',
    async () => (await s.api.get(`${collection}?${selected}`)).items.length === 0,
  );
  watch.close();
}

async function isDiscovered(
  s: Scope,
  { resource, namespaced }: Lifecycle,
  collection: string,
): Promise<void> {
  const root = collection
    .split('/')
    .slice(0, collection.startsWith('/api/') ? 3 : 4)
    .join('/');
  const group = root.split('/')[2] as string;
  if (root.startsWith('/apis/')) {
    const { groups } = await s.api.get('/apis');
    assert.ok(
      groups.some((g: any) => g.name === group),
      `group ${group}`,
    );
    const { versions } = await s.api.get(`/apis/${group}`);
    assert.ok(
      versions.some((v: any) => `/apis/${v.groupVersion}` === root),
      root,
    );
  }
  const { resources } = await s.api.get(root);
  const found = resources.find((r: any) => r.name === resource.split('.')[0]);
  assert.ok(found, resource);
  assert.equal(found.namespaced, namespaced);
}

/** Reads, patches and replaces the status. */
async function runStatus(s: Scope, path: string, status: object, bare = false): Promise<void> {
  const read = await s.api.get(path);
  assert.ok(read.metadata.uid);
  const patched = await s.api.patch(
    path,
    { metadata: { annotations: { patchedstatus: 'true' } }, status },
    mergePatch,
  );
  assert.equal(patched.metadata.annotations.patchedstatus, bare ? undefined : 'true');
  for (const [key, value] of Object.entries(status)) {
    if (typeof value === 'object') assert.ok(JSON.stringify(patched.status[key]).length > 2, `${key} is set`);
    else assert.equal(patched.status[key], value);
  }
  const updated = await s.api.change(path, (object) => {
    object.metadata.annotations.updatedstatus = 'true';
    Object.assign(object.status, status);
  });
  assert.equal(updated.metadata.annotations.updatedstatus, bare ? undefined : 'true');
}
