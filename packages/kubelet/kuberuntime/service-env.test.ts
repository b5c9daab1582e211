import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../types.ts';
import { serviceEnv, visibleServices } from './service-env.ts';

function service(
  name: string,
  namespace: string,
  clusterIP: string,
  ports: { port: number; name?: string; protocol?: string }[],
): Service {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { clusterIP, ports } };
}

const mysql = service('mysql', 'default', '10.96.0.7', [{ port: 3306 }]);

test('serviceEnv() gives the variables of a service in both forms', () => {
  assert.deepEqual(Object.fromEntries(serviceEnv([mysql])), {
    MYSQL_SERVICE_HOST: '10.96.0.7',
    MYSQL_SERVICE_PORT: '3306',
    MYSQL_PORT: 'tcp://10.96.0.7:3306',
    MYSQL_PORT_3306_TCP: 'tcp://10.96.0.7:3306',
    MYSQL_PORT_3306_TCP_PROTO: 'tcp',
    MYSQL_PORT_3306_TCP_PORT: '3306',
    MYSQL_PORT_3306_TCP_ADDR: '10.96.0.7',
  });
});

test('serviceEnv() names ports that have names, and other protocols', () => {
  const dns = service('my-dns', 'default', '10.96.0.9', [{ port: 53, name: 'dns-udp', protocol: 'UDP' }]);
  const env = serviceEnv([dns]);
  assert.equal(env.get('MY_DNS_SERVICE_PORT_DNS_UDP'), '53');
  assert.equal(env.get('MY_DNS_PORT_53_UDP'), 'udp://10.96.0.9:53');
});

test('visibleServices() leaves out other namespaces and services without an address', () => {
  const kubernetes = service('kubernetes', 'default', '10.96.0.1', [{ port: 443, name: 'https' }]);
  const headless = service('db', 'team', 'None', [{ port: 1 }]);
  const own = service('web', 'team', '10.96.0.8', [{ port: 80 }]);
  const names = (links: boolean): string[] =>
    visibleServices([mysql, kubernetes, headless, own], 'team', links).map((s) => s.metadata.name ?? '');
  assert.deepEqual(names(true), ['kubernetes', 'web']);
  assert.deepEqual(names(false), ['kubernetes']);
});
