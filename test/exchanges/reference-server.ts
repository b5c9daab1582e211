import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiServer, startApiServer } from '@coxswain/apiserver';
import { type Logger, silentLogger, systemClock } from '@coxswain/machinery';
import { PkiDir } from '@coxswain/pki';
import { MemoryStore } from '@coxswain/store';

/** A server with the settings the exchanges were recorded with. */
export interface ReferenceServer {
  readonly server: ApiServer;
  readonly caFile: string;
  close(): Promise<void>;
}

/** The recordings' users: tokens.json of the exchanges has the same keys. */
export type Tokens = Readonly<Record<string, string>>;

const users: Readonly<Record<string, { name: string; uid: string; groups: readonly string[] }>> = {
  admin: { name: 'admin', uid: 'admin-uid', groups: ['system:masters'] },
  alice: { name: 'alice', uid: 'alice-uid', groups: [] },
  bob: { name: 'bob', uid: 'bob-uid', groups: ['devs'] },
  'node-a': { name: 'system:node:gx-node-a', uid: 'node-a-uid', groups: ['system:nodes'] },
};

/** Starts it on a free port. */
export async function startReferenceServer(
  tokens: Tokens,
  compactionIntervalMs: number,
  logger: Logger = silentLogger,
): Promise<ReferenceServer> {
  const dir = mkdtempSync(join(tmpdir(), 'coxswain-exchanges-'));
  const pki = new PkiDir(dir, systemClock);
  const authority = pki.authority('ca', 'kubernetes');
  const leaf = pki.leaf('serving', authority, {
    subject: { commonName: 'kube-apiserver' },
    usages: ['server'],
    altNames: ['localhost', '127.0.0.1'],
  });
  const ca = authority.certificate;
  const caFile = join(dir, 'ca-bundle.crt');
  writeFileSync(caFile, ca);
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const store = new MemoryStore();
  const server = await startApiServer({
    store,
    clock: systemClock,
    logger,
    listen: { host: '127.0.0.1', port: 0, cert: leaf.certificate, key: leaf.key, clientCA: ca },
    access: {
      authorizationModes: ['Node', 'RBAC'],
      anonymousAuth: true,
      staticTokens: new Map(
        Object.entries(tokens).map(([key, token]) => [token, users[key] as (typeof users)[string]]),
      ),
      bootstrapTokens: false,
      serviceAccounts: {
        issuers: ['https://kubernetes.default.svc.cluster.local'],
        audiences: [],
        signingKey: privateKey,
        verificationKeys: [],
        extendExpiration: true,
        maxExpirationSeconds: 0,
        jwksUri: '',
      },
      enableAdmissionPlugins: ['NodeRestriction'],
      disableAdmissionPlugins: [],
    },
    serviceClusterIPRange: '10.96.0.0/16',
    serviceNodePortRange: [30000, 32767],
    compactionIntervalMs,
  });
  return {
    server,
    caFile,
    close: async () => {
      await server.close();
      await store.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
