import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AuditEvent, encodeEvent, encodeEventList, withoutManagedFields } from './event.ts';
import { legacyLine } from './legacy-format.ts';
import { sourceIPs } from './source-ips.ts';

const event: AuditEvent = {
  level: 'Request',
  auditID: 'id-1',
  stage: 'ResponseComplete',
  requestURI: '/api/v1/pods?limit=1&watch=0',
  verb: 'list',
  user: { username: 'alice', groups: ['devs', 'a"b'] },
  sourceIPs: ['10.0.0.1', '10.0.0.2'],
  userAgent: 'kubectl <x>',
  objectRef: { resource: 'pods', namespace: 'ns', apiVersion: 'v1' },
  responseStatus: { code: 200 },
  requestObject: '{"kind":"Pod"}',
  requestReceivedTimestamp: '2026-01-02T03:04:05.600000Z',
  stageTimestamp: '2026-01-02T03:04:05.700000Z',
  annotations: { b: '2', a: '1' },
};

describe('encodeEvent()', () => {
  test('writes one line in upstream order', () => {
    assert.equal(
      encodeEvent(event),
      '{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"id-1","stage":"ResponseComplete",' +
        '"requestURI":"/api/v1/pods?limit=1\\u0026watch=0","verb":"list",' +
        '"user":{"username":"alice","groups":["devs","a\\"b"]},"sourceIPs":["10.0.0.1","10.0.0.2"],' +
        '"userAgent":"kubectl \\u003cx\\u003e","objectRef":{"resource":"pods","namespace":"ns","apiVersion":"v1"},' +
        '"responseStatus":{"metadata":{},"code":200},"requestObject":{"kind":"Pod"},' +
        '"requestReceivedTimestamp":"2026-01-02T03:04:05.600000Z","stageTimestamp":"2026-01-02T03:04:05.700000Z",' +
        '"annotations":{"a":"1","b":"2"}}',
    );
  });

  test('refuses an event whose request brought what is no JSON', () => {
    assert.throws(() => encodeEvent({ ...event, isUnwritable: true }), { code: 'AUDIT_UNWRITABLE' });
  });

  test('leaves kind and apiVersion to the list', () => {
    const list = JSON.parse(encodeEventList([event, event]));
    assert.equal(list.kind, 'EventList');
    assert.equal(list.items.length, 2);
    assert.equal(list.items[0].kind, undefined);
    assert.deepEqual(
      { ...JSON.parse(encodeEvent(event)), kind: 0, apiVersion: 0 },
      { ...list.items[1], kind: 0, apiVersion: 0 },
    );
  });
});

test('legacyLine() quotes what Go quotes', () => {
  assert.equal(
    legacyLine({ ...event, impersonatedUser: { username: 'bob' } }),
    '2026-01-02T03:04:05.6Z AUDIT: id="id-1" stage="ResponseComplete" ip="10.0.0.1" method="list" user="alice" ' +
      'groups="\\"devs\\",\\"a\\\\\\"b\\"" as="bob" asgroups="<lookup>" user-agent="kubectl <x>" namespace="ns" ' +
      'uri="/api/v1/pods?limit=1&watch=0" response="200"',
  );
});

describe('sourceIPs()', () => {
  const cases: readonly [string, Record<string, string>, string | undefined, string[]][] = [
    ['the peer', {}, '10.0.0.1', ['10.0.0.1']],
    ['a peer of IPv4 in IPv6', {}, '::ffff:10.0.0.1', ['10.0.0.1']],
    [
      'proxies before the peer',
      { 'x-forwarded-for': '1.1.1.1, nobody, 2.2.2.2' },
      '10.0.0.1',
      ['1.1.1.1', '2.2.2.2', '10.0.0.1'],
    ],
    [
      'the real address',
      { 'x-forwarded-for': '1.1.1.1', 'x-real-ip': '3.3.3.3' },
      '10.0.0.1',
      ['1.1.1.1', '3.3.3.3', '10.0.0.1'],
    ],
    ['each once', { 'x-forwarded-for': '1.1.1.1', 'x-real-ip': '1.1.1.1' }, '1.1.1.1', ['1.1.1.1']],
  ];
  for (const [name, headers, remote, expected] of cases) {
    test(`gives ${name}`, () => assert.deepEqual(sourceIPs(headers, remote), expected));
  }
});

test('withoutManagedFields() takes them from objects, from items of lists and from rows of tables', () => {
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', managedFields: [] } };
  const bare = { ...object, metadata: { name: 'p' } };
  assert.deepEqual(withoutManagedFields(object), bare);
  const list = { apiVersion: 'v1', kind: 'PodList', metadata: {} };
  assert.deepEqual(withoutManagedFields({ ...list, items: [object] }), { ...list, items: [bare] });
  const table = { apiVersion: 'meta.k8s.io/v1', kind: 'Table', metadata: {} };
  assert.deepEqual(withoutManagedFields({ ...table, rows: [{ cells: [1], object }, { cells: [2] }] }), {
    ...table,
    rows: [{ cells: [1], object: bare }, { cells: [2] }],
  });
});
