import type { HeldLoop } from '../support/held-loop.ts';
import { configMap, pod } from '../support/objects.ts';

/** What controllers in the server's process do to it: a namespace that goes, a quota over many pods. */
export async function controllers(loop: HeldLoop, quick: boolean): Promise<void> {
  const count = quick ? 2_000 : 10_000;
  const many = count.toLocaleString('en-US');
  for (const name of ['gone', 'counted']) {
    await loop.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  await loop.fill('/api/v1/namespaces/gone/configmaps', count, (i) => configMap(`m-${i}`));
  await accountOf(loop, 'counted');
  await loop.held(`creation of ${many} pods over 16 connections`, () =>
    loop.fill('/api/v1/namespaces/counted/pods', count, (i) => pod(`p-${i}`, i)),
  );
  const quotas = '/api/v1/namespaces/counted/resourcequotas';
  await loop.held(`create, quota over ${many} pods`, async () => {
    await loop.post(quotas, {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'quota' },
      spec: { hard: { pods: '100000', 'requests.cpu': '100000', 'limits.memory': '100Ti' } },
    });
    for (;;) {
      const { status } = JSON.parse((await loop.send('GET', `${quotas}/quota`)).body.toString());
      if (status?.used !== undefined) return;
    }
  });
  await loop.held('create, pod under that quota', () =>
    loop.send('POST', '/api/v1/namespaces/counted/pods', pod('one-more', 0)),
  );
  await loop.held(`delete, namespace of ${many} config maps`, async () => {
    await loop.send('DELETE', '/api/v1/namespaces/gone');
    while ((await loop.client.request('GET', '/api/v1/namespaces/gone')).status !== 404);
  });
}

async function accountOf(loop: HeldLoop, namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
  while ((await loop.client.request('GET', path)).status !== 200);
}
