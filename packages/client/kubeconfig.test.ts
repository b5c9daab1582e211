import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import {
  defaultKubeconfigPaths,
  formatKubeconfig,
  KubeconfigError,
  loadKubeconfig,
  mergeKubeconfigs,
  newKubeconfig,
  parseKubeconfig,
  resolveKubeconfig,
  writeKubeconfig,
} from './kubeconfig.ts';

const dir = mkdtempSync(join(tmpdir(), 'coxswain-kubeconfig-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const text = `
apiVersion: v1
kind: Config
current-context: dev
clusters:
- name: c1
  cluster: {server: 'https://10.0.0.1:6443', certificate-authority: ca.crt}
- name: c2
  cluster: {server: 'http://127.0.0.1:8080', insecure-skip-tls-verify: true, tls-server-name: kube}
users:
- name: u1
  user: {client-certificate-data: Y2VydA==, client-key-data: a2V5}
- name: u2
  user: {tokenFile: token, as: jane, as-groups: [a, b]}
contexts:
- name: dev
  context: {cluster: c1, user: u1, namespace: web}
- name: ops
  context: {cluster: c2, user: u2}
`;

it('loadKubeconfig() gives what the current context names, with files beside the kubeconfig', () => {
  writeFileSync(join(dir, 'ca.crt'), 'authority');
  writeFileSync(join(dir, 'config'), text);
  const resolved = loadKubeconfig(join(dir, 'config'));
  assert.deepEqual(resolved, {
    contextName: 'dev',
    namespace: 'web',
    server: 'https://10.0.0.1:6443',
    ca: Buffer.from('authority'),
    cert: Buffer.from('cert'),
    key: Buffer.from('key'),
  });
  const ops = loadKubeconfig(join(dir, 'config'), { context: 'ops' });
  assert.deepEqual(ops, {
    contextName: 'ops',
    namespace: 'default',
    server: 'http://127.0.0.1:8080',
    insecureSkipTlsVerify: true,
    tlsServerName: 'kube',
    tokenFile: join(dir, 'token'),
    impersonate: { user: 'jane', groups: ['a', 'b'] },
  });
});

it('resolveKubeconfig() says what is missing', () => {
  const config = parseKubeconfig(text, join(dir, 'config'));
  const fails = (overrides: object, message: string): void => {
    assert.throws(
      () => resolveKubeconfig(config, overrides),
      (error) => error instanceof KubeconfigError && error.message === message,
    );
  };
  fails({ context: 'none' }, 'context "none" does not exist');
  fails({ cluster: 'none' }, 'cluster "none" does not exist');
  fails({ user: 'none', cluster: 'c2' }, 'auth info "none" does not exist');
  const empty = parseKubeconfig('', 'x');
  assert.throws(() => resolveKubeconfig(empty), /invalid configuration: no configuration has been provided/);
  assert.throws(() => parseKubeconfig('a: [', 'x'), /error loading config file "x": /);
  assert.throws(() => loadKubeconfig(join(dir, 'absent')), /read the kubeconfig ".*absent"/);
});

it('mergeKubeconfigs() lets the first of a name win', () => {
  const first = newKubeconfig({ name: 'x', server: 'https://first' });
  const second = newKubeconfig({ name: 'x', server: 'https://second' });
  const third = newKubeconfig({ name: 'y', server: 'https://third' });
  const merged = mergeKubeconfigs([first, second, third]);
  assert.deepEqual(
    merged.clusters.map((entry) => [entry.name, entry.cluster.server]),
    [
      ['x', 'https://first'],
      ['y', 'https://third'],
    ],
  );
  assert.equal(merged['current-context'], 'x');
});

it('writeKubeconfig() writes what loadKubeconfig() reads, for the owner only', async () => {
  const path = join(dir, 'deep', 'config');
  const parts = { server: 'https://h:1', ca: 'CA', cert: 'CERT', key: 'KEY', namespace: 'ns' };
  await writeKubeconfig(path, newKubeconfig({ name: 'local', userName: 'admin', ...parts }));
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(join(dir, 'deep')).mode & 0o777, 0o700);
  const { server, ca, cert, key, namespace } = loadKubeconfig(path);
  assert.deepEqual(
    [server, namespace, String(ca), String(cert), String(key)],
    ['https://h:1', 'ns', 'CA', 'CERT', 'KEY'],
  );
  const config = parseKubeconfig(readFileSync(path, 'utf8'), path);
  assert.equal(formatKubeconfig(config), readFileSync(path, 'utf8'));
});

it('defaultKubeconfigPaths() reads KUBECONFIG, else the home folder', () => {
  assert.deepEqual(defaultKubeconfigPaths({ KUBECONFIG: '/a::/b' }), ['/a', '/b']);
  assert.deepEqual(defaultKubeconfigPaths({ HOME: '/home/x' }), ['/home/x/.kube/config']);
});
