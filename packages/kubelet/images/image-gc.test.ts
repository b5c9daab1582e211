import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ImageRecord, imagesToRemove } from './image-gc.ts';

const now = 1_000_000;

function record(
  id: string,
  lastUsed: number,
  parts: Partial<ImageRecord['image']> = {},
  firstSeen = 0,
): ImageRecord {
  const image = {
    id,
    repoTags: [`example.com/${id}:1`],
    repoDigests: [`example.com/${id}@sha256:0`],
    size: 100,
    username: '',
    pinned: false,
    ...parts,
  };
  return { image, firstSeen, lastUsed };
}

function chosen(records: readonly ImageRecord[], bytes: number, inUse: readonly string[] = []): string[] {
  return imagesToRemove(records, new Set(inUse), bytes, now).map((i) => i.id);
}

test('imagesToRemove() takes the longest unused until enough is free', () => {
  const records = [record('new', 30), record('old', 10), record('middle', 20)];
  assert.deepEqual(chosen(records, 150), ['old', 'middle']);
});

test('imagesToRemove() spares images in use, pinned and young ones', () => {
  const records = [
    record('used', 1),
    record('pinned', 2, { pinned: true }),
    record('young', 3, {}, now - 119_999),
    record('free', 4),
  ];
  assert.deepEqual(chosen(records, 1_000, ['used']), ['free']);
});

test('imagesToRemove() spares images that no registry gave', () => {
  assert.deepEqual(chosen([record('loaded', 1, { repoDigests: [] })], 1_000), []);
});
