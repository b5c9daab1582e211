import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../support/run-program.ts';
import { hasKubectl } from './support/has-kubectl.ts';

const cox = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'cox');

/** One transcript: every command changes the file that the ones before left. */
const commands = [
  'set-cluster a --server=https://1.2.3.4',
  'set-cluster a.b --server=https://1.2.3.4 --certificate-authority=crt --tls-server-name=x',
  'set-cluster a --certificate-authority=crt --embed-certs',
  'set-cluster a --insecure-skip-tls-verify',
  'set-cluster a --insecure-skip-tls-verify --certificate-authority=crt',
  'set-cluster a --embed-certs',
  'set-cluster a --certificate-authority=nope --embed-certs',
  'set-cluster a --proxy-url=http://p:1',
  'set-credentials u --token=t',
  'set-credentials u --username=x --password=y',
  'set-credentials u --token=t --username=x',
  'set-credentials u --client-certificate=crt --client-key=crt --embed-certs',
  'set-credentials e --exec-command=x --exec-api-version=client.authentication.k8s.io/v1 --exec-arg=a --exec-arg=b --exec-env=A=1',
  'set-credentials e --exec-env=A- --exec-env=B=2 --exec-interactive-mode=Never',
  'set-credentials p --auth-provider=oidc --auth-provider-arg=k=v',
  'set-context c --cluster=a --user=u --namespace=n',
  'use-context c',
  'rename-context c d',
  'rename-context x y',
  'current-context',
  'set current-context z',
  'set clusters.a.server https://9.9.9.9',
  'set clusters.a.b.server https://8.8.8.8',
  'set clusters.new.server https://7.7.7.7',
  'set contexts.d.namespace m',
  'set foo.bar x',
  'set clusters.a.certificate-authority-data hello --set-raw-bytes',
  'set clusters.a.insecure-skip-tls-verify maybe',
  'unset users.u.token',
  'unset current-context',
  'unset clusters.new',
  'unset nope.x',
  'delete-cluster a',
  'delete-cluster a',
  'delete-user u',
  'delete-user u',
  'delete-context nope',
  'get-clusters',
  'get-users',
];

describe('cox config', { skip: !hasKubectl() && 'kubectl is not on the PATH' }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'coxswain-config-'));
  writeFileSync(join(dir, 'crt'), 'a certificate');
  after(() => rmSync(dir, { recursive: true, force: true }));

  const run = async (program: string, name: string, args: readonly string[]) => {
    const file = join(dir, name);
    const config = ['config', '--kubeconfig', file, ...args];
    const { code, stdout, stderr } = await runProgram(program, config, { cwd: dir });
    const text = (stdout + stderr).replaceAll(file, 'FILE').replaceAll(/\bcox\b/g, 'kubectl');
    return { text, code };
  };

  /** The file's contents, as one and the same program shows them. */
  const shown = (name: string) => run('kubectl', name, ['view', '--raw']);

  for (const command of commands) {
    test(command, async () => {
      const args = command.split(' ');
      const [kubectl, own] = await Promise.all([run('kubectl', 'theirs', args), run(cox, 'ours', args)]);
      assert.deepEqual(own, kubectl);
      assert.deepEqual(await shown('ours'), await shown('theirs'));
      assert.ok(readFileSync(join(dir, 'ours'), 'utf8').startsWith('apiVersion: v1\n'));
    });
  }
});
