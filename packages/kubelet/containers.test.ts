import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { shellImage, whyNoContainerd } from '@coxswain/cri/containerd-suite';
import { WebSocket } from 'ws';
import { goodToken, type RealNode, startRealNode } from './testing/real-node-suite.ts';
import type { Container } from './types.ts';

function shell(script: string, parts: Partial<Container> = {}): Container {
  return {
    name: 'app',
    image: shellImage,
    imagePullPolicy: 'IfNotPresent',
    command: ['sh', '-c', script],
    ...parts,
  };
}

const forever = 'trap "exit 0" TERM; sleep 1000 & wait';

const reason = whyNoContainerd();

describe('kubelet with real containers', { skip: reason ?? false }, () => {
  let node: RealNode;
  before(async () => {
    node = await startRealNode();
  });
  after(() => node?.close());

  const running = (name: string) => (): boolean => node.pod(name)?.status.phase === 'Running';
  const logs = async (name: string): Promise<string> =>
    (await node.get(`/containerLogs/default/${name}/app`)).body;

  test('gives a container its environment, volumes, limits and user', async () => {
    const data = { data: { a: 'one' } };
    const configMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c', namespace: 'default' },
      ...data,
    };
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace: 'default' },
      data: { password: Buffer.from('geheim').toString('base64') },
    };
    node.api.seed({ group: '', resource: 'configmaps' }, configMap);
    node.api.seed({ group: '', resource: 'secrets' }, secret);
    const script = [
      'echo "$POD_IP $A $(cat /c/a) $PASSWORD $(cat /s/password)"',
      'id -u; id -G; touch /e/x && ls /e; touch /x; env',
      forever,
    ].join('; ');
    await node.create('all', {
      securityContext: { fsGroup: 3000 },
      volumes: [
        { name: 'c', configMap: { name: 'c' } },
        { name: 's', secret: { secretName: 's' } },
        { name: 'e', emptyDir: {} },
      ],
      containers: [
        shell(script, {
          env: [
            { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
            { name: 'A', valueFrom: { configMapKeyRef: { name: 'c', key: 'a' } } },
            { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 's', key: 'password' } } },
          ],
          resources: { limits: { cpu: '100m', memory: '64Mi' } },
          securityContext: { runAsUser: 1000, runAsGroup: 2000, readOnlyRootFilesystem: true },
          volumeMounts: [
            { name: 'c', mountPath: '/c' },
            { name: 's', mountPath: '/s' },
            { name: 'e', mountPath: '/e' },
          ],
        }),
      ],
    });
    await node.until('running', running('all'));
    await node.until('its words', async () => (await logs('all')).includes('HOSTNAME=all'));
    const text = await logs('all');
    const ip = node.pod('all')?.status.podIP;
    assert.ok(text.includes(`${ip} one one geheim geheim\n`), text);
    assert.ok(text.includes('\n1000\n') && text.includes('2000 3000\n') && text.includes('\nx\n'), text);
    assert.ok(text.includes('Read-only file system'), text);

    // A change of the ConfigMap reaches the file while the container runs.
    const configMaps = node.client.resource({ group: '', version: 'v1', resource: 'configmaps' }, 'default');
    await configMaps.patch('c', 'application/merge-patch+json', { data: { a: 'two' } });
    const file = `${node.rootDir}/pods/${node.pod('all')?.metadata.uid}/volumes/kubernetes.io~configmap/c/a`;
    await node.until('the change', async () => (await readFile(file, 'utf8')) === 'two');
    await node.delete('all');
  });

  test('shows the files of an image in a volume, and lets go of them with the pod', async () => {
    await node.create('image', {
      volumes: [{ name: 'i', image: { reference: shellImage, pullPolicy: 'IfNotPresent' } }],
      containers: [
        shell(`ls /i/bin; touch /i/x; ${forever}`, { volumeMounts: [{ name: 'i', mountPath: '/i' }] }),
      ],
    });
    await node.until('its words', async () => (await logs('image')).includes('Read-only file system'));
    assert.match(await logs('image'), /^sleep$/m);
    await node.delete('image');
    await node.until('gone', () => node.pod('image') === undefined);
    assert.ok(!(await readFile('/proc/self/mountinfo', 'utf8')).includes('kubernetes.io~image'));
  });

  test('restarts a container that ends, keeps its last words and its last log', async () => {
    await node.create('crash', {
      containers: [shell('echo "life $$"; echo -n boom > /dev/termination-log; sleep 0.5; exit 7')],
    });
    const status = () => node.pod('crash')?.status.containerStatuses?.[0];
    await node.until('a restart', () => status()?.restartCount === 1);
    await node.until('back-off', () => status()?.state?.waiting?.reason === 'CrashLoopBackOff');
    assert.deepEqual(
      [status()?.lastState?.terminated?.exitCode, status()?.lastState?.terminated?.message],
      [7, 'boom'],
    );
    const previous = await node.get('/containerLogs/default/crash/app?previous=true');
    assert.match(previous.body, /^life /);
    await node.delete('crash');
  });

  test('keeps containers running over its own restart', async () => {
    await node.create('steady', { containers: [shell(forever)] });
    await node.until('running', running('steady'));
    const id = node.pod('steady')?.status.containerStatuses?.[0]?.containerID;
    await node.restart();
    const path = '/runningpods/';
    await node.until('known again', async () => (await node.get(path)).body.includes('"steady"'));
    assert.equal(node.pod('steady')?.status.containerStatuses?.[0]?.containerID, id);
    assert.equal(node.pod('steady')?.status.containerStatuses?.[0]?.restartCount, 0);
    await node.delete('steady');
    await node.until('gone', () => node.pod('steady') === undefined);
  });

  test('answers only those that the API server knows', async () => {
    assert.equal((await node.get('/pods', 'bad-token')).status, 401);
    assert.equal((await node.get('/pods')).status, 200);
    assert.equal((await node.get('/healthz')).body, 'ok');
  });

  test('carries the streams of a command over a WebSocket', async () => {
    await node.create('streams', { containers: [shell(forever)] });
    await node.until('running', running('streams'));
    const command = ['sh', '-c', 'cat; echo oops >&2; exit 3'];
    const query = command.map((c) => `command=${encodeURIComponent(c)}`).join('&');
    const path = `/exec/default/streams/app?input=1&output=1&error=1&${query}`;
    const output = await exec(node.port, path, 'v5.channel.k8s.io', 'some input');
    assert.equal(output.get(1), 'some input');
    assert.equal(output.get(2), 'oops\n');
    const status = JSON.parse(output.get(3) ?? '{}');
    assert.equal(status.reason, 'NonZeroExitCode');
    assert.deepEqual(status.details.causes, [{ reason: 'ExitCode', message: '3' }]);
    await node.delete('streams');
  });

  test('leaves nothing of a deleted pod behind', async () => {
    for (const name of ['all', 'crash', 'streams']) {
      await node.until(`${name} gone`, () => node.pod(name) === undefined);
    }
    const { runtime } = node.containerd;
    await node.until('no sandboxes', async () => (await runtime.listPodSandbox()).length === 0);
    assert.deepEqual(await runtime.listContainers(), []);
  });
});

/** What came on each channel until the command had ended. */
function exec(port: number, path: string, protocol: string, input: string): Promise<Map<number, string>> {
  return new Promise((resolve, reject) => {
    const output = new Map<number, string>();
    const headers = { authorization: `Bearer ${goodToken}` };
    const socket = new WebSocket(`wss://127.0.0.1:${port}${path}`, [protocol], {
      rejectUnauthorized: false,
      headers,
    });
    socket.on('open', () => {
      socket.send(Buffer.concat([Buffer.from([0]), Buffer.from(input)]));
      socket.send(Buffer.from([255, 0]));
    });
    socket.on('message', (data: Buffer) => {
      const channel = data[0] ?? -1;
      output.set(channel, (output.get(channel) ?? '') + data.toString('utf8', 1));
    });
    socket.on('close', () => resolve(output));
    socket.on('error', reject);
  });
}
