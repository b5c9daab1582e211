import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventually, TestCluster, whyNotReal } from './support/cluster.ts';
import { httpGet } from './support/fixture.ts';

const deploy = fileURLToPath(new URL('../../examples/tomcat-mysql/deploy.sh', import.meta.url));

describe('the guest book on Tomcat and MySQL', { skip: whyNotReal ?? false }, () => {
  const cluster = new TestCluster('e2eg');
  before(async () => {
    await cluster.up(2);
    await promisify(execFile)(deploy, [], {
      env: { ...process.env, COXSWAIN_DIR: cluster.dir },
      maxBuffer: 64 << 20,
    });
  });
  after(() => cluster.down());

  test('the page answers on both nodes and shows what was written through the other', async () => {
    const addresses = [...(await cluster.nodeAddresses()).values()];
    assert.equal(addresses.length, 2);
    for (const address of addresses) {
      const { status, body } = await httpGet(`http://${address}:30001/`);
      assert.equal(status, 200, body);
    }
    const name = `guest-${process.pid}`;
    const [first, second] = addresses;
    const form = new URLSearchParams({ name, guest: name, message: name });
    await fetch(`http://${first}:30001/`, { method: 'POST', body: form, redirect: 'follow' });
    const { body } = await httpGet(`http://${second}:30001/`);
    assert.match(body, new RegExp(name));
  });

  test('kubectl scale rc myweb --replicas=4 spreads over both nodes', async () => {
    await cluster.kubectl('scale', 'rc', 'myweb', '--replicas=4');
    const pods = await eventually('four pods are ready', async () => {
      const { items } = await cluster.json('get', 'pods', '-l', 'app=myweb');
      const ready = items.filter((p: any) => p.status.containerStatuses?.[0]?.ready);
      return ready.length === 4 && ready;
    });
    const counts = Map.groupBy(pods, (p: any) => p.spec.nodeName);
    assert.deepEqual(
      [...counts.values()].map((list) => list.length),
      [2, 2],
    );
  });
});
