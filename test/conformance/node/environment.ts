import assert from 'node:assert/strict';
import { eventually } from '../../e2e/support/cluster.ts';
import type { Behaviours } from '../support/behaviours.ts';
import { configMap, container, job, podOf, secret, server } from '../support/pods.ts';

// Not by a shell, which hides variables whose names it could not use.
const listed = (parts: object) => job('env', '', { command: ['env'], ...parts });

/** Behaviours of environment of containers. */
export const environment: Behaviours = (behaviour) => {
  behaviour('[sig-node] ConfigMap should be consumable via environment variable', async (s) => {
    await s.create(configMap('values', { 'data-1': 'value-1', 'data-2': 'value-2' }));
    const text = await s.output(
      listed({
        env: [{ name: 'CONFIG_DATA_1', valueFrom: { configMapKeyRef: { name: 'values', key: 'data-1' } } }],
      }),
    );
    assert.match(text, /^CONFIG_DATA_1=value-1$/m);
  });

  behaviour('[sig-node] ConfigMap should be consumable via the environment', async (s) => {
    await s.create(configMap('values', { data_1: 'value-1', data_2: 'value-2', data_3: 'value-3' }));
    const text = await s.output(
      listed({
        envFrom: [{ configMapRef: { name: 'values' } }, { prefix: 'p_', configMapRef: { name: 'values' } }],
      }),
    );
    for (const line of ['data_1=value-1', 'data_2=value-2', 'p_data_1=value-1', 'p_data_3=value-3']) {
      assert.ok(text.split('\n').includes(line), `${line} in ${text}`);
    }
  });

  behaviour(
    '[sig-node] ConfigMap should be consumable as environment variable names with various prefixes',
    async (s) => {
      await s.create(configMap('values', { data_1: 'value-1', 'data-2': 'value-2' }));
      const text = await s.output(
        listed({
          envFrom: [
            { configMapRef: { name: 'values' } },
            { prefix: '$_-', configMapRef: { name: 'values' } },
            { prefix: 'p', configMapRef: { name: 'values' } },
          ],
        }),
      );
      for (const line of ['data_1=value-1', 'data-2=value-2', '$_-data_1=value-1', 'pdata-2=value-2']) {
        assert.ok(text.split('\n').includes(line), `${line} in ${text}`);
      }
    },
  );

  behaviour('[sig-node] Secrets should be consumable from pods in env vars', async (s) => {
    await s.create(secret('values', { 'data-1': 'value-1' }));
    const text = await s.output(
      listed({
        env: [{ name: 'SECRET_DATA', valueFrom: { secretKeyRef: { name: 'values', key: 'data-1' } } }],
      }),
    );
    assert.match(text, /^SECRET_DATA=value-1$/m);
  });

  for (const title of [
    'should be consumable via the environment',
    'should be consumable as environment variable names variable names with various prefixes',
  ]) {
    behaviour(`[sig-node] Secrets ${title}`, async (s) => {
      await s.create(secret('values', { data_1: 'value-1', 'data-2': 'value-2' }));
      const text = await s.output(
        listed({
          envFrom: [{ secretRef: { name: 'values' } }, { prefix: 'p-_', secretRef: { name: 'values' } }],
        }),
      );
      for (const line of ['data_1=value-1', 'data-2=value-2', 'p-_data_1=value-1', 'p-_data-2=value-2']) {
        assert.ok(text.split('\n').includes(line), `${line} in ${text}`);
      }
    });
  }

  const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });

  behaviour(
    '[sig-node] Downward API should provide pod name, namespace and IP address as env vars',
    async (s) => {
      const text = await s.output(
        listed({
          env: [
            field('POD_NAME', 'metadata.name'),
            field('POD_NAMESPACE', 'metadata.namespace'),
            field('POD_IP', 'status.podIP'),
          ],
        }),
      );
      assert.match(text, /^POD_NAME=env$/m);
      assert.match(text, new RegExp(`^POD_NAMESPACE=${s.namespace}$`, 'm'));
      const { status } = await s.get('pods', 'env');
      assert.ok(text.includes(`POD_IP=${status.podIP}\n`));
    },
  );

  behaviour('[sig-node] Downward API should provide pod UID as env vars', async (s) => {
    const text = await s.output(listed({ env: [field('POD_UID', 'metadata.uid')] }));
    assert.ok(text.includes(`POD_UID=${(await s.get('pods', 'env')).metadata.uid}\n`));
  });

  behaviour('[sig-node] Downward API should provide host IP as an env var', async (s) => {
    const text = await s.output(listed({ env: [field('HOST_IP', 'status.hostIP')] }));
    assert.ok(text.includes(`HOST_IP=${(await s.get('pods', 'env')).status.hostIP}\n`));
  });

  behaviour('[sig-node] Downward API should provide hostIPs as an env var', async (s) => {
    const text = await s.output(listed({ env: [field('HOST_IPS', 'status.hostIPs')] }));
    const { hostIPs } = (await s.get('pods', 'env')).status;
    assert.ok(text.includes(`HOST_IPS=${hostIPs.map((h: any) => h.ip).join(',')}\n`));
  });

  const resource = (name: string, text: string) => ({
    name,
    valueFrom: { resourceFieldRef: { resource: text } },
  });
  const four = [
    resource('CPU_LIMIT', 'limits.cpu'),
    resource('MEMORY_LIMIT', 'limits.memory'),
    resource('CPU_REQUEST', 'requests.cpu'),
    resource('MEMORY_REQUEST', 'requests.memory'),
  ];

  behaviour(
    "[sig-node] Downward API should provide container's limits.cpu/memory and requests.cpu/memory as env vars",
    async (s) => {
      const text = await s.output(
        listed({
          env: four,
          resources: {
            requests: { cpu: '250m', memory: '32Mi' },
            limits: { cpu: '1250m', memory: '64Mi' },
          },
        }),
      );
      for (const line of [
        'CPU_LIMIT=2',
        'MEMORY_LIMIT=67108864',
        'CPU_REQUEST=1',
        'MEMORY_REQUEST=33554432',
      ]) {
        assert.ok(text.split('\n').includes(line), `${line} in ${text}`);
      }
    },
  );

  behaviour(
    '[sig-node] Downward API should provide default limits.cpu/memory from node allocatable',
    async (s) => {
      const text = await s.output(listed({ env: four.slice(0, 2) }));
      const node = await s.get('nodes', (await s.get('pods', 'env')).spec.nodeName);
      assert.ok(text.includes(`CPU_LIMIT=${node.status.allocatable.cpu}\n`), text);
      assert.match(text, /^MEMORY_LIMIT=[1-9]\d+$/m);
    },
  );

  behaviour('[sig-node] Variable Expansion should allow composing env vars into new env vars', async (s) => {
    const env = [
      { name: 'FOO', value: 'foo-value' },
      { name: 'BAR', value: 'bar-value' },
      { name: 'FOOBAR', value: '$(FOO);;$(BAR)' },
    ];
    assert.match(await s.output(listed({ env })), /^FOOBAR=foo-value;;bar-value$/m);
  });

  behaviour(
    "[sig-node] Variable Expansion should allow substituting values in a container's command",
    async (s) => {
      const text = await s.output(
        job('env', '', {
          command: ['sh', '-c', 'TEST_VAR=wrong echo "$(TEST_VAR)"'],
          env: [{ name: 'TEST_VAR', value: 'test-value' }],
        }),
      );
      assert.equal(text, 'test-value\n');
    },
  );

  behaviour(
    "[sig-node] Variable Expansion should allow substituting values in a container's args",
    async (s) => {
      const text = await s.output(
        job('env', '', {
          command: ['sh', '-c'],
          args: ['TEST_VAR=wrong echo "$(TEST_VAR)"'],
          env: [{ name: 'TEST_VAR', value: 'test-value' }],
        }),
      );
      assert.equal(text, 'test-value\n');
    },
  );

  behaviour('[sig-node] Pods should contain environment variables for services', async (s) => {
    await s.start(server('server', { labels: { name: 'serves' } }));
    await s.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'fooservice' },
      spec: { ports: [{ port: 8765, targetPort: 8080 }], selector: { name: 'serves' } },
    });
    const { spec } = await s.get('services', 'fooservice');
    const wanted = [
      `FOOSERVICE_SERVICE_HOST=${spec.clusterIP}`,
      'FOOSERVICE_SERVICE_PORT=8765',
      `FOOSERVICE_PORT=tcp://${spec.clusterIP}:8765`,
      'FOOSERVICE_PORT_8765_TCP_PORT=8765',
      'FOOSERVICE_PORT_8765_TCP_PROTO=tcp',
      `FOOSERVICE_PORT_8765_TCP=tcp://${spec.clusterIP}:8765`,
      `FOOSERVICE_PORT_8765_TCP_ADDR=${spec.clusterIP}`,
    ];
    // A kubelet learns of services by watching: pods that start before it has know nothing of them.
    let attempt = 0;
    await eventually('the variables', async () => {
      attempt += 1;
      const lines = (await s.output(job(`env-${attempt}`, 'env'))).split('\n');
      return wanted.every((line) => lines.includes(line));
    });
  });

  const image = (parts: object) => podOf('image', [container('main', parts)], { restartPolicy: 'Never' });

  behaviour(
    '[sig-node] Containers should use the image defaults if command and args are blank',
    async (s) => {
      await s.start(image({}));
      await eventually('its first line', async () => /^listening on 8080/.test(await s.logs('image')));
    },
  );

  behaviour(
    "[sig-node] Containers should be able to override the image's default arguments (container cmd)",
    async (s) => {
      assert.equal(
        await s.output(image({ args: ['echo', 'override', 'arguments'] })),
        'override arguments\n',
      );
    },
  );

  behaviour(
    "[sig-node] Containers should be able to override the image's default command (container entrypoint)",
    async (s) => {
      assert.equal(await s.output(image({ command: ['echo', 'override'] })), 'override\n');
    },
  );

  behaviour(
    "[sig-node] Containers should be able to override the image's default command and arguments",
    async (s) => {
      assert.equal(
        await s.output(image({ command: ['echo'], args: ['override', 'arguments'] })),
        'override arguments\n',
      );
    },
  );

  behaviour('[sig-node] ConfigMap should fail to create ConfigMap with empty key', async (s) => {
    assert.equal((await s.refusal(configMap('bad', { '': 'value-1' }))).code, 422);
  });

  behaviour('[sig-node] Secrets should fail to create secret due to empty secret key', async (s) => {
    assert.equal((await s.refusal(secret('bad', { '': 'value-1' }))).code, 422);
  });

  behaviour('[sig-node] ConfigMap should update ConfigMap successfully', async (s) => {
    await s.create(configMap('values', { data: 'value' }));
    await s.api.change(s.path('configmaps', 'values'), (map) => {
      map.data = { data: 'value', other: 'new' };
    });
    assert.deepEqual((await s.get('configmaps', 'values')).data, { data: 'value', other: 'new' });
  });

  behaviour('[sig-node] ConfigMap should run through a ConfigMap lifecycle', async (s) => {
    const map = configMap('values', { valueName: 'value' });
    const label = `test-configmap-static=${s.namespace}`;
    await s.create({
      ...map,
      metadata: { name: 'values', labels: { 'test-configmap-static': s.namespace } },
    });
    const patched = await s.api.patch(
      s.path('configmaps', 'values'),
      {
        metadata: { labels: { 'test-configmap': 'patched' } },
        data: { valueName: 'value1' },
      },
      'application/strategic-merge-patch+json',
    );
    assert.equal(patched.data.valueName, 'value1');
    const list = await s.api.get(`/api/v1/configmaps?labelSelector=${encodeURIComponent(label)}`);
    assert.equal(list.items.length, 1);
    assert.equal(list.items[0].metadata.labels['test-configmap'], 'patched');
    await s.api.delete(`${s.path('configmaps')}?labelSelector=${encodeURIComponent(label)}`);
    assert.equal(
      (await s.get('configmaps')).items.filter((m: any) => m.metadata.name === 'values').length,
      0,
    );
  });

  behaviour('[sig-node] Secrets should patch a secret', async (s) => {
    const made = secret('values', { key: 'value' });
    await s.create({ ...made, metadata: { name: 'values', labels: { testsecret: s.namespace } } });
    await s.api.patch(
      s.path('secrets', 'values'),
      {
        metadata: { labels: { testsecretconstant: 'true' } },
        data: { key: Buffer.from('value1').toString('base64') },
      },
      'application/strategic-merge-patch+json',
    );
    const list = await s.api.get(`/api/v1/secrets?labelSelector=testsecret%3D${s.namespace}`);
    assert.equal(list.items[0].data.key, 'dmFsdWUx');
    assert.equal(list.items[0].metadata.labels.testsecretconstant, 'true');
    await s.api.delete(`${s.path('secrets')}?labelSelector=testsecret%3D${s.namespace}`);
    assert.equal(
      (await s.api.get(`/api/v1/secrets?labelSelector=testsecret%3D${s.namespace}`)).items.length,
      0,
    );
  });
};
