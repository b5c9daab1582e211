import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultPullPolicy } from './image-tag.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('defaultPullPolicy()', () => {
  for (const image of ['nginx', 'nginx:latest', 'r.example:5000/a/b', 'r.example:5000/a/b:latest']) {
    it(`is Always for ${image}`, () => assert.equal(defaultPullPolicy(image), 'Always'));
  }
  for (const image of ['nginx:1.25', 'r.example:5000/a:v1', `nginx@${digest}`, 'Not An Image', '']) {
    it(`is IfNotPresent for ${JSON.stringify(image)}`, () => {
      assert.equal(defaultPullPolicy(image), 'IfNotPresent');
    });
  }
});
