import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../../e2e/support/cluster.ts';
import { deployment, idle, pod } from '../../e2e/support/objects.ts';
import { toolImage } from '../../e2e/support/tool-image.ts';
import { replicationController } from '../api-machinery/garbage-collector.ts';
import type { Suite } from '../support/suite.ts';

export function kubectl({ api, cluster, namespace }: Suite): void {
  const run = (ns: string, ...args: readonly string[]): Promise<string> => cluster.kubectl('-n', ns, ...args);
  const feed = (ns: string, object: object, ...args: readonly string[]): Promise<string> =>
    cluster.kubectlWithInput(JSON.stringify(object), '-n', ns, ...args);
  const running = (ns: string, name: string): Promise<any> =>
    api.until(
      `${name} runs`,
      `/api/v1/namespaces/${ns}/pods/${name}`,
      ({ status }) => status.phase === 'Running',
    );

  /** A replication controller's pods, once so many run. */
  const podsOf = (ns: string, name: string, count: number): Promise<any[]> =>
    eventually(`${count} pods of ${name}`, async () => {
      const { items } = await api.get(`/api/v1/namespaces/${ns}/pods?labelSelector=app%3D${name}`);
      const up = items.filter((p: any) => p.status.phase === 'Running' && !p.metadata.deletionTimestamp);
      return up.length === count && items.length === count && up;
    });

  test('Update Demo should create and stop a replication controller', async () => {
    const ns = await namespace('kubectl');
    await feed(ns, replicationController('update-demo', 2), 'create', '-f', '-');
    const pods = await podsOf(ns, 'update-demo', 2);
    const template = '{{range.items}}{{.metadata.name}} {{end}}';
    const names = await run(
      ns,
      'get',
      'pods',
      '-o',
      'template',
      `--template=${template}`,
      '-l',
      'app=update-demo',
    );
    assert.deepEqual(names.trim().split(' ').sort(), pods.map(({ metadata }) => metadata.name).sort());
    await run(ns, 'delete', '--grace-period=0', '--force', 'rc/update-demo');
    assert.equal(await run(ns, 'get', 'rc,svc', '-l', 'app=update-demo', '--no-headers'), '');
    await podsOf(ns, 'update-demo', 0);
  });

  test('Update Demo should scale a replication controller', async () => {
    const ns = await namespace('kubectl');
    await feed(ns, replicationController('update-demo', 2), 'create', '-f', '-');
    await podsOf(ns, 'update-demo', 2);
    await run(ns, 'scale', 'rc', 'update-demo', '--replicas=1', '--timeout=5m');
    await podsOf(ns, 'update-demo', 1);
    await run(ns, 'scale', 'rc', 'update-demo', '--replicas=2', '--timeout=5m');
    await podsOf(ns, 'update-demo', 2);
  });

  test('Guestbook application should create and stop a working application', async () => {
    const ns = await namespace('kubectl');
    const label = { app: 'guestbook' };
    await feed(ns, deployment('frontend', 3), 'create', '-f', '-');
    await feed(
      ns,
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'frontend', labels: label },
        spec: { ports: [{ port: 80, targetPort: 8080 }], selector: { app: 'frontend' } },
      },
      'create',
      '-f',
      '-',
    );
    await run(ns, 'rollout', 'status', 'deployment/frontend', '--timeout=120s');
    const proxied = `/api/v1/namespaces/${ns}/services/frontend/proxy/`;
    const page = await eventually('the frontend answers', async () => {
      const answer = await api.call('GET', proxied);
      return answer.status === 200 && answer.text;
    });
    assert.match(page, /^frontend-.* version 1/);
    await run(ns, 'delete', '--grace-period=0', '--force', 'deployment/frontend', 'service/frontend');
    assert.equal(await run(ns, 'get', 'rc,svc,deployment', '--no-headers'), '');
  });

  test('Kubectl api-versions should check if v1 is in available api versions', async () => {
    const versions = (await cluster.kubectl('api-versions')).split('\n');
    assert.ok(versions.includes('v1'));
  });

  test('Kubectl cluster-info should check if Kubernetes control plane services is included in cluster-info', async () => {
    const info = await cluster.kubectl('cluster-info');
    assert.match(info, /Kubernetes control plane/);
    assert.match(info, /is running at/);
    assert.match(info, /https:\/\//);
  });

  test('Kubectl version should check is all data is printed', async () => {
    const version = await cluster.kubectl('version');
    assert.match(version, /Client Version: v\d/);
    assert.match(version, /Server Version: v1\.36\./);
  });

  test('Kubectl describe should check if kubectl describe prints relevant information for rc and pods', async () => {
    const ns = await namespace('kubectl');
    await feed(ns, replicationController('agnhost-primary', 1), 'create', '-f', '-');
    const [{ metadata, spec, status }] = (await podsOf(ns, 'agnhost-primary', 1)) as [any];
    const has = (text: string, ...lines: readonly (readonly string[])[]): void => {
      for (const words of lines) {
        const found = text.split('\n').some((line) => words.every((word) => line.includes(word)));
        assert.ok(found, `${words.join(' ')} in:\n${text}`);
      }
    };
    has(
      await run(ns, 'describe', 'pod', metadata.name),
      ['Name:', metadata.name],
      ['Namespace:', ns],
      ['Node:', spec.nodeName],
      ['Labels:', 'app=agnhost-primary'],
      ['Status:', 'Running'],
      ['IP:', status.podIP],
      ['Controlled By:', 'ReplicationController/agnhost-primary'],
      ['Image:', toolImage(1)],
      ['State:', 'Running'],
      ['QoS Class:', 'BestEffort'],
    );
    has(
      await run(ns, 'describe', 'rc', 'agnhost-primary'),
      ['Name:', 'agnhost-primary'],
      ['Namespace:', ns],
      ['Selector:', 'app=agnhost-primary'],
      ['Replicas:', '1 current', '1 desired'],
      ['Pods Status:', '1 Running', '0 Waiting', '0 Succeeded', '0 Failed'],
      ['Pod Template:'],
      ['Events:'],
    );
    await run(ns, 'expose', 'rc', 'agnhost-primary', '--port=80', '--target-port=8080');
    has(
      await run(ns, 'describe', 'service', 'agnhost-primary'),
      ['Type:', 'ClusterIP'],
      ['IP:'],
      ['Port:', '<unset>', '80/TCP'],
      ['Endpoints:'],
      ['Session Affinity:', 'None'],
    );
    const node = await cluster.kubectl('describe', 'node', spec.nodeName);
    has(
      node,
      ['Name:', spec.nodeName],
      ['Labels:'],
      ['Annotations:'],
      ['CreationTimestamp:'],
      ['Conditions:'],
      ['Type', 'Status', 'LastHeartbeatTime', 'LastTransitionTime', 'Reason', 'Message'],
      ['Addresses:'],
      ['Capacity:'],
      ['Version:'],
      ['Kubelet Version:'],
      ['Pods:'],
    );
    has(
      await cluster.kubectl('describe', 'namespace', ns),
      ['Name:', ns],
      ['Labels:'],
      ['Status:', 'Active'],
    );
  });

  test('Kubectl diff should check if kubectl diff finds a difference for Deployments', async () => {
    const ns = await namespace('kubectl');
    await feed(ns, deployment('httpd', 1), 'create', '-f', '-');
    const child = cluster.spawnKubectl('-n', ns, 'diff', '-f', '-');
    const changed = JSON.stringify(deployment('httpd', 1, { image: toolImage(2) }));
    const { code, stdout } = await output(child, changed);
    assert.equal(code, 1);
    assert.match(stdout, /^\+.*tool:2/m);
    assert.match(stdout, /^-.*tool:1/m);
    await run(ns, 'delete', 'deployment', 'httpd');
  });

  test('Kubectl expose should create services for rc', async () => {
    const ns = await namespace('kubectl');
    await feed(ns, replicationController('agnhost-primary', 1), 'create', '-f', '-');
    await podsOf(ns, 'agnhost-primary', 1);
    const exposed = async (name: string, port: number): Promise<void> => {
      const endpoints = await api.until(
        `endpoints of ${name}`,
        `/api/v1/namespaces/${ns}/endpoints`,
        ({ items }) =>
          items.some(
            ({ metadata, subsets }: any) => metadata.name === name && subsets?.[0]?.addresses?.length === 1,
          ),
      );
      const { subsets } = endpoints.items.find(({ metadata }: any) => metadata.name === name);
      assert.equal(subsets[0].ports[0].port, 8080);
      const { spec } = await api.get(`/api/v1/namespaces/${ns}/services/${name}`);
      assert.equal(spec.ports[0].port, port);
    };
    await run(ns, 'expose', 'rc', 'agnhost-primary', '--name=rm2', '--port=1234', '--target-port=8080');
    await exposed('rm2', 1234);
    await run(ns, 'expose', 'service', 'rm2', '--name=rm3', '--port=2345', '--target-port=8080');
    await exposed('rm3', 2345);
  });

  test('Kubectl label should update the label on a resource', async () => {
    const ns = await namespace('kubectl');
    await feed(ns, pod('pause', idle), 'create', '-f', '-');
    await running(ns, 'pause');
    await run(ns, 'label', 'pods', 'pause', 'testing-label=testing-label-value');
    assert.match(await run(ns, 'get', 'pod', 'pause', '-L', 'testing-label'), /testing-label-value/);
    await run(ns, 'label', 'pods', 'pause', 'testing-label-');
    assert.doesNotMatch(await run(ns, 'get', 'pod', 'pause', '-L', 'testing-label'), /testing-label-value/);
  });

  test('Kubectl patch should add annotations for pods in rc', async () => {
    const ns = await namespace('kubectl');
    await feed(ns, replicationController('agnhost-primary', 1), 'create', '-f', '-');
    const [{ metadata }] = (await podsOf(ns, 'agnhost-primary', 1)) as [any];
    await run(ns, 'patch', 'pod', metadata.name, '-p', '{"metadata":{"annotations":{"x":"y"}}}');
    const [after] = (await podsOf(ns, 'agnhost-primary', 1)) as [any];
    assert.equal(after.metadata.annotations.x, 'y');
  });

  test("Kubectl replace should update a single-container pod's image", async () => {
    const ns = await namespace('kubectl');
    await run(ns, 'run', 'e2e-test-pod', `--image=${toolImage(1)}`, '--labels=run=e2e-test-pod');
    await running(ns, 'e2e-test-pod');
    const json = await run(ns, 'get', 'pod', 'e2e-test-pod', '-o', 'json');
    await feed(ns, JSON.parse(json.replace(toolImage(1), toolImage(2))), 'replace', '-f', '-');
    const { spec } = await api.get(`/api/v1/namespaces/${ns}/pods/e2e-test-pod`);
    assert.equal(spec.containers[0].image, toolImage(2));
    await run(ns, 'delete', 'pod', 'e2e-test-pod');
  });

  test('Kubectl run pod should create a pod from an image when restart is Never', async () => {
    const ns = await namespace('kubectl');
    await run(ns, 'run', 'e2e-test-pod', '--restart=Never', `--image=${toolImage(1)}`);
    const { spec } = await api.get(`/api/v1/namespaces/${ns}/pods/e2e-test-pod`);
    assert.equal(spec.containers[0].image, toolImage(1));
    assert.equal(spec.restartPolicy, 'Never');
    await run(ns, 'delete', 'pod', 'e2e-test-pod');
  });

  test('Kubectl server-side dry-run should check if kubectl can dry-run update Pods', async () => {
    const ns = await namespace('kubectl');
    await run(ns, 'run', 'e2e-test-pod', `--image=${toolImage(1)}`, '--labels=run=e2e-test-pod');
    const patch = JSON.stringify({ spec: { containers: [{ name: 'e2e-test-pod', image: toolImage(2) }] } });
    await run(ns, 'patch', 'pod', 'e2e-test-pod', '-p', patch, '--dry-run=server');
    const { spec } = await api.get(`/api/v1/namespaces/${ns}/pods/e2e-test-pod`);
    assert.equal(spec.containers[0].image, toolImage(1));
    await run(ns, 'delete', 'pod', 'e2e-test-pod');
  });

  test('Kubectl logs logs should be able to retrieve and filter logs', async () => {
    const ns = await namespace('kubectl');
    const script = 'for n in $(seq 1 20); do echo "line $n"; done; exec sleep 3600';
    await feed(ns, pod('logs-generator', { command: ['sh', '-c', script] }), 'create', '-f', '-');
    await running(ns, 'logs-generator');
    const logs = (...args: readonly string[]): Promise<string> => run(ns, 'logs', 'logs-generator', ...args);
    await eventually('the whole log', async () => (await logs()).includes('line 20'));
    assert.equal(await logs('-c', 'main', '--tail=1'), 'line 20\n');
    assert.equal(await logs('--limit-bytes=1'), 'l');
    const [line] = (await logs('--tail=1', '--timestamps')).trim().split('\n') as [string];
    assert.match(line, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|[+-]\d\d:\d\d) line 20$/);
    assert.equal((await logs('--since=24h')).trim().split('\n').length, 20);
    assert.equal(await logs(`--since-time=${new Date(Date.now() + 3600_000).toISOString()}`), '');
    await run(ns, 'delete', 'pod', 'logs-generator', '--grace-period=0', '--force');
  });

  test('Proxy server should support proxy with --port 0', async () => {
    const child = cluster.spawnKubectl('proxy', '-p', '0', '--disable-filter');
    try {
      const said = await firstLine(child);
      const port = /Starting to serve on 127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      const { versions } = (await (await fetch(`http://127.0.0.1:${port}/api/`)).json()) as any;
      assert.deepEqual(versions, ['v1']);
    } finally {
      child.kill();
    }
  });

  test('Proxy server should support --unix-socket=/path', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'kubectl-proxy-'));
    const socketPath = join(dir, 'test');
    const child = cluster.spawnKubectl('proxy', `--unix-socket=${socketPath}`);
    try {
      await firstLine(child);
      const text = await new Promise<string>((resolve, reject) => {
        const sent = request({ socketPath, path: '/api/' }, (response) => {
          let all = '';
          response.on('data', (part) => {
            all += part;
          });
          response.on('end', () => resolve(all));
        });
        sent.on('error', reject);
        sent.end();
      });
      assert.deepEqual(JSON.parse(text).versions, ['v1']);
    } finally {
      child.kill();
      rmSync(dir, { recursive: true, force: true });
    }
  });
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`kubectl ended with ${code}`)));
    child.stdout?.once('data', (data) => resolve(String(data)));
  });
}

function output(child: ChildProcess, input: string): Promise<{ code: number; stdout: string }> {
  let stdout = '';
  child.stdout?.on('data', (data) => {
    stdout += data;
  });
  // A program that reads nothing may be gone before its input comes.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? 1, stdout })));
}
