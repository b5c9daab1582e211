import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The product's server with the settings the exchanges were recorded with, in a process of its own. */
export interface ReferenceServer {
  readonly url: string;
  readonly caFile: string;
  close(): Promise<void>;
}

/** The recordings' users: tokens.json of the exchanges has the same keys. */
export type Tokens = Readonly<Record<string, string>>;

/** What follows the token in the lines of `--token-auth-file`. */
const users: Readonly<Record<string, string>> = {
  admin: 'admin,admin-uid,"system:masters"',
  alice: 'alice,alice-uid',
  bob: 'bob,bob-uid,"devs"',
  'node-a': 'system:node:gx-node-a,node-a-uid,"system:nodes"',
};

/** Those that ran beside the server that was recorded; others would change the objects under the eyes. */
const controllers = [
  'namespace-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'root-ca-certificate-publisher-controller',
  'clusterrole-aggregation-controller',
];

const cox = fileURLToPath(new URL('../../cox', import.meta.url));

/** Starts it on a free port; resolves when it is ready. Its log goes to standard error if `log`; `more` are further flags. */
export async function startReferenceServer(
  tokens: Tokens,
  compaction: string,
  log: boolean,
  more: readonly string[] = [],
): Promise<ReferenceServer> {
  const dir = mkdtempSync(join(tmpdir(), 'coxswain-exchanges-'));
  const lines = Object.entries(tokens).map(([key, token]) => `${token},${users[key]}`);
  writeFileSync(join(dir, 'tokens.csv'), `${lines.join('\n')}\n`, { mode: 0o600 });
  const child = spawn(
    cox,
    [
      'server',
      `--data-dir=${join(dir, 'state')}`,
      '--secure-port=0',
      `--token-auth-file=${join(dir, 'tokens.csv')}`,
      '--enable-admission-plugins=NodeRestriction',
      '--service-cluster-ip-range=10.96.0.0/16',
      `--etcd-compaction-interval=${compaction}`,
      `--controllers=${controllers.join(',')}`,
      '--disable=scheduler,dns',
      ...more,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const url = await servingUrl(child, log);
  return {
    url,
    caFile: join(dir, 'state', 'pki', 'ca.crt'),
    close: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Reads the log until it tells where the server listens. */
function servingUrl(child: ChildProcess, log: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (data) => {
      if (log) process.stderr.write(data);
      if (said.length > 1 << 20) return;
      said += data;
      const url = /"url":"(https:[^"]+)"/.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
}
