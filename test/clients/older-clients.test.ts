import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SimulatedCluster } from './support/simulated-cluster.ts';

/** kubectl 1.20, as Debian has it: older than most of what the server serves. */
const oldKubectl = fileURLToPath(new URL('../../.cache/kubectl-old/usr/bin/kubectl', import.meta.url));
const pythonClient = fileURLToPath(new URL('./support/python-client.py', import.meta.url));

const manifest = (image: string): string => `apiVersion: v1
kind: List
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: old}
  spec:
    replicas: 1
    selector: {matchLabels: {app: old}}
    template:
      metadata: {labels: {app: old}}
      spec: {containers: [{name: c, image: "${image}"}]}
- apiVersion: v1
  kind: Service
  metadata: {name: old}
  spec: {selector: {app: old}, ports: [{port: 80}]}
`;

describe('clients of years ago', () => {
  const cluster = new SimulatedCluster();
  before(() => cluster.start());
  after(() => cluster.stop());

  const kubectl = (args: readonly string[], input = '') => cluster.run(oldKubectl, args, input);
  const ok = async (args: readonly string[], input = ''): Promise<string> => {
    const { code, stdout, stderr } = await kubectl(args, input);
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
  };

  test('kubectl 1.20 is what it is', async () => {
    assert.match(await ok(['version', '--client']), /Minor:"20"/);
  });

  test('kubectl 1.20 applies, by itself and on the server, and waits', async () => {
    const created = 'deployment.apps/old created\nservice/old created\n';
    assert.equal(await ok(['apply', '-f', '-'], manifest('example/web:1')), created);
    assert.match(await ok(['rollout', 'status', 'deployment/old']), /successfully rolled out/);
    const changed = 'deployment.apps/old configured\nservice/old unchanged\n';
    assert.equal(await ok(['apply', '-f', '-'], manifest('example/web:2')), changed);
    const server = ['apply', '--server-side', '--force-conflicts', '-f', '-'];
    const applied = 'deployment.apps/old serverside-applied\nservice/old serverside-applied\n';
    assert.equal(await ok(server, manifest('example/web:3')), applied);
    assert.equal(await ok(['rollout', 'undo', 'deployment/old']), 'deployment.apps/old rolled back\n');
    await ok(['wait', '--for=condition=Available', 'deployment/old', '--timeout=60s']);
  });

  test('kubectl 1.20 checks what it is given against the schema', async () => {
    const { code, stderr } = await kubectl(
      ['create', '-f', '-'],
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndta: {}\n',
    );
    assert.equal(code, 1);
    assert.match(
      stderr,
      /ValidationError\(ConfigMap\): unknown field "dta" in io\.k8s\.api\.core\.v1\.ConfigMap/,
    );
  });

  test('kubectl 1.20 shows tables, descriptions and explanations', async () => {
    assert.match(await ok(['get', 'deploy,svc,pods', '-o', 'wide']), /^deployment\.apps\/old +1\/1/m);
    assert.match(await ok(['describe', 'deployment', 'old']), /^Replicas: +1 desired \| 1 updated/m);
    assert.match(await ok(['explain', 'deployment.spec.strategy.rollingUpdate']), /^ +maxSurge\t<string>/m);
    assert.match(await ok(['api-resources', '-o', 'name']), /^cronjobs\.batch$/m);
  });

  test('the Python client of 2022 reads, writes, watches, scales and finds custom resources', async () => {
    const { code, stdout, stderr } = await cluster.run('/usr/bin/python3', [pythonClient]);
    assert.deepEqual([stderr, code], ['', 0]);
    assert.equal(stdout, 'objects_and_watch\ntyped_workload\ncustom_and_dynamic\n');
  });
});
