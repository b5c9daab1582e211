import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startApiServer } from '@coxswain/apiserver';
import { Client } from '@coxswain/client';
import { runControllers } from '@coxswain/controllers';
import { silentLogger, systemClock } from '@coxswain/machinery';
import { PkiDir } from '@coxswain/pki';
import { MemoryStore } from '@coxswain/store';
import { controllerContext } from './controller-set-up.ts';
import { parseFlags } from './flags.ts';
import { joinCluster, joinFlags } from './join.ts';
import { ensureJoinRoles } from './join-roles.ts';
import { caHash, createToken, deleteToken, listTokens, newToken, publishClusterInfo } from './token.ts';

const selfReviews = { group: 'authentication.k8s.io', version: 'v1', resource: 'selfsubjectreviews' };
const admin = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };

/** A server that listens, with the controllers that joining needs. */
async function startCluster(dir: string) {
  const pki = new PkiDir(join(dir, 'pki'), systemClock);
  const ca = pki.authority('ca', 'kubernetes');
  const serving = pki.leaf('apiserver', ca, {
    subject: { commonName: 'kube-apiserver' },
    usages: ['server'],
    altNames: ['127.0.0.1'],
  });
  const store = new MemoryStore({ clock: systemClock });
  const server = await startApiServer({
    store,
    clock: systemClock,
    logger: silentLogger,
    listen: {
      host: '127.0.0.1',
      port: 0,
      cert: serving.certificate,
      key: serving.key,
      clientCA: ca.certificate,
    },
    access: {
      authorizationModes: ['Node', 'RBAC'],
      anonymousAuth: true,
      staticTokens: new Map(),
      bootstrapTokens: true,
      serviceAccounts: {
        issuers: ['https://kubernetes.default.svc'],
        audiences: [],
        signingKey: pki.signingKey('sa'),
        verificationKeys: [],
        extendExpiration: false,
        maxExpirationSeconds: 0,
        jwksUri: '',
      },
      enableAdmissionPlugins: [],
      disableAdmissionPlugins: [],
    },
    serviceClusterIPRange: '10.96.0.0/16',
    serviceNodePortRange: [30000, 32767],
    compactionIntervalMs: 0,
  });
  const client = new Client(server.loopback(admin));
  const stop = new AbortController();
  const list = [
    'bootstrap-signer-controller',
    'certificatesigningrequest-approving-controller',
    'certificatesigningrequest-signing-controller',
  ];
  const running = runControllers(
    controllerContext(client, silentLogger),
    { list, settings: { certificateSigning: { issuer: ca } } },
    stop.signal,
  );
  const close = async (): Promise<void> => {
    stop.abort();
    await running;
    await server.close();
    await store.close();
  };
  return { server, client, ca: ca.certificate, close };
}

test('joinCluster() turns a token into the credentials of a node, once, and takes no false one', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'coxswain-join-'));
  const { server, client, ca, close } = await startCluster(dir);
  const stop = new AbortController();
  const joined = (rootDir: string, token: string, hash: string): Promise<Client> => {
    const argv = [
      '--server',
      server.url,
      '--token',
      token,
      '--ca-hash',
      hash,
      '--root-dir',
      join(dir, rootDir),
    ];
    const flags = parseFlags(argv, { ...joinFlags, 'root-dir': { type: 'string', help: '' } });
    return joinCluster(flags, 'worker', silentLogger, stop.signal);
  };
  try {
    const token = newToken();
    await ensureJoinRoles(client);
    await publishClusterInfo(client, server.url, ca);
    await createToken(client, {
      token,
      ttlMs: 3_600_000,
      description: 'a trial',
      groups: [],
      clock: systemClock,
    });
    assert.deepEqual(
      (await listTokens(client)).map((row) => [row.token, row.description]),
      [[token, 'a trial']],
    );

    const userOf = async (node: Client): Promise<Record<string, any>> => {
      const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} };
      return (await node.resource(selfReviews).create(review))['status'].userInfo;
    };
    const user = await userOf(await joined('one', token, caHash(ca)));
    assert.equal(user['username'], 'system:node:worker');
    assert.ok(user['groups'].includes('system:nodes'));
    assert.equal(statSync(join(dir, 'one', 'node.kubeconfig')).mode & 0o777, 0o600);

    await assert.rejects(joined('two', token, 'sha256:00'), /the CA of the server has the hash sha256:/);
    const forged = `${token.split('.')[0]}.0000000000000000`;
    await assert.rejects(joined('two', forged, caHash(ca)), /was not signed with this token/);

    assert.ok(await deleteToken(client, token));
    assert.ok(!(await deleteToken(client, token)));
    // The node does not need the token any more.
    const again = await userOf(await joined('one', token, caHash(ca)));
    assert.equal(again['username'], 'system:node:worker');
  } finally {
    stop.abort();
    await close();
    rmSync(dir, { recursive: true });
  }
});
