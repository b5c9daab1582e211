import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newUnauthorized } from '@coxswain/machinery';
import type { Access } from '../access/access.ts';
import type { Attributes, UserInfo } from '../access/contract.ts';
import type { Asked } from './exchange.ts';
import { parseQuery } from './query.ts';
import type { Request } from './reply.ts';
import { RequestAccess } from './request-access.ts';
import { parseRequestInfo } from './request-info.ts';

const user: UserInfo = { name: 'system:serviceaccount:default:a', groups: [] };
const info = parseRequestInfo('GET', '/api/v1/namespaces/default/pods', false);
const request = { headers: {}, socket: { getPeerX509Certificate: () => undefined } } as unknown as Request;
const asked: Asked = { info, query: parseQuery(''), request, response: undefined, flow: undefined };

/** Knows the user, and lets it in, once the state of the other servers is there. */
function accessOf(known: () => { readonly account: boolean; readonly role: boolean }): Access {
  return {
    authenticate: () => {
      if (!known().account) throw newUnauthorized();
      return user;
    },
    impersonate: (_headers: unknown, attributes: Attributes) => attributes.user,
    authorize: () => ({ decision: known().role ? 'allow' : 'no-opinion', reason: '' }),
  } as unknown as Access;
}

for (const missing of ['account', 'role'] as const) {
  test(`RequestAccess.userOf() looks again when the ${missing} may be another server's news`, async () => {
    let fresh = false;
    const access = accessOf(() => ({ account: true, role: true, ...(fresh ? {} : { [missing]: false }) }));
    const freshen = async (): Promise<void> => {
      fresh = true;
    };
    assert.equal(await new RequestAccess(access, freshen).userOf(asked), user);
  });

  test(`RequestAccess.userOf() refuses when the ${missing} is nowhere, or cannot be looked for`, async () => {
    const access = accessOf(() => ({ account: true, role: true, [missing]: false }));
    const code = missing === 'account' ? 401 : 403;
    const refused = (error: { status?: { code?: number } }): boolean => error.status?.code === code;
    const lost = (): Promise<void> => Promise.reject(new Error('the store is gone'));
    for (const freshen of [async () => undefined, lost, () => undefined]) {
      await assert.rejects(async () => new RequestAccess(access, freshen).userOf(asked), refused);
    }
  });
}
