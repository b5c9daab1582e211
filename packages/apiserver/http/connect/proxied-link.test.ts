import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxiedLink } from './proxied-link.ts';

const prefix = '/api/v1/namespaces/default/pods/web/proxy';

for (const [link, expected, what] of [
  ['/login?next=/', `${prefix}/login?next=/`, 'an absolute path'],
  ['http://10.0.0.1:8080/dir/', `${prefix}/dir/`, 'a URL of its own'],
  [`${prefix}/there`, `${prefix}/there`, 'a link that goes through the proxy already'],
  ['http://example.com/', 'http://example.com/', 'a link to another host'],
  ['next', 'next', 'a relative path'],
  ['mailto:a@example.com', 'mailto:a@example.com', 'no path at all'],
] as const) {
  test(`proxiedLink() leads clients the right way when it is ${what}`, () => {
    assert.equal(proxiedLink(link, prefix, ['10.0.0.1:8080']), expected);
  });
}
