import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type Clock, silentLogger, systemClock } from '@coxswain/machinery';
import { startTestServer, type TestServer } from '../remote/testing-server.ts';
import { TokenError } from './token.ts';
import { WebhookTokens } from './webhook-tokens.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

const path = '/authenticate';
/** What the webhook says of each token. */
const known = new Map<string, Record<string, unknown>>();
let waits: number[];
/** Time goes on, but nobody waits. */
const clock: Clock = {
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic(),
  after: (ms, fn) => systemClock.after(ms, fn),
  sleep: async (ms) => void waits.push(ms),
};

beforeEach(() => {
  waits = [];
  server.answers.set(path, ({ apiVersion, kind, spec }) => ({
    body: { apiVersion, kind, status: known.get(spec.token) ?? { authenticated: false } },
  }));
});

function webhook(options: { version?: 'v1' | 'v1beta1'; cacheTtlMs?: number } = {}): WebhookTokens {
  return new WebhookTokens({
    configFile: server.kubeconfig(path),
    version: 'v1',
    cacheTtlMs: 60_000,
    audiences: ['api'],
    clock,
    logger: silentLogger,
    random: () => 0,
    ...options,
  });
}

const jane = { username: 'jane', uid: '7', groups: ['dev'], extra: { a: ['b'] } };

describe('WebhookTokens', () => {
  test('asks once and answers at once from then on', async () => {
    known.set('good', { authenticated: true, user: jane, audiences: ['api', 'x'] });
    const tokens = webhook();
    const before = server.asked(path).length;
    const [first, second] = await Promise.all([
      tokens.authenticateToken('good'),
      tokens.authenticateToken('good'),
    ]);
    assert.deepEqual(first, {
      user: { name: 'jane', uid: '7', groups: ['dev', 'system:authenticated'], extra: { a: ['b'] } },
      audiences: ['api'],
    });
    assert.deepEqual(second, first);
    assert.deepEqual(tokens.authenticateToken('good'), first);
    assert.deepEqual(server.asked(path).slice(before), [
      {
        kind: 'TokenReview',
        apiVersion: 'authentication.k8s.io/v1',
        metadata: {},
        spec: { token: 'good', audiences: ['api'] },
        status: { user: {} },
      },
    ]);
    tokens.close();
  });

  test('knows what is not its token, what is refused, and whom it is for', async () => {
    known.set('bad', { authenticated: false, error: 'no such session' });
    known.set('other', { authenticated: true, user: jane, audiences: ['other'] });
    known.set('any', { authenticated: true, user: jane });
    const tokens = webhook({ version: 'v1beta1', cacheTtlMs: 0 });
    assert.equal(await tokens.authenticateToken('unknown'), undefined);
    await assert.rejects(async () => tokens.authenticateToken('bad'), new TokenError('no such session'));
    assert.equal(await tokens.authenticateToken('other'), undefined);
    assert.deepEqual((await tokens.authenticateToken('other', ['other']))?.audiences, ['other']);
    assert.deepEqual((await tokens.authenticateToken('any'))?.audiences, ['api']);
    assert.equal(await tokens.authenticateToken('any', ['elsewhere']), undefined);
    tokens.close();
  });

  test('keeps for a while that nobody is known, but not what is said against a token', async () => {
    const tokens = webhook();
    known.set('bad', { authenticated: false, error: 'no such session' });
    const before = server.asked(path).length;
    for (let i = 0; i < 2; i++) {
      assert.equal(await tokens.authenticateToken('nobody'), undefined);
      await assert.rejects(async () => tokens.authenticateToken('bad'), new TokenError('no such session'));
    }
    const asked = server.asked(path).slice(before);
    assert.deepEqual(
      asked.map(({ spec }) => spec.token),
      ['nobody', 'bad', 'bad'],
    );
    tokens.close();
  });

  test('asks again after a fault of the server, a few times, and keeps no fault', async () => {
    let faults = 2;
    const answer = server.answers.get(path) as NonNullable<ReturnType<typeof server.answers.get>>;
    server.answers.set(path, (body) => {
      if (faults-- > 0) return { status: 500, body: {} };
      return answer(body);
    });
    const tokens = webhook();
    assert.equal((await tokens.authenticateToken('good'))?.user.name, 'jane');
    assert.deepEqual(waits, [500, 750]);
    faults = 5;
    await assert.rejects(async () => tokens.authenticateToken('any'), TokenError);
    assert.deepEqual(waits.slice(2), [500, 750, 1125, 1687.5]);
    assert.equal((await tokens.authenticateToken('any'))?.user.name, 'jane');
    tokens.close();
  });
});
