import assert from 'node:assert/strict';
import { test } from 'node:test';
import { traitsOf } from '../traits.ts';
import type { DeletionOptions } from './delete-options.ts';
import { collectionFinalizers } from './garbage-collection.ts';

const object = (finalizers: string[] = []) => ({
  apiVersion: 'v1',
  kind: 'X',
  metadata: { name: 'x', finalizers },
});
const options = (propagationPolicy?: DeletionOptions['propagationPolicy']): DeletionOptions => ({
  gracePeriodSeconds: undefined,
  propagationPolicy,
  orphanDependents: undefined,
  preconditions: {},
  dryRun: false,
});
const maps = traitsOf({ group: '', resource: 'configmaps' });
const jobs = traitsOf({ group: 'batch', resource: 'jobs' });
const events = traitsOf({ group: '', resource: 'events' });

test('collectionFinalizers() adds the finalizer of the policy that was asked for', () => {
  assert.deepEqual(collectionFinalizers(maps, object(['a/b']), options('Orphan')), ['a/b', 'orphan']);
  assert.deepEqual(collectionFinalizers(maps, object(), options('Foreground')), ['foregroundDeletion']);
  assert.equal(collectionFinalizers(maps, object(), options('Background')), undefined);
});

test('collectionFinalizers() replaces the finalizer of another policy', () => {
  assert.deepEqual(collectionFinalizers(maps, object(['orphan']), options('Background')), []);
  assert.deepEqual(collectionFinalizers(maps, object(['orphan']), options('Foreground')), [
    'foregroundDeletion',
  ]);
});

test("collectionFinalizers() falls back to the resource's default", () => {
  assert.equal(collectionFinalizers(maps, object(), options()), undefined);
  assert.deepEqual(collectionFinalizers(jobs, object(), options()), ['orphan']);
  assert.equal(collectionFinalizers(jobs, object(['orphan']), options()), undefined);
});

test('collectionFinalizers() leaves resources alone that are not collected', () => {
  assert.equal(collectionFinalizers(events, object(), options('Orphan')), undefined);
});
