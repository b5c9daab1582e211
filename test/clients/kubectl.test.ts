import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SimulatedCluster } from './support/simulated-cluster.ts';

const cox = fileURLToPath(new URL('../../cox', import.meta.url));

const deployment = (replicas: number, image = 'example/web:1'): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: "${image}"}]}
`;

/** What kubectl does that leans on more of the server than objects: discovery, schemas, reviews, certificates. */
describe('the official kubectl', () => {
  const cluster = new SimulatedCluster();
  const { kubectl, ok } = {
    kubectl: cluster.kubectl.bind(cluster),
    ok: cluster.ok.bind(cluster),
  };

  before(() => cluster.start(2));
  after(() => cluster.stop());

  test('api-resources and api-versions come from discovery, which is kept on disk', async () => {
    const names = (await ok(['api-resources', '-o', 'name'])).split('\n');
    for (const name of ['pods', 'deployments.apps', 'customresourcedefinitions.apiextensions.k8s.io'])
      assert.ok(names.includes(name), name);
    assert.match(await ok(['api-versions']), /^resource\.k8s\.io\/v1$/m);
    const cache = join(cluster.dir, '.kube', 'cache', 'discovery');
    assert.ok(existsSync(cache));
    const [server = ''] = readdirSync(cache);
    assert.ok(readdirSync(join(cache, server)).length > 0);
    assert.equal((await ok(['api-resources', '--cached', '-o', 'name'])).split('\n').length, names.length);
  });

  test('explain reads the schema', async () => {
    const text = await ok(['explain', 'pod.spec.containers.livenessProbe.httpGet.port']);
    assert.match(text, /^KIND: +Pod\nVERSION: +v1\n\nFIELD: port <IntOrString>/m);
    const tree = await ok(['explain', 'cronjob', '--recursive']);
    assert.match(tree, /jobTemplate\t<JobTemplateSpec> -required-/);
    assert.match(await ok(['explain', 'pod', '--output=plaintext-openapiv2']), /^KIND: +Pod$/m);
  });

  test('apply, then diff tells what a change would do, and apply --server-side who owns what', async () => {
    assert.equal(await ok(['apply', '-f', '-'], deployment(1)), 'deployment.apps/web created\n');
    const same = await kubectl(['diff', '-f', '-'], deployment(1));
    assert.deepEqual([same.code, same.stdout], [0, '']);
    const more = await kubectl(['diff', '-f', '-'], deployment(2));
    assert.equal(more.code, 1);
    assert.match(more.stdout, /^- {2}replicas: 1\n\+ {2}replicas: 2$/m);
    const conflict = await kubectl(
      ['apply', '--server-side', '--field-manager=other', '-f', '-'],
      deployment(2),
    );
    assert.equal(conflict.code, 1);
    assert.match(
      conflict.stderr,
      /conflict with "kubectl-client-side-apply" using apps\/v1: \.spec\.replicas/,
    );
    assert.equal(
      await ok(
        ['apply', '--server-side', '--field-manager=other', '--force-conflicts', '-f', '-'],
        deployment(2),
      ),
      'deployment.apps/web serverside-applied\n',
    );
    const owners = await ok([
      'get',
      'deploy',
      'web',
      '--show-managed-fields',
      '-o',
      'jsonpath={.metadata.managedFields[?(@.operation=="Apply")].manager}',
    ]);
    assert.equal(owners, 'other');
  });

  test('wait sees conditions, fields, creations and ends', async () => {
    await ok(['wait', '--for=condition=Available', 'deploy/web', '--timeout=60s']);
    await ok(['wait', '--for=jsonpath={.status.readyReplicas}=2', 'deploy/web', '--timeout=60s']);
    const created = ok(['wait', '--for=create', 'cm/later', '--timeout=60s']);
    await ok(['create', 'cm', 'later']);
    await created;
    const gone = ok(['wait', '--for=delete', 'cm/later', '--timeout=60s']);
    await ok(['delete', 'cm', 'later']);
    await gone;
    const never = await kubectl(['wait', '--for=condition=Never', 'deploy/web', '--timeout=1s']);
    assert.equal(never.code, 1);
    assert.match(never.stderr, /timed out waiting for the condition on deployments\/web/);
  });

  test('rollout follows, undoes and remembers', async () => {
    await ok(['set', 'image', 'deploy/web', 'c=example/web:2']);
    assert.match(await ok(['rollout', 'status', 'deploy/web', '--timeout=60s']), /successfully rolled out/);
    assert.match(await ok(['rollout', 'history', 'deploy/web']), /^1 .*\n2 /m);
    await ok(['rollout', 'undo', 'deploy/web']);
    await ok(['rollout', 'status', 'deploy/web', '--timeout=60s']);
    const image = await ok([
      'get',
      'deploy',
      'web',
      '-o',
      'jsonpath={.spec.template.spec.containers[0].image}',
    ]);
    assert.equal(image, 'example/web:1');
  });

  test('auth can-i knows rules of roles, create token makes a token that works', async () => {
    await ok(['create', 'sa', 'reader']);
    await ok(['create', 'role', 'reader', '--verb=get,list', '--resource=pods,pods/log']);
    await ok(['create', 'rolebinding', 'reader', '--role=reader', '--serviceaccount=default:reader']);
    const as = '--as=system:serviceaccount:default:reader';
    assert.equal(await ok(['auth', 'can-i', 'list', 'pods', as]), 'yes\n');
    const no = await kubectl(['auth', 'can-i', 'delete', 'pods', as]);
    assert.deepEqual([no.code, no.stdout], [1, 'no\n']);
    assert.match(await ok(['auth', 'can-i', '--list', as]), /^pods\/log +\[\] +\[\] +\[get list\]$/m);
    const token = (await ok(['create', 'token', 'reader', '--duration=10m'])).trim();
    const bare = join(cluster.dir, 'bare.kubeconfig');
    writeFileSync(bare, '');
    const server = await ok(['config', 'view', '-o', 'jsonpath={.clusters[0].cluster.server}']);
    const who = [
      `--kubeconfig=${bare}`,
      `--server=${server}`,
      '--insecure-skip-tls-verify',
      `--token=${token}`,
    ];
    assert.match(await ok(['auth', 'whoami', ...who]), /^Username +system:serviceaccount:default:reader$/m);
    assert.match(await ok(['get', 'pods', '-l', 'app=web', '-o', 'name', ...who]), /^pod\/web-/);
    assert.match((await kubectl(['get', 'nodes', ...who])).stderr, /\(Forbidden\): nodes is forbidden: User/);
  });

  test('certificate approve leads to a certificate that works', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = join(cluster.dir, 'ann.key');
    const csr = join(cluster.dir, 'ann.csr');
    writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    const made = await cluster.run('openssl', [
      'req',
      '-new',
      '-key',
      key,
      '-subj',
      '/CN=ann/O=devs',
      '-out',
      csr,
    ]);
    assert.equal(made.code, 0, made.stderr);
    const { stdout: request } = await cluster.run('base64', ['-w0', csr]);
    await ok(
      ['create', '-f', '-'],
      `apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: ann}
