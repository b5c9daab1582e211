import assert from 'node:assert/strict';
import { eventually } from '../../e2e/support/cluster.ts';
import type { Behaviours } from '../support/behaviours.ts';
import { netexecPod } from '../support/programs.ts';

const labels = { app: 'web' };
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: {
    selector: labels,
    ports: [
      { name: 'portname1', port: 80, targetPort: 8080 },
      { name: 'portname2', port: 81, targetPort: 8081 },
    ],
  },
};
const methods = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];

/** Behaviours of the API server as a proxy. */
export const proxy: Behaviours = (behaviour) => {
  behaviour('[sig-network] Proxy version v1 should proxy through a service and a pod', async (s) => {
    await s.create(service);
    await s.start(netexecPod('web', { labels }, { PORTS: '8080,8081' }));
    const paths = [
      s.path('pods', 'web:8080'),
      s.path('pods', 'web:8081'),
      s.path('pods', 'http:web:8080'),
      s.path('services', 'web:portname1'),
      s.path('services', 'http:web:portname1'),
      s.path('services', 'web:81'),
    ];
    for (const path of paths) {
      await eventually(`${path} answers`, async () => {
        const { status, text } = await s.api.call('GET', `${path}/proxy/echo?msg=it-works`, undefined, {
          accept: '*/*',
        });
        assert.equal(status, 200, text);
        return text === 'it-works';
      });
    }
  });

  for (const [title, suffix] of [
    ['Proxy', ''],
    ['ProxyWithPath', '/some/path/with'],
  ] as const) {
    behaviour(
      `[sig-network] Proxy version v1 A set of valid responses are returned for both pod and service ${title}`,
      async (s) => {
        await s.create(service);
        const pod = netexecPod('web', { labels });
        pod.spec.containers[0].ports = [{ containerPort: 8080, name: 'http' }];
        await s.start(pod);
        await eventually(
          'endpoints',
          async () => ((await s.get('endpoints', 'web')).subsets ?? []).length > 0,
        );
        for (const target of [s.path('pods', 'web'), s.path('services', 'web:portname1')]) {
          for (const method of methods) {
            const url = `${target}/proxy${suffix}/${method}?method=${method}`;
            const { status, text } = await s.api.call(method, url, undefined, { accept: '*/*' });
            assert.equal(status, 200, `${method} ${url}: ${text}`);
            if (method !== 'HEAD')
              assert.match(text, new RegExp(`^${method} ${suffix}/${method}\\?method=${method}`));
          }
          if (suffix !== '') continue;
          for (const method of methods) {
            // Links of what is behind only work below a path with a slash at its end.
            const { status, headers } = await s.api.call(
              method,
              `${target}/proxy?method=${method}`,
              undefined,
              { accept: '*/*' },
            );
            if (method === 'GET' || method === 'HEAD') {
              assert.equal(status, 301);
              assert.equal(new URL(headers['location'] as string, 'https://x').pathname, `${target}/proxy/`);
            } else assert.equal(status, 200, method);
          }
        }
        const redirected = await s.api.call('GET', `${s.path('pods', 'web')}/proxy/redirect`, undefined, {
          accept: '*/*',
        });
        assert.equal(redirected.status, 301);
        assert.equal(redirected.headers['location'], `${s.path('pods', 'web')}/proxy/hostname`);
      },
    );
  }

  behaviour('proxies to the kubelet of a node', async (s) => {
    const [name] = [...(await s.cluster.nodeAddresses()).keys()];
    const { text } = await s.api.call('GET', `/api/v1/nodes/${name}/proxy/healthz`, undefined, {
      accept: '*/*',
    });
    assert.equal(text, 'ok');
  });
};
