import assert from 'node:assert/strict';
import { StatusError, silentLogger, VirtualClock } from '@coxswain/machinery';
import { generateKey, keyToPem } from '@coxswain/pki';
import { bootstrapObjects } from '../bootstrap/objects.ts';
import { type Access, buildAccess } from './access.ts';
import { parseTokenFile } from './authentication/static-token.ts';
import type { Attributes, AuthenticationRequest, UserInfo } from './contract.ts';
import { MemoryReader } from './memory-reader.ts';

/** Issuer and only audience of the world's tokens. */
export const issuer = 'https://kubernetes.default.svc.cluster.local';
const tokens =
  'at,admin,admin-uid,system:masters\nbt,bob,bob-uid,"devs"\nalt,alice,alice-uid\nnt,system:node:n1,n-uid,system:nodes\n';

/** A server's access over a state that tests write. */
export interface World {
  readonly reader: MemoryReader;
  readonly clock: VirtualClock;
  readonly access: Access;
}

/** Bootstrap policy, four static users, modes Node and RBAC. */
export function world(): World {
  const reader = new MemoryReader();
  const clock = new VirtualClock();
  for (const { group, resource, object } of bootstrapObjects()) {
    reader.put(group === '' ? resource : `${resource}.${group}`, object);
  }
  const access = buildAccess(
    {
      authorizationModes: ['Node', 'RBAC'],
      anonymousAuth: true,
      staticTokens: parseTokenFile(tokens),
      bootstrapTokens: true,
      serviceAccounts: {
        issuers: [issuer],
        audiences: [],
        signingKey: keyToPem(generateKey()),
        verificationKeys: [],
        extendExpiration: true,
        maxExpirationSeconds: 0,
        jwksUri: '',
      },
      enableAdmissionPlugins: [],
      disableAdmissionPlugins: [],
      serverUrl: 'https://10.0.0.1:6443',
      transport: () => {
        throw new Error('nothing is written here');
      },
      logger: silentLogger,
    },
    reader,
    clock,
  );
  return { reader, clock, access };
}

/** A request with a bearer token. */
export function bearer(token: string): { headers: Record<string, string> } {
  return { headers: { authorization: `Bearer ${token}` } };
}

/** The user that a request comes from, where that is known at once. */
export function who(access: Access, request: AuthenticationRequest): UserInfo {
  const user = access.authenticate(request);
  assert.ok(!(user instanceof Promise));
  return user;
}

/** What a user wants to do. */
export function ask(
  user: UserInfo,
  verb: string,
  resource: string,
  rest: Partial<Attributes> = {},
): Attributes {
  return {
    user,
    verb,
    resourceRequest: true,
    path: '',
    group: '',
    version: 'v1',
    resource,
    subresource: '',
    namespace: '',
    name: '',
    ...rest,
  };
}

/** Code and text of the StatusError that a call throws; `none` when it throws nothing. */
export function status(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    assert.ok(error instanceof StatusError);
    return `${error.code} ${error.message}`;
  }
  return 'none';
}

/** The same of a promise. */
export async function rejection(promise: unknown): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return `${error.code} ${error.message}`;
  }
  return 'none';
}
