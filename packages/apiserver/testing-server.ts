import { generateKeyPairSync } from 'node:crypto';
import { type Clock, silentLogger, systemClock } from '@coxswain/machinery';
import { MemoryStore, type Store } from '@coxswain/store';
import type { ApiServerOptions } from './api-server-options.ts';
import { type ApiServer, startApiServer } from './apiserver.ts';

let signingKey: string | undefined;

/** A server for tests: in memory, without a listener unless one is given, everybody known by name. */
export async function startTestServer(
  options: Partial<Omit<ApiServerOptions, 'access'>> & {
    readonly access?: Partial<ApiServerOptions['access']>;
  } = {},
): Promise<{ readonly server: ApiServer; readonly store: Store; close(): Promise<void> }> {
  const clock: Clock = options.clock ?? systemClock;
  const store = options.store ?? new MemoryStore({ clock });
  signingKey ??= generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey;
  const server = await startApiServer({
    serviceClusterIPRange: '10.96.0.0/16',
    serviceNodePortRange: [30000, 32767],
    compactionIntervalMs: 0,
    logger: silentLogger,
    ...options,
    clock,
    store,
    access: {
      authorizationModes: ['RBAC'],
      anonymousAuth: true,
      staticTokens: new Map(),
      bootstrapTokens: false,
      serviceAccounts: {
        issuers: ['https://kubernetes.default.svc'],
        audiences: [],
        signingKey,
        verificationKeys: [],
        extendExpiration: false,
        maxExpirationSeconds: 0,
        jwksUri: '',
      },
      enableAdmissionPlugins: [],
      disableAdmissionPlugins: ['ServiceAccount'],
      ...options.access,
    },
  });
  return {
    server,
    store,
    close: async () => {
      await server.close();
      await store.close();
    },
  };
}
