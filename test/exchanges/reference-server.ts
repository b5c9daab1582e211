import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiProcess } from '../support/api-process.ts';

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

export interface ReferenceServerOptions {
  readonly tokens: Tokens;
  /** `--etcd-compaction-interval`. */
  readonly compaction: string;
  /** Its log goes to standard error. */
  readonly showsLog: boolean;
  /** Further flags. */
  readonly flags: readonly string[];
}

/** Starts it on a free port; resolves when it serves. */
export async function startReferenceServer({
  tokens,
  compaction,
  showsLog,
  flags,
}: ReferenceServerOptions): Promise<ReferenceServer> {
  const dir = mkdtempSync(join(tmpdir(), 'coxswain-exchanges-'));
  const server = await ApiProcess.start({
    command: 'server',
    dir: join(dir, 'state'),
    users: new Map(Object.entries(tokens).map(([key, token]) => [token, users[key] as string])),
    showsLog,
    flags: [
      '--enable-admission-plugins=NodeRestriction',
      '--service-cluster-ip-range=10.96.0.0/16',
      `--etcd-compaction-interval=${compaction}`,
      `--controllers=${controllers.join(',')}`,
      '--disable=scheduler,dns',
      ...flags,
    ],
  });
  return {
    url: server.url,
    caFile: server.caFile,
    close: async () => {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
