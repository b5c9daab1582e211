import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { after, before, describe, test } from 'node:test';
import { silentLogger, VirtualClock } from '@coxswain/machinery';
import packet from 'dns-packet';
import { ClusterZone } from './cluster-zone.ts';
import { DnsServer } from './dns-server.ts';
import { Forwarder } from './forwarder.ts';
import { Responder } from './responder.ts';
import { serviceRecords } from './service-records.ts';
import { askTcp, askUdp, makeQuery, summary } from './testing/ask.ts';
import { makeService, makeSlice } from './testing/objects.ts';

describe('DnsServer', () => {
  const clock = new VirtualClock();
  const zone = new ClusterZone('cluster.local', '10.96.0.10');
  let upstream: Socket;
  let asked: string[] = [];
  let server: DnsServer;
  let port: number;

  before(async () => {
    // A name server elsewhere: knows every name that begins with `a`, as 192.0.2.1 for 20 seconds.
    upstream = createSocket('udp4');
    upstream.on('message', (message, from) => {
      const query = packet.decode(message);
      const question = query.questions![0]!;
      asked.push(question.name);
      const known = question.name.startsWith('a');
      const answer = packet.encode({
        type: 'response',
        id: query.id!,
        flags: packet.RECURSION_AVAILABLE | (known ? 0 : 3),
        questions: [question],
        answers: known ? [{ type: 'A', name: question.name, ttl: 20, data: '192.0.2.1' }] : [],
      });
      upstream.send(answer, from.port, from.address);
    });
    await new Promise<void>((resolve) => upstream.bind(0, '127.0.0.1', resolve));
    const upstreams = [{ address: '127.0.0.1', port: upstream.address().port }];
    server = new DnsServer({
      address: '127.0.0.1',
      port: 0,
      responder: new Responder(zone, () => 0),
      forwarder: new Forwarder(upstreams, clock),
      clock,
      logger: silentLogger,
    });
    port = await server.listen();
  });

  after(async () => {
    await server.close();
    upstream.close();
  });

  const ask = async (name: string, type = 'A', udpSize?: number) =>
    summary(await askUdp(port, makeQuery(name, type, udpSize)));

  test('answers anew when a service changes, with the id and the case of the question', async () => {
    const web = (ip: string) => serviceRecords(makeService('web', { clusterIP: ip }), [], zone.name);
    for (const ip of ['10.96.0.5', '10.96.0.6']) {
      zone.set('default/web', web(ip));
      for (let i = 0; i < 2; i++) {
        const raw = await askUdp(port, makeQuery('Web.default.svc.cluster.local', 'A'));
        const answer = packet.decode(raw);
        assert.equal(answer.id, 4711);
        assert.equal(answer.questions?.[0]?.name, 'Web.default.svc.cluster.local');
        assert.equal(answer.flag_aa, true);
        assert.deepEqual(summary(raw).answers, [`web.default.svc.cluster.local A ${ip}`]);
      }
    }
  });

  test('forwards what is outside the cluster, and asks once as long as the answer is good', async () => {
    asked = [];
    const want = { rcode: 'NOERROR', answers: ['a.example A 192.0.2.1'], truncated: false };
    assert.deepEqual(await ask('a.example'), want);
    await clock.advance(7_000);
    const later = packet.decode(await askUdp(port, makeQuery('a.example', 'A')));
    assert.equal((later.answers as { ttl: number }[])[0]?.ttl, 13);
    assert.deepEqual(asked, ['a.example']);
    await clock.advance(13_000);
    assert.deepEqual(await ask('a.example'), want);
    assert.deepEqual(asked, ['a.example', 'a.example']);
    assert.equal((await ask('no.example')).rcode, 'NXDOMAIN');
  });

  test('adds the address behind a name outside to the alias of an ExternalName service', async () => {
    const spec = { type: 'ExternalName', externalName: 'a.example' };
    zone.set('default/ext', serviceRecords(makeService('ext', spec), [], zone.name));
    assert.deepEqual((await ask('ext.default.svc.cluster.local')).answers, [
      'a.example A 192.0.2.1',
      'ext.default.svc.cluster.local CNAME a.example',
    ]);
  });

  test('truncates what UDP cannot carry and gives it whole over TCP', async () => {
    const endpoints = Array.from({ length: 200 }, (_, i) => ({ addresses: [`10.244.0.${i + 1}`] }));
    const many = makeService('many', { clusterIP: 'None' });
    zone.set('default/many', serviceRecords(many, [makeSlice('many', endpoints)], zone.name));
    const name = 'many.default.svc.cluster.local';
    for (const size of [undefined, 4096]) {
      const raw = await askUdp(port, makeQuery(name, 'A', size));
      assert.equal(summary(raw).truncated, true);
      assert.ok(raw.length <= (size === undefined ? 512 : 1232), `${raw.length} bytes`);
    }
    const [whole, other] = await askTcp(port, [makeQuery(name, 'A'), makeQuery('a.example', 'MX')]);
    assert.equal(summary(whole!).answers.length, 200);
    assert.equal(summary(other!).rcode, 'SERVFAIL', 'the upstream of this test does not speak TCP');
  });

  test('says what is wrong with a query it cannot answer, and nothing to an answer', async () => {
    const broken = Buffer.concat([makeQuery('a.example', 'A').subarray(0, 12), Buffer.from([200])]);
    assert.equal(summary(await askUdp(port, broken)).rcode, 'FORMERR');
    const notify = makeQuery('a.example', 'A');
    notify[2] = 4 << 3;
    assert.equal(summary(await askUdp(port, notify)).rcode, 'NOTIMP');
    const responder = new Responder(zone, () => 0);
    const answer = makeQuery('a.example', 'A');
    answer[2] = 0x80;
    assert.deepEqual(responder.respond(answer, 'udp'), { kind: 'ignore' });
    assert.deepEqual(responder.respond(Buffer.from([1]), 'udp'), { kind: 'ignore' });
  });
});