spec: {request: ${request}, signerName: kubernetes.io/kube-apiserver-client, usages: [client auth]}
`,
    );
    assert.match(await ok(['get', 'csr', 'ann']), /Pending/);
    await ok(['certificate', 'approve', 'ann']);
    await ok(['wait', '--for=jsonpath={.status.certificate}', 'csr/ann', '--timeout=60s']);
    assert.match(await ok(['get', 'csr', 'ann']), /Approved,Issued/);
    const certificate = await ok(['get', 'csr', 'ann', '-o', 'jsonpath={.status.certificate}']);
    const cert = join(cluster.dir, 'ann.crt');
    writeFileSync(cert, Buffer.from(certificate, 'base64'));
    await ok(['config', 'set-credentials', 'ann', `--client-certificate=${cert}`, `--client-key=${key}`]);
    assert.match(await ok(['auth', 'whoami', '--user=ann']), /^Groups +\[devs system:authenticated\]$/m);
  });

  for (const [program, ...verb] of [['kubectl'], [cox, 'kubectl']] as const) {
    test(`proxy of ${verb.length === 0 ? 'kubectl' : 'cox'} serves the API without credentials, watches too`, async () => {
      const seen = `seen-by-${verb.length}`;
      const proxy = spawn(program, [...verb, 'proxy', '--port=0'], { env: cluster.env });
      try {
        let address = '';
        for await (const line of createInterface(proxy.stdout)) {
          address = /127\.0\.0\.1:\d+/.exec(line)?.[0] ?? '';
          break;
        }
        const list = (await (
          await fetch(`http://${address}/api/v1/namespaces/default/configmaps`)
        ).json()) as any;
        const url = `http://${address}/api/v1/namespaces/default/configmaps?watch=1&resourceVersion=${list.metadata.resourceVersion}`;
        const stop = new AbortController();
        const watch = await fetch(url, { signal: stop.signal });
        await ok(['create', 'cm', seen]);
        const reader = watch.body?.getReader();
        const first = await reader?.read();
        const event = Buffer.from(first?.value ?? '').toString('utf8');
        assert.ok(event.startsWith('{"type":"ADDED"') && event.includes(`"name":"${seen}"`), event);
        stop.abort();
        const stranger = await fetch(`http://${address}/api/v1/namespaces/default/pods/x/exec`);
        assert.equal(stranger.status, 403);
      } finally {
        proxy.kill();
      }
    });
  }

  test('get -w prints changes, events are sorted, drain empties a node', async () => {
    const watch = spawn('kubectl', ['get', 'deploy', 'web', '-w', '--no-headers'], { env: cluster.env });
    const lines = createInterface(watch.stdout)[Symbol.asyncIterator]();
    await lines.next();
    await ok(['scale', 'deploy/web', '--replicas=4']);
    for (;;) {
      const { value, done } = await lines.next();
      assert.ok(!done, 'the watch goes on');
      if (/^web +4\/4/.test(value)) break;
    }
    watch.kill();
    assert.match(await ok(['events', '--for=deploy/web']), /ScalingReplicaSet/);
    assert.match(await ok(['drain', 'sim-1', '--ignore-daemonsets', '--timeout=60s']), /node\/sim-1 drained/);
    await ok(['rollout', 'status', 'deploy/web', '--timeout=60s']);
    const nodes = await ok(['get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].spec.nodeName}']);
    assert.deepEqual([...new Set(nodes.split(' '))], ['sim-2']);
    await ok(['uncordon', 'sim-1']);
  });

  test('an eviction in the version of old kubectls is taken', async () => {
    await ok(['run', 'old', '--image=example/web:1']);
    const eviction = { apiVersion: 'policy/v1beta1', kind: 'Eviction', metadata: { name: 'old' } };
    const path = '/api/v1/namespaces/default/pods/old/eviction';
    await ok(['create', '--raw', path, '-f', '-'], JSON.stringify(eviction));
    await ok(['wait', '--for=delete', 'pod/old', '--timeout=60s']);
  });

  test('a kustomization is applied and deleted', async () => {
    const dir = join(cluster.dir, 'kustomized');
    await cluster.run('mkdir', ['-p', dir]);
    writeFileSync(
      join(dir, 'kustomization.yaml'),
      'namePrefix: k-\nconfigMapGenerator: [{name: conf, literals: [a=b]}]\n',
    );
    assert.match(await ok(['apply', '-k', dir]), /^configmap\/k-conf-\w+ created$/m);
    assert.match(await ok(['delete', '-k', dir]), /deleted/);
  });
});
