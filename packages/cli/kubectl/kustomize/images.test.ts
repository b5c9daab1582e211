import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed } from './images.ts';

const cases = [
  ['nginx', { newTag: '2' }, 'nginx:2'],
  ['nginx:1', { newTag: '2' }, 'nginx:2'],
  ['nginx:1@sha256:abc', { newTag: '2' }, 'nginx:2'],
  ['nginx:1', { digest: 'sha256:def' }, 'nginx@sha256:def'],
  ['nginx:1', { newTag: '2', digest: 'sha256:def' }, 'nginx:2@sha256:def'],
  ['nginx:1', { newName: 'host:5000/nginx' }, 'host:5000/nginx:1'],
  ['nginx:1', { tagSuffix: '-slim' }, 'nginx:1-slim'],
  ['host:5000/nginx:1', { newTag: '2' }, 'host:5000/nginx:1'],
  ['nginx-more:1', { newTag: '2' }, 'nginx-more:1'],
] as const;

for (const [image, change, wanted] of cases) {
  test(`changed() makes ${wanted} of ${image} with ${JSON.stringify(change)}`, () => {
    assert.equal(changed(image, { name: 'nginx', ...change }), wanted);
  });
}
