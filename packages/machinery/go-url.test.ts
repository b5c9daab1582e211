import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GoUrlError, parseGoUrl } from './go-url.ts';

const nothing = { scheme: '', opaque: '', host: '', path: '', query: '', fragment: '' };

test('parseGoUrl() splits as net/url does', () => {
  const cases: readonly (readonly [text: string, parts: object])[] = [
    ['', {}],
    ['x', { path: 'x' }],
    ['foo/b:ar', { path: 'foo/b:ar' }],
    ['///p', { path: '///p' }],
    ['//h/p', { host: 'h', path: '/p' }],
    [
      'HTTPS://h:80/a%20b?q=1#f',
      { scheme: 'https', host: 'h:80', path: '/a b', query: 'q=1', fragment: 'f' },
    ],
    ['https://u:p@h', { scheme: 'https', user: 'u:p', host: 'h' }],
    ['https://@h', { scheme: 'https', user: '', host: 'h' }],
    ['https:///p', { scheme: 'https', path: '/p' }],
    ['https:/p', { scheme: 'https', path: '/p' }],
    ['mailto:x@y?q', { scheme: 'mailto', opaque: 'x@y', query: 'q' }],
    ['https://x?', { scheme: 'https', host: 'x' }],
    ['https://x#', { scheme: 'https', host: 'x' }],
    ['https://[fe80::1%25en0]:1/', { scheme: 'https', host: '[fe80::1%en0]:1', path: '/' }],
    ['https://<x>', { scheme: 'https', host: '<x>' }],
    ['unix://a:1:2', { scheme: 'unix', host: 'a:1:2' }],
    ['unix:///sock', { scheme: 'unix', path: '/sock' }],
  ];
  for (const [text, parts] of cases) assert.deepEqual(parseGoUrl(text), { ...nothing, ...parts }, text);
});

test("parseGoUrl() refuses in net/url's words", () => {
  const cases: readonly (readonly [text: string, told: string])[] = [
    ['x\u007f', 'parse "x\\x7f": net/url: invalid control character in URL'],
    ['://x', 'parse "://x": missing protocol scheme'],
    ['1https://h', 'parse "1https://h": first path segment in URL cannot contain colon'],
    ['https://x/%zz', 'parse "https://x/%zz": invalid URL escape "%zz"'],
    ['https://x#%z', 'parse "https://x#%z": invalid URL escape "%z"'],
    ['https://u%zz@h', 'parse "https://u%zz@h": invalid URL escape "%zz"'],
    ['https://a|b@h', 'parse "https://a|b@h": net/url: invalid userinfo'],
    ['https://a b', 'parse "https://a b": invalid character " " in host name'],
    ['https://%41', 'parse "https://%41": invalid URL escape "%41"'],
    ['https://h:x', 'parse "https://h:x": invalid port ":x" after host'],
    ['https://h:80:90', 'parse "https://h:80:90": invalid port ":80:90" after host'],
    ['https://[::1', 'parse "https://[::1": missing \']\' in host'],
    ['https://a[::1]', 'parse "https://a[::1]": invalid IP-literal'],
    ['https://[1.2.3.4]', 'parse "https://[1.2.3.4]": invalid IP-literal'],
  ];
  for (const [text, told] of cases) {
    assert.throws(
      () => parseGoUrl(text),
      (error) => error instanceof GoUrlError && error.message === told,
      text,
    );
  }
});
