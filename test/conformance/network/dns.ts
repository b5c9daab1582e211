import assert from 'node:assert/strict';
import { eventually } from '../../e2e/support/cluster.ts';
import type { Behaviours } from '../support/behaviours.ts';
import { idle } from '../support/pods.ts';
import { dig, netexecPod } from '../support/programs.ts';
import type { Scope } from '../support/scope.ts';

const service = (name: string, spec: object) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec,
});
const ports = [{ name: 'http', port: 80, targetPort: 8080 }];

/** Behaviours of cluster DNS. */
export const dns: Behaviours = (behaviour) => {
  const answer = (
    s: Scope,
    name: string,
    type: 'A' | 'SRV' | 'CNAME' | 'PTR',
    protocol: 'udp' | 'tcp' = 'udp',
  ): Promise<string[]> =>
    s
      .exec('client', ...dig(name, type, protocol))
      .then((text) => text.split('\n').filter((line) => line !== ''));
  const says = (
    s: Scope,
    name: string,
    type: 'A' | 'SRV' | 'CNAME' | 'PTR',
    wanted: readonly string[],
  ): Promise<unknown> =>
    eventually(`${type} of ${name} is ${wanted}`, async () => {
      for (const protocol of ['udp', 'tcp'] as const) {
        assert.deepEqual((await answer(s, name, type, protocol)).sort(), [...wanted].sort());
      }
      return true;
    });

  behaviour('[sig-network] DNS should provide DNS for the cluster', async (s) => {
    await s.start(idle('client'));
    const { spec } = await s.api.get('/api/v1/namespaces/default/services/kubernetes');
    await says(s, 'kubernetes.default.svc.cluster.local', 'A', [spec.clusterIP]);
  });

  behaviour(
    '[sig-network] DNS should resolve DNS of partial qualified names for services [LinuxOnly]',
    async (s) => {
      await s.start(idle('client'));
      await Promise.all([
        s.create(service('headless', { clusterIP: 'None', selector: { app: 'web' }, ports })),
        s.start(netexecPod('web', { labels: { app: 'web' } })),
      ]);
      await s.create(service('regular', { selector: { app: 'web' }, ports }));
      const web = (await s.get('pods', 'web')).status.podIP;
      const regular = (await s.get('services', 'regular')).spec.clusterIP;
      for (const [name, ip] of [
        ['headless', web],
        ['regular', regular],
      ]) {
        for (const partial of [name, `${name}.${s.namespace}`, `${name}.${s.namespace}.svc`]) {
          await eventually(`${partial} is ${ip}`, async () =>
            (await s.shell('client', `getent ahostsv4 ${partial}`)).startsWith(ip),
          );
        }
      }
    },
  );

  behaviour('[sig-network] DNS should provide DNS for services', async (s) => {
    await Promise.all([s.start(idle('client')), s.start(netexecPod('web', { labels: { app: 'web' } }))]);
    await s.create(
      service('headless', { clusterIP: 'None', selector: { app: 'web' }, ports }),
      service('regular', { selector: { app: 'web' }, ports }),
    );
    const ip = (await s.get('pods', 'web')).status.podIP;
    const { clusterIP } = (await s.get('services', 'regular')).spec;
    const base = `${s.namespace}.svc.cluster.local`;
    await says(s, `headless.${base}`, 'A', [ip]);
    await says(s, `regular.${base}`, 'A', [clusterIP]);
    await says(s, `_http._tcp.regular.${base}`, 'SRV', [`80 regular.${base}`]);
    await eventually('a headless SRV', async () => {
      const [record = ''] = await answer(s, `_http._tcp.headless.${base}`, 'SRV');
      assert.match(record, new RegExp(`^8080 .+\\.headless\\.${base}$`));
      return true;
    });
    await says(s, `${clusterIP.split('.').reverse().join('.')}.in-addr.arpa`, 'PTR', [`regular.${base}`]);
    const [name] = await answer(s, `${ip.split('.').reverse().join('.')}.in-addr.arpa`, 'PTR');
    assert.match(name as string, new RegExp(`\\.headless\\.${base}$`));
  });

  behaviour('[sig-network] DNS should provide /etc/hosts entries for the cluster', async (s) => {
    await s.create(service('dns-test-service', { clusterIP: 'None', selector: { app: 'querier' }, ports }));
    await s.start(
      idle(
        'client',
        {},
        { hostname: 'dns-querier-1', subdomain: 'dns-test-service' },
        { labels: { app: 'querier' } },
      ),
    );
    const { podIP } = (await s.get('pods', 'client')).status;
    for (const name of [`dns-querier-1.dns-test-service.${s.namespace}.svc.cluster.local`, 'dns-querier-1']) {
      assert.match(await s.exec('client', 'getent', 'hosts', name), new RegExp(`^${podIP} `));
    }
  });

  for (const what of ['Hostname', 'Subdomain']) {
    behaviour(`[sig-network] DNS should provide DNS for pods for ${what}`, async (s) => {
      await s.create(
        service('dns-test-service-2', {
          clusterIP: 'None',
          selector: { app: 'querier' },
          ports: [{ name: 'http', port: 80 }],
        }),
      );
      await s.start(
        idle(
          'client',
          {},
          { hostname: 'dns-querier-2', subdomain: 'dns-test-service-2' },
          { labels: { app: 'querier' } },
        ),
      );
      const { podIP } = (await s.get('pods', 'client')).status;
      const base = `dns-test-service-2.${s.namespace}.svc.cluster.local`;
      await says(s, what === 'Hostname' ? `dns-querier-2.${base}` : base, 'A', [podIP]);
      assert.equal((await s.exec('client', 'hostname')).trim(), 'dns-querier-2');
    });
  }

  behaviour('[sig-network] DNS should provide DNS for ExternalName services', async (s) => {
    await s.start(idle('client'));
    await s.create(service('dns-test-service-3', { type: 'ExternalName', externalName: 'foo.example.com' }));
    const name = `dns-test-service-3.${s.namespace}.svc.cluster.local`;
    const follows = (wanted: string): Promise<unknown> =>
      eventually(`the name is ${wanted}`, async () => (await answer(s, name, 'CNAME')).includes(wanted));
    await follows('foo.example.com');
    await s.api.change(s.path('services', 'dns-test-service-3'), (svc) => {
      svc.spec.externalName = 'bar.example.com';
    });
    await follows('bar.example.com');
    const changed = await s.api.change(s.path('services', 'dns-test-service-3'), (svc) => {
      svc.spec.type = 'ClusterIP';
      delete svc.spec.externalName;
      svc.spec.ports = [{ port: 80, name: 'http', protocol: 'TCP' }];
    });
    await says(s, name, 'A', [changed.spec.clusterIP]);
  });

  behaviour('[sig-network] DNS should support configurable pod DNS nameservers', async (s) => {
    const dnsConfig = {
      nameservers: ['1.1.1.1'],
      searches: ['resolv.conf.local'],
      options: [{ name: 'ndots', value: '2' }],
    };
    await s.start(idle('client', {}, { dnsPolicy: 'None', dnsConfig }));
    const text = await s.exec('client', 'cat', '/etc/resolv.conf');
    assert.deepEqual(text.trim().split('\n').sort(), [
      'nameserver 1.1.1.1',
      'options ndots:2',
      'search resolv.conf.local',
    ]);
  });
};
