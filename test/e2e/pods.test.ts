import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { eventually, whyNotReal } from './support/cluster.ts';
import { httpGet, withCluster } from './support/fixture.ts';
import { container, deployment, idle, pod, service } from './support/objects.ts';

describe('pods on real nodes', { skip: whyNotReal ?? false }, () => {
  const cluster = withCluster('e2ep', 2);
  const get = (name: string): Promise<any> => cluster.json('get', 'pod', name);
  const ready = (name: string): Promise<string> =>
    cluster.kubectl('wait', `pod/${name}`, '--for=condition=Ready', '--timeout=60s');

  test('a killed container is started again, later each time, and its restart count rises', async () => {
    await cluster.apply(pod('restarts', { ...idle, command: ['sh', '-c', 'sleep 1; exit 3'] }));
    const status = await eventually('two restarts and a back-off', async () => {
      const [state] = (await get('restarts')).status.containerStatuses;
      return state.restartCount >= 2 && state.state.waiting?.reason === 'CrashLoopBackOff' && state;
    });
    assert.equal(status.lastState.terminated.exitCode, 3);
    assert.match(
      status.state.waiting.message,
      /^back-off \d+s restarting failed container=main pod=restarts_default/,
    );

    await cluster.apply(pod('killed', idle));
    await ready('killed');
    const before = (await get('killed')).status.containerStatuses[0];
    const host = execFileSync('pgrep', ['-f', `containerd-shim.*k8s.io`], { encoding: 'utf8' });
    assert.ok(host.length > 0);
    await cluster.tryKubectl('exec', 'killed', '--', 'sh', '-c', 'kill -TERM 1');
    const after = await eventually('the container runs anew', async () => {
      const [state] = (await get('killed')).status.containerStatuses;
      return state.restartCount === 1 && state.state.running && state;
    });
    assert.notEqual(after.containerID, before.containerID);
  });

  test('a failing liveness probe restarts the container', async () => {
    const livenessProbe = {
      exec: { command: ['test', '-e', '/tmp/alive'] },
      periodSeconds: 1,
      failureThreshold: 1,
    };
    const command = ['sh', '-c', 'touch /tmp/alive; sleep 3; rm /tmp/alive; sleep 3600'];
    await cluster.apply(pod('unhealthy', { command, livenessProbe }));
    await eventually(
      'a restart',
      async () => (await get('unhealthy')).status.containerStatuses[0].restartCount >= 1,
    );
    const events = await cluster.kubectl('get', 'events', '--field-selector=involvedObject.name=unhealthy');
    assert.match(events, /Unhealthy.*Liveness probe failed/);
    assert.match(events, /Killing.*Container main failed liveness probe, will be restarted/);
  });

  test('a failing readiness probe takes the pod out of its Service, and a passing one brings it back', async () => {
    const readinessProbe = {
      exec: { command: ['test', '-e', '/tmp/ready'] },
      periodSeconds: 1,
      failureThreshold: 1,
    };
    await cluster.apply(
      pod('shy', { readinessProbe, command: ['sh', '-c', 'touch /tmp/ready; exec perl /srv/web.pl'] }),
      service('shy'),
    );
    const addresses = async (): Promise<number> => {
      const { items } = await cluster.json('get', 'endpointslices', '-l', 'kubernetes.io/service-name=shy');
      return items.flatMap((s: any) => s.endpoints ?? []).filter((e: any) => e.conditions.ready).length;
    };
    await eventually('the pod serves', async () => (await addresses()) === 1);
    await cluster.kubectl('exec', 'shy', '--', 'rm', '/tmp/ready');
    await eventually('the pod is out', async () => (await addresses()) === 0);
    assert.equal((await get('shy')).status.containerStatuses[0].restartCount, 0);
    await cluster.kubectl('exec', 'shy', '--', 'touch', '/tmp/ready');
    await eventually('the pod is back', async () => (await addresses()) === 1);
  });

  test('a Secret and a ConfigMap arrive as files and in the environment, and files follow changes', async () => {
    await cluster.kubectl('create', 'configmap', 'settings', '--from-literal=colour=blue');
    await cluster.kubectl('create', 'secret', 'generic', 'keys', '--from-literal=password=s3cret');
    const volumes = [
      { name: 'settings', configMap: { name: 'settings' } },
      { name: 'keys', secret: { secretName: 'keys', defaultMode: 0o400 } },
    ];
    const volumeMounts = [
      { name: 'settings', mountPath: '/settings' },
      { name: 'keys', mountPath: '/keys', readOnly: true },
    ];
    const env = [
      { name: 'COLOUR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'colour' } } },
      { name: 'GREETING', value: 'it is $(COLOUR)' },
    ];
    const envFrom = [{ secretRef: { name: 'keys' }, prefix: 'KEY_' }];
    await cluster.apply(pod('configured', { ...idle, env, envFrom, volumeMounts }, { volumes }));
    await ready('configured');
    const shown = await cluster.kubectl(
      'exec',
      'configured',
      '--',
      'sh',
      '-c',
      'echo $GREETING; echo $KEY_password; cat /settings/colour; echo; cat /keys/password; echo; stat -L -c %a /keys/password',
    ); // prettier-ignore
    assert.equal(shown, 'it is blue\ns3cret\nblue\ns3cret\n400\n');
    await cluster.kubectl('patch', 'configmap', 'settings', '-p', '{"data":{"colour":"green"}}');
    await eventually(
      'the file follows',
      async () => (await cluster.kubectl('exec', 'configured', '--', 'cat', '/settings/colour')) === 'green',
    );
  });

  test('a deleted pod of a Deployment is replaced, and the others go on', async () => {
    await cluster.apply(deployment('trio', 3));
    await cluster.kubectl('rollout', 'status', 'deployment/trio', '--timeout=60s');
    const names = async (): Promise<string[]> =>
      (await cluster.json('get', 'pods', '-l', 'app=trio')).items.map((p: any) => p.metadata.name);
    const before = await names();
    await cluster.kubectl('delete', 'pod', before[0] as string);
    await cluster.kubectl('rollout', 'status', 'deployment/trio', '--timeout=60s');
    const after = await names();
    assert.equal(after.length, 3);
    assert.equal(after.filter((name) => before.includes(name)).length, 2);
  });

  test('init containers run in order before the others, and their volume is shared', async () => {
    const mount = { volumeMounts: [{ name: 'work', mountPath: '/steps' }] };
    const initContainers = ['one', 'two'].map((name) =>
      container({ name, ...mount, command: ['sh', '-c', `echo ${name} >> /steps/order`] }),
    );
    const volumes = [{ name: 'work', emptyDir: {} }];
    await cluster.apply(pod('prepared', { ...idle, ...mount }, { initContainers, volumes }));
    await ready('prepared');
    assert.equal(await cluster.kubectl('exec', 'prepared', '--', 'cat', '/steps/order'), 'one\ntwo\n');
  });

  test('limits become cgroup limits', async () => {
    const resources = { requests: { cpu: '50m', memory: '32Mi' }, limits: { cpu: '250m', memory: '64Mi' } };
    await cluster.apply(pod('limited', { ...idle, resources }));
    await ready('limited');
    assert.equal((await get('limited')).status.qosClass, 'Burstable');
    const limit = await cluster.kubectl(
      'exec',
      'limited',
      '--',
      'sh',
      '-c',
      'cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes',
    ); // prettier-ignore
    assert.equal(limit.trim(), String(64 * 2 ** 20));
  });

  test('pods find services by name and by environment, on the other node too', async () => {
    await cluster.apply(deployment('server', 2), service('server'));
    await cluster.kubectl('rollout', 'status', 'deployment/server', '--timeout=60s');
    const nodes = [...(await cluster.nodeAddresses()).keys()];
    for (const node of nodes) {
      await cluster.apply(pod(`asks-from-${node}`, idle, { nodeName: node }));
      await ready(`asks-from-${node}`);
      const script =
        'use IO::Socket::INET; for my $host ("server", "server.default.svc.cluster.local", $ENV{SERVER_SERVICE_HOST}) {' +
        ' my $s = IO::Socket::INET->new(PeerAddr => $host, PeerPort => 80, Timeout => 5) or die "$host: $@";' +
        ' print $s "GET / HTTP/1.0\\r\\n\\r\\n"; my @lines = <$s>; print $lines[-1] }';
      const answer = await cluster.kubectl('exec', `asks-from-${node}`, '--', 'perl', '-e', script);
      assert.match(answer, /^(server-\S+ version 1\n){3}$/);
    }
  });

  test('a node port answers on both nodes from outside', async () => {
    await cluster.apply(
      deployment('outside', 1),
      service('outside', { type: 'NodePort', ports: [{ port: 80, targetPort: 8080, nodePort: 30123 }] }),
    );
    await cluster.kubectl('rollout', 'status', 'deployment/outside', '--timeout=60s');
    for (const address of (await cluster.nodeAddresses()).values()) {
      const body = await eventually(
        `an answer from ${address}`,
        async () => (await httpGet(`http://${address}:30123/`)).body,
      );
      assert.match(body, /^outside-/);
    }
  });

  test('what cannot run says why in status and events', async () => {
    await cluster.apply(
      pod('no-image', { image: 'coxswain.example/nowhere:1' }),
      pod('no-volume', idle, {
        volumes: [{ name: 'v', secret: { secretName: 'missing' } }],
        containers: [container({ ...idle, volumeMounts: [{ name: 'v', mountPath: '/v' }] })],
      }),
      pod('no-room', { ...idle, resources: { requests: { cpu: '1000' } } }),
      pod('never', { ...idle, image: 'coxswain.example/absent:1', imagePullPolicy: 'Never' }),
    );
    const reason = async (name: string): Promise<string> =>
      (await get(name)).status.containerStatuses?.[0]?.state.waiting?.reason ?? '';
    await eventually('the pull fails', async () =>
      /^(ErrImagePull|ImagePullBackOff)$/.test(await reason('no-image')),
    );
    await eventually(
      'the image is never pulled',
      async () => (await reason('never')) === 'ErrImageNeverPull',
    );
    await eventually('the mount fails', async () =>
      /FailedMount.*secret "missing" not found/.test(
        await cluster.kubectl('get', 'events', '--field-selector=involvedObject.name=no-volume'),
      ),
    );
    const unscheduled = await eventually('no node has room', async () =>
      (await get('no-room')).status.conditions?.find(
        (c: any) => c.type === 'PodScheduled' && c.reason === 'Unschedulable',
      ),
    );
    assert.match(unscheduled.message, /^0\/2 nodes are available: 2 Insufficient cpu\./);
  });
});
