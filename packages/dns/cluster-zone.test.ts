import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterZone } from './cluster-zone.ts';
import { serviceRecords } from './service-records.ts';
import { makeService, makeSlice } from './testing/objects.ts';

function makeZone(): ClusterZone {
  const zone = new ClusterZone('cluster.local', '10.96.0.10');
  const mysql = makeService('mysql', {
    clusterIP: '10.96.0.20',
    ports: [{ name: 'sql', port: 3306, protocol: 'TCP' }],
  });
  zone.set('default/mysql', serviceRecords(mysql, [], 'cluster.local'));
  const endpoints = [
    { addresses: ['10.244.1.2'], hostname: 'db-0', conditions: { ready: true } },
    { addresses: ['10.244.2.3'], conditions: {} },
    { addresses: ['10.244.2.4'], conditions: { ready: false } },
  ];
  const db = makeService('db', { clusterIP: 'None', ports: [{ name: 'sql', port: 3306 }] });
  const slice = makeSlice('db', endpoints, [{ name: 'sql', port: 3307, protocol: 'TCP' }]);
  zone.set('default/db', serviceRecords(db, [slice], 'cluster.local'));
  const outside = makeService('outside', { type: 'ExternalName', externalName: 'Example.org.' });
  zone.set('default/outside', serviceRecords(outside, [], 'cluster.local'));
  const alias = makeService('alias', {
    type: 'ExternalName',
    externalName: 'mysql.default.svc.cluster.local',
  });
  zone.set('default/alias', serviceRecords(alias, [], 'cluster.local'));
  const circle = makeService('circle', {
    type: 'ExternalName',
    externalName: 'circle.default.svc.cluster.local',
  });
  zone.set('default/circle', serviceRecords(circle, [], 'cluster.local'));
  return zone;
}

const cases: readonly {
  ask: string;
  rcode?: string;
  want?: readonly string[];
  additional?: readonly string[];
}[] = [
  { ask: 'mysql.default.svc.cluster.local A', want: ['A 10.96.0.20'] },
  { ask: 'mysql.default.svc.cluster.local AAAA', want: [] },
  {
    ask: '_sql._tcp.mysql.default.svc.cluster.local SRV',
    want: ['SRV 100 3306 mysql.default.svc.cluster.local'],
    additional: ['A 10.96.0.20'],
  },
  { ask: '20.0.96.10.in-addr.arpa PTR', want: ['PTR mysql.default.svc.cluster.local'] },
  { ask: 'db.default.svc.cluster.local A', want: ['A 10.244.1.2', 'A 10.244.2.3'] },
  { ask: 'db-0.db.default.svc.cluster.local A', want: ['A 10.244.1.2'] },
  { ask: '10-244-2-3.db.default.svc.cluster.local A', want: ['A 10.244.2.3'] },
  { ask: '10-244-2-4.db.default.svc.cluster.local A', rcode: 'NXDOMAIN', want: [] },
  {
    ask: '_sql._tcp.db.default.svc.cluster.local SRV',
    want: [
      'SRV 50 3307 db-0.db.default.svc.cluster.local',
      'SRV 50 3307 10-244-2-3.db.default.svc.cluster.local',
    ],
    additional: ['A 10.244.1.2', 'A 10.244.2.3'],
  },
  { ask: '2.1.244.10.in-addr.arpa PTR', want: ['PTR db-0.db.default.svc.cluster.local'] },
  { ask: 'outside.default.svc.cluster.local A', want: ['CNAME example.org'] },
  {
    ask: 'alias.default.svc.cluster.local A',
    want: ['CNAME mysql.default.svc.cluster.local', 'A 10.96.0.20'],
  },
  { ask: 'circle.default.svc.cluster.local A', rcode: 'SERVFAIL', want: [] },
  { ask: '10-244-1-9.default.pod.cluster.local A', want: ['A 10.244.1.9'] },
  { ask: '10-244-1-999.default.pod.cluster.local A', rcode: 'NXDOMAIN', want: [] },
  { ask: 'dns-version.cluster.local TXT', want: ['TXT ["1.1.0"]'] },
  { ask: 'cluster.local NS', want: ['NS ns.dns.cluster.local'] },
  { ask: 'default.svc.cluster.local A', want: [] },
  { ask: 'nobody.default.svc.cluster.local A', rcode: 'NXDOMAIN', want: [] },
  { ask: 'mysql.default.svc.cluster.local.default.svc.cluster.local A', rcode: 'NXDOMAIN', want: [] },
];

function show(record: { type: string; data: unknown }): string {
  if (record.type !== 'SRV') {
    return `${record.type} ${typeof record.data === 'string' ? record.data : JSON.stringify(record.data)}`;
  }
  const { weight, port, target } = record.data as { weight: number; port: number; target: string };
  return `SRV ${weight} ${port} ${target}`;
}

for (const { ask, rcode = 'NOERROR', want = [], additional = [] } of cases) {
  test(`ClusterZone answers ${ask}`, () => {
    const [name = '', type = ''] = ask.split(' ');
    const answer = makeZone().lookup(name, type);
    assert.equal(answer?.rcode, rcode);
    assert.deepEqual(answer?.answers.map(show), want);
    assert.deepEqual(answer?.additionals.map(show), additional);
    const negative = want.length === 0 && rcode !== 'SERVFAIL';
    assert.deepEqual(
      answer?.authorities.map((r) => r.type),
      negative ? ['SOA'] : [],
    );
  });
}

test('ClusterZone leaves names outside it to others', () => {
  assert.equal(makeZone().lookup('example.org', 'A'), undefined);
  assert.equal(makeZone().lookup('1.1.1.1.in-addr.arpa', 'PTR'), undefined);
});

test('ClusterZone forgets a service that is taken out, and its branch with it', () => {
  const zone = makeZone();
  for (const name of ['mysql', 'db', 'outside', 'alias', 'circle']) zone.set(`default/${name}`, undefined);
  assert.equal(zone.lookup('mysql.default.svc.cluster.local', 'A')?.rcode, 'NXDOMAIN');
  assert.equal(zone.lookup('default.svc.cluster.local', 'A')?.rcode, 'NXDOMAIN');
  assert.equal(zone.lookup('20.0.96.10.in-addr.arpa', 'PTR'), undefined);
});
