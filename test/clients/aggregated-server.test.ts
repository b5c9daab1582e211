import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ownAddress } from '../support/own-address.ts';
import { MetricsServer } from './support/metrics-server.ts';
import { SimulatedCluster } from './support/simulated-cluster.ts';

const cox = fileURLToPath(new URL('../../cox', import.meta.url));
const address = ownAddress();
const name = 'v1beta1.metrics.k8s.io';

const manifests = (port: number, caBundle: string): string => `apiVersion: v1
kind: Service
metadata: {name: metrics-server, namespace: kube-system}
spec: {ports: [{name: https, port: 443, targetPort: ${port}}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: metrics-server-1
  namespace: kube-system
  labels: {kubernetes.io/service-name: metrics-server}
addressType: IPv4
ports: [{name: https, port: ${port}}]
endpoints: [{addresses: ["${address}"], conditions: {ready: true}}]
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: ${name}}
spec:
  group: metrics.k8s.io
  version: v1beta1
  groupPriorityMinimum: 100
  versionPriority: 100
  caBundle: ${caBundle}
  service: {name: metrics-server, namespace: kube-system}
`;

const skip = address === undefined ? 'endpoints need an address of a network' : false;

describe('an aggregated server, by the official kubectl', { skip }, () => {
  const cluster = new SimulatedCluster();
  let metrics: MetricsServer;

  before(async () => {
    await cluster.start(2);
    const trust = [
      '-n',
      'kube-system',
      'get',
      'configmap',
      'extension-apiserver-authentication',
      '-o',
      'json',
    ];
    const { data } = JSON.parse(await cluster.ok(trust));
    const nodes = await cluster.ok(['get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}']);
    const clientCa = data['requestheader-client-ca-file'];
    metrics = await MetricsServer.start(nodes.split(' '), address as string, clientCa);
    await cluster.ok(['apply', '-f', '-'], manifests(metrics.port, metrics.caBundle));
    await cluster.ok(['wait', '--for=condition=Available', `apiservice/${name}`, '--timeout=60s']);
  });

  after(async () => {
    await metrics?.close();
    await cluster.stop();
  });

  test('get shows who serves what', async () => {
    const lines = (await cluster.ok(['get', 'apiservices'])).split('\n');
    const own = lines.filter((line) => /^v1\.apps +Local +True /.test(line));
    const other = lines.filter((line) =>
      /^v1beta1\.metrics\.k8s\.io +kube-system\/metrics-server +True /.test(line),
    );
    assert.deepEqual([own.length, other.length], [1, 1]);
  });

  test('top asks it in the name of the user', async () => {
    const [head = '', ...rows] = (await cluster.ok(['top', 'nodes'])).trim().split('\n');
    assert.match(head, /^NAME +CPU\(cores\) +CPU\(?%\)? +MEMORY\(bytes\) +MEMORY\(?%\)?/);
    assert.equal(rows.length, 2);
    for (const row of rows) assert.match(row, / 250m +\d+% +1024Mi +\d+%/);
    assert.ok(metrics.asked.includes('kubernetes-admin GET /apis/metrics.k8s.io/v1beta1/nodes'));
  });

  test('top of cox prints what that of kubectl does', async () => {
    for (const command of [
      'pods',
      'pods --containers',
      'pods -A --sum',
      'pods -A --containers --sum --no-headers',
      'pods --sort-by=memory',
      'pods --sort-by=size',
      'pods a b',
      'pods a -l b=c',
      'nodes --show-capacity',
      'nodes --no-headers --sort-by=cpu',
      'nodes none',
    ]) {
      const args = ['top', ...command.split(' ')];
      const [theirs, ours] = await Promise.all([cluster.kubectl(args), cluster.run(cox, args)]);
      // Names of columns of shares have changed between versions.
      const evened = (text: string): string =>
        text.replaceAll(/(CPU|MEMORY)\(?%\)?(?= )/g, '$1%').replaceAll(/ +$/gm, '');
      assert.deepEqual(
        [ours.code, evened(ours.stdout), ours.stderr.replaceAll('cox', 'kubectl')],
        [theirs.code, evened(theirs.stdout), theirs.stderr],
        command,
      );
    }
  });

  test('its resources are discovered and read like any other', async () => {
    const resources = await cluster.ok(['api-resources', '--api-group=metrics.k8s.io', '-o', 'name']);
    assert.deepEqual(resources.trim().split('\n').sort(), ['nodes.metrics.k8s.io', 'pods.metrics.k8s.io']);
    const list = JSON.parse(await cluster.ok(['get', '--raw', '/apis/metrics.k8s.io/v1beta1/nodes']));
    assert.equal(list.items.length, 2);
    const ours = await cluster.run(cox, ['get', 'nodes.metrics.k8s.io', '-o', 'name']);
    const theirs = await cluster.ok(['get', 'nodes.metrics.k8s.io', '-o', 'name']);
    assert.deepEqual([ours.code, ours.stdout], [0, theirs]);
  });

  test('when it is away, its group says so, and nothing else is held up but the end of namespaces', async () => {
    await metrics.close();
    await cluster.ok(['wait', '--for=condition=Available=False', `apiservice/${name}`, '--timeout=90s']);
    const refused = await cluster.kubectl(['get', 'nodes.metrics.k8s.io']);
    assert.equal(refused.code, 1);
    const raw = await cluster.kubectl(['get', '--raw', '/apis/metrics.k8s.io/v1beta1/nodes']);
    assert.match(raw.stderr, /the server is currently unable to handle the request/);
    await cluster.ok(['get', 'pods', '-A']);
    await cluster.ok(['create', 'namespace', 'held']);
    await cluster.ok(['delete', 'namespace', 'held', '--wait=false']);
    const failed = '--for=condition=NamespaceDeletionDiscoveryFailure';
    await cluster.ok(['wait', failed, 'namespace/held', '--timeout=60s']);
    await cluster.ok(['delete', 'apiservice', name]);
    await cluster.ok(['wait', '--for=delete', 'namespace/held', '--timeout=60s']);
  });
});
