import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseImageName, withDefaultTag } from './image-name.ts';

const digest = `sha256:${'a'.repeat(64)}`;

for (const [text, domain, path, tag] of [
  ['busybox', 'docker.io', 'library/busybox', undefined],
  ['busybox:1.36', 'docker.io', 'library/busybox', '1.36'],
  ['team/app', 'docker.io', 'team/app', undefined],
  ['registry.example.com/team/app:v1', 'registry.example.com', 'team/app', 'v1'],
  ['localhost:5000/app', 'localhost:5000', 'app', undefined],
  ['localhost/app', 'localhost', 'app', undefined],
] as const) {
  test(`parseImageName() takes ${text} apart`, () => {
    const parsed = parseImageName(text);
    assert.deepEqual([parsed?.domain, parsed?.path, parsed?.tag], [domain, path, tag]);
  });
}

for (const text of ['', 'UPPER', 'a b', 'app:', 'app@sha256:short', 'a'.repeat(64), '-app', 'BAD::Image']) {
  test(`parseImageName() refuses "${text}"`, () => {
    assert.equal(parseImageName(text), undefined);
  });
}

for (const [text, want] of [
  ['app', 'app:latest'],
  ['app:1', 'app:1'],
  [`app@${digest}`, `app@${digest}`],
  ['Bad', undefined],
] as const) {
  test(`withDefaultTag() gives ${want} when given ${text}`, () => {
    assert.equal(withDefaultTag(text), want);
  });
}
