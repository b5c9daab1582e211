import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatusError } from '@coxswain/machinery';
import type { ApiRequest, RegistryContext } from '../../registry/context.ts';
import { objectKey } from '../../storage/keys.ts';
import { proxyLocation } from './proxy-location.ts';

const node = (address: string): object => ({
  status: {
    addresses: [{ type: 'InternalIP', address }],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
  },
});
const pod = (...ips: string[]): object => ({
  spec: { containers: [{ name: 'a' }, { name: 'b', ports: [{ containerPort: 8080 }] }] },
  status: { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) },
});
const subset = (ip: string, name: string, port: object): object => ({
  addresses: [{ ip, targetRef: { kind: 'Pod', namespace: 'ns', name } }],
  ports: [port],
});

const objects: Record<string, Record<string, object>> = {
  nodes: {
    far: node('10.0.0.1'),
    near: node('127.0.0.1'),
    nowhere: { status: { addresses: [{ type: 'Other', address: 'x' }] } },
  },
  pods: {
    web: pod('10.1.0.5', 'fd00::5'),
    new: pod(),
    loop: pod('127.0.0.1'),
    link: pod('fe80::1'),
    meta: pod('169.254.169.254'),
  },
  services: {
    named: { spec: { ports: [{ name: 'http', port: 80 }] } },
    plain: { spec: { ports: [{ port: 80 }] } },
    lone: { spec: { ports: [{ port: 80 }] } },
    empty: { spec: { ports: [{ port: 80 }] } },
    forged: { spec: { ports: [{ port: 80 }] } },
  },
  endpoints: {
    named: { subsets: [subset('10.1.0.5', 'web', { name: 'http', port: 8080 })] },
    plain: { subsets: [{ ports: [{ port: 8080 }] }, subset('fd00::5', 'web', { port: 8080 })] },
    empty: {},
    forged: { subsets: [subset('10.9.9.9', 'web', { port: 8080 }), { addresses: [{ ip: '10.1.0.5' }] }] },
  },
};

const context = {
  random: () => 0,
  resources: {
    find(_version: string, resource: string) {
      const prefix = `/registry/${resource}`;
      const namespace = resource === 'nodes' ? '' : 'ns';
      const index = new Map(
        Object.entries(objects[resource] ?? {}).map(([name, object]) => [
          objectKey(prefix, namespace, name),
          { object },
        ]),
      );
      return { cache: { prefix, index } };
    },
  },
} as unknown as RegistryContext;

function locate(resource: string, name: string): string {
  const request = {
    namespace: resource === 'nodes' ? '' : 'ns',
    name,
    resource: {
      fact: { resource, singular: resource.slice(0, -1) },
      groupResource: { group: '', resource },
    },
  } as unknown as ApiRequest;
  try {
    const { protocol, host, port, path, kubelet } = proxyLocation(context, request, '/x', '?q=1', [
      'InternalIP',
    ]);
    return `${protocol}//${host}:${port}${path}${kubelet ? ' kubelet' : ''}`;
  } catch (error) {
    const { status } = error as StatusError;
    return `${status.code} ${status.message}`;
  }
}

const unnamed = 'no endpoints available for service';

for (const [resource, name, expected] of [
  ['pods', 'web', 'http://10.1.0.5:8080/x?q=1'],
  ['pods', 'web:81', 'http://10.1.0.5:81/x?q=1'],
  ['pods', 'https:web:', 'https://10.1.0.5:8080/x?q=1'],
  ['pods', 'web:http', '503 error trying to reach service: dial tcp: lookup tcp/http: unknown port'],
  ['pods', 'web:99999', '503 error trying to reach service: dial tcp: address 99999: invalid port'],
  ['pods', 'ftp:web:1', '400 invalid pod request "ftp:web:1"'],
  ['pods', ':80', '400 invalid pod request ":80"'],
  ['pods', 'a:b:c:d', '400 invalid pod request "a:b:c:d"'],
  ['pods', 'none', '404 pods "none" not found'],
  ['pods', 'new', '400 address not allowed'],
  ['pods', 'loop', '400 address not allowed'],
  ['pods', 'link', '400 address not allowed'],
  ['pods', 'meta', '400 address not allowed'],
  ['nodes', 'far', 'https://10.0.0.1:10250/x?q=1 kubelet'],
  ['nodes', 'far:10250', 'https://10.0.0.1:10250/x?q=1 kubelet'],
  ['nodes', 'far:9100', 'http://10.0.0.1:9100/x?q=1'],
  ['nodes', 'https:far:9100', 'https://10.0.0.1:9100/x?q=1'],
  ['nodes', 'near:9100', '400 address not allowed'],
  ['nodes', 'none', '404 nodes "none" not found'],
  ['nodes', 'nowhere', '500 no preferred addresses found; known addresses: [{Other x}]'],
  ['services', 'named:http', 'http://10.1.0.5:8080/x?q=1'],
  ['services', 'https:named:80', 'https://10.1.0.5:8080/x?q=1'],
  ['services', 'named:81', '503 no service port 81 found for service "named"'],
  ['services', 'named', `503 ${unnamed} "named"`],
  ['services', 'https:named:', `503 ${unnamed} "https:named:"`],
  ['services', 'plain', 'http://fd00::5:8080/x?q=1'],
  ['services', 'plain:80', 'http://fd00::5:8080/x?q=1'],
  ['services', 'empty', `503 ${unnamed} "empty"`],
  ['services', 'forged', `503 ${unnamed} "forged"`],
  ['services', 'lone', '404 services "lone" not found'],
  ['services', 'none:80', '404 services "none" not found'],
  ['services', 'none', '404 services "none" not found'],
] as const) {
  test(`proxyLocation() of ${resource} ${name}`, () => assert.equal(locate(resource, name), expected));
}
