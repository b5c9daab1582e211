import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { silentLogger, systemClock } from '@coxswain/machinery';
import { type TokenAuthentication, TokenError } from '../token.ts';
import type { AuthenticationConfig, JwtConfig } from './configuration.ts';
import { JwtMetrics } from './jwt-metrics.ts';
import { JwtTokens } from './jwt-tokens.ts';
import { signingAlgorithms } from './signature.ts';
import { startTestIssuer, type TestIssuer, testKey } from './testing-issuer.ts';
import { validateAuthentication } from './validate-configuration.ts';

let issuer: TestIssuer;
const open: JwtTokens[] = [];

before(async () => {
  issuer = await startTestIssuer(() => Math.floor(systemClock.now() / 1000));
});
after(async () => {
  for (const one of open) one.close();
  await issuer.server.close();
});

/** Tokens of the test's issuer, once it was found. */
async function tokensOf(
  config: Partial<Omit<JwtConfig, 'issuer'>> & { readonly issuer?: Partial<JwtConfig['issuer']> },
): Promise<JwtTokens> {
  const whole: AuthenticationConfig = {
    jwt: [
      {
        claimMappings: { username: { claim: 'sub', prefix: 'oidc:' } },
        ...config,
        issuer: {
          url: issuer.url,
          audiences: ['cluster'],
          certificateAuthority: issuer.server.ca,
          ...config.issuer,
        },
      },
    ],
  };
  const { errors, expressions } = validateAuthentication(whole, []);
  assert.deepEqual(errors, []);
  const tokens = new JwtTokens({
    audiences: ['api'],
    algorithms: signingAlgorithms,
    metrics: new JwtMetrics(systemClock),
    clock: systemClock,
    logger: silentLogger,
  });
  open.push(tokens);
  const built = tokens.build(whole, expressions);
  await Promise.all(built.map((one) => one.ready));
  tokens.use(built);
  return tokens;
}

async function fault(found: () => unknown): Promise<string> {
  try {
    await found();
  } catch (error) {
    assert.ok(error instanceof TokenError);
    return error.message;
  }
  return 'none';
}

describe('JwtTokens', () => {
  test('gives the user of a token, at once when its key is known', async () => {
    const tokens = await tokensOf({
      claimMappings: {
        username: { claim: 'sub', prefix: 'oidc:' },
        groups: { claim: 'roles', prefix: 'oidc:' },
        uid: { claim: 'oid' },
      },
    });
    const token = issuer.token({ roles: ['a', 'b'], oid: 'u-1' });
    const first = await tokens.authenticateToken(token);
    assert.deepEqual(first, {
      user: { name: 'oidc:jane', uid: 'u-1', groups: ['oidc:a', 'oidc:b', 'system:authenticated'] },
      audiences: ['api'],
    });
    assert.deepEqual(tokens.authenticateToken(token), first);
    assert.deepEqual(
      (
        tokens.authenticateToken(
          issuer.token({ sub: 'joe', roles: 'one', oid: 'u-2' }),
        ) as TokenAuthentication
      ).user.groups,
      ['oidc:one', 'system:authenticated'],
    );
    assert.equal(tokens.authenticateToken(token, ['elsewhere']), undefined);
    assert.equal(tokens.authenticateToken(issuer.token({ iss: 'https://other.example' })), undefined);
    assert.equal(tokens.authenticateToken('no.jwt.here'), undefined);
  });

  test('takes every algorithm and fetches keys that are new', async () => {
    const tokens = await tokensOf({});
    const before = issuer.keys;
    for (const algorithm of signingAlgorithms) {
      issuer.keys = [testKey(`of-${algorithm}`, algorithm)];
      const found = await tokens.authenticateToken(issuer.token({ sub: algorithm }));
      assert.equal(found?.user.name, `oidc:${algorithm}`);
    }
    const stranger = testKey('of-ES256', 'ES256');
    assert.equal(
      await fault(() => tokens.authenticateToken(issuer.token({}, stranger))),
      'oidc: verify token: failed to verify signature: failed to verify id token signature',
    );
    issuer.keys = before;
  });

  test('refuses tokens of another audience, out of their time, or without the claims', async () => {
    const tokens = await tokensOf({
      claimValidationRules: [{ claim: 'hd', requiredValue: 'example.com' }],
    });
    const now = Math.floor(systemClock.now() / 1000);
    const of = (claims: Record<string, unknown>): Promise<string> =>
      fault(() => tokens.authenticateToken(issuer.token({ hd: 'example.com', ...claims })));
    assert.equal(await of({ aud: ['x'] }), 'oidc: verify token: oidc: expected audience "cluster" got ["x"]');
    assert.match(
      await of({ exp: now - 5 }),
      /^oidc: verify token: oidc: token is expired \(Token Expiry: \d{4}-/,
    );
    assert.equal(
      await of({ exp: undefined }),
      'oidc: verify token: oidc: token is expired (Token Expiry: 0001-01-01 00:00:00 +0000 UTC)',
    );
    assert.match(await of({ nbf: now + 3600 }), /before the nbf \(not before\) time/);
    assert.equal(await of({ sub: undefined }), 'oidc: parse username claims "sub": claim not present');
    assert.equal(
      await of({ sub: 7 }),
      'oidc: verify token: oidc: failed to unmarshal claims: json: cannot unmarshal number into Go struct field idToken.sub of type string',
    );
    assert.equal(await of({ hd: undefined }), 'oidc: required claim hd not present in ID token');
    assert.equal(
      await of({ hd: 'x' }),
      'oidc: required claim hd value does not match. Got = x, want = example.com',
    );
    assert.equal(await of({}), 'none');
  });

  test('maps and checks claims by expressions', async () => {
    const tokens = await tokensOf({
      issuer: { audiences: ['a', 'cluster'], audienceMatchPolicy: 'MatchAny' },
      claimMappings: {
        username: { expression: 'claims.email_verified ? claims.email : claims.sub' },
        groups: { expression: 'claims.roles.split(",")' },
        uid: { expression: 'claims.sub' },
        extra: [
          { key: 'example.com/tenant', valueExpression: 'claims.tenant' },
          { key: 'example.com/none', valueExpression: '""' },
        ],
      },
      claimValidationRules: [{ expression: 'claims.tenant != "evil"', message: 'bad tenant' }],
      userValidationRules: [
        { expression: "!user.username.startsWith('system:')", message: 'reserved' },
        { expression: "user.groups.all(group, group != 'root')", message: 'no root' },
      ],
    });
    const claims = { email: 'j@example.com', email_verified: true, roles: 'a,b', tenant: 't' };
    const found = await tokens.authenticateToken(issuer.token(claims));
    assert.deepEqual(found?.user, {
      name: 'j@example.com',
      uid: 'jane',
      groups: ['a', 'b', 'system:authenticated'],
      extra: { 'example.com/tenant': ['t'] },
    });
    const of = (more: Record<string, unknown>): Promise<string> =>
      fault(() => tokens.authenticateToken(issuer.token({ ...claims, ...more })));
    assert.equal(
      await of({ tenant: 'evil' }),
      `oidc: error evaluating claim validation expression: validation expression 'claims.tenant != "evil"' failed: bad tenant`,
    );
    assert.equal(
      await of({ roles: 'root', email_verified: false, sub: 'system:x' }),
      "oidc: error evaluating user info validation rule: validation expression '!user.username.startsWith('system:')' failed: reserved",
    );
    assert.match(
      await of({ roles: undefined }),
      /^oidc: error evaluating group claim expression: .*no such key: roles/,
    );
    assert.equal(
      await of({ aud: 'b' }),
      'oidc: verify token: oidc: expected audience in ["a" "cluster"] got ["b"]',
    );
  });

  test('finds the keys through a discovery document that is elsewhere', async () => {
    const { answers } = issuer.server;
    const usual = '/.well-known/openid-configuration';
    const document = answers.get(usual) as NonNullable<ReturnType<typeof answers.get>>;
    answers.delete(usual);
    answers.set('/elsewhere', document);
    try {
      const tokens = await tokensOf({ issuer: { discoveryURL: `${issuer.url}/elsewhere` } });
      assert.equal((await tokens.authenticateToken(issuer.token({})))?.user.name, 'oidc:jane');
    } finally {
      answers.set(usual, document);
    }
  });

  test('follows redirections, and asks for no keys as long as those known last', async () => {
    const { answers, asked } = issuer.server;
    const keys = answers.get('/keys') as NonNullable<ReturnType<typeof answers.get>>;
    answers.set('/keys', () => ({ status: 302, headers: { location: 'others' }, body: {} }));
    answers.set('/others', () => ({ ...keys(undefined), headers: { 'cache-control': 'max-age=600' } }));
    try {
      const tokens = await tokensOf({});
      assert.equal((await tokens.authenticateToken(issuer.token({})))?.user.name, 'oidc:jane');
      const forged = issuer.token({}, testKey('first'));
      assert.equal(
        await fault(() => tokens.authenticateToken(forged)),
        'oidc: verify token: failed to verify signature: failed to verify id token signature',
      );
      assert.equal(asked('/others').length, 1);
    } finally {
      answers.set('/keys', keys);
    }
  });

  test('tells why it got no keys', async () => {
    const { answers } = issuer.server;
    const keys = answers.get('/keys') as NonNullable<ReturnType<typeof answers.get>>;
    const because = async (answer: ReturnType<typeof keys>): Promise<string> => {
      answers.set('/keys', () => answer);
      const tokens = await tokensOf({});
      const text = await fault(async () => tokens.authenticateToken(issuer.token({})));
      return text.replace(/^oidc: verify token: failed to verify signature: fetching keys /, '');
    };
    try {
      assert.equal(
        await because({ status: 503, text: 'later' }),
        'oidc: get keys failed: 503 Service Unavailable later',
      );
      assert.equal(
        await because({ headers: { 'content-type': 'text/html' }, text: '<p>' }),
        'oidc: failed to decode keys: expected Content-Type = application/json, got "text/html": ' +
          "invalid character '<' looking for beginning of value <p>",
      );
    } finally {
      answers.set('/keys', keys);
    }
  });

  test('gets groups that are elsewhere, from another issuer', async () => {
    const other = await startTestIssuer(() => Math.floor(systemClock.now() / 1000), issuer);
    try {
      const tokens = await tokensOf({
        claimMappings: { username: { claim: 'sub', prefix: '' }, groups: { claim: 'groups', prefix: 'd:' } },
      });
      other.server.answers.set('/groups', () => ({ text: other.token({ groups: ['far'] }) }));
      other.server.answers.set('/nothing', () => ({ text: other.token({}) }));
      const from = (path: string): string =>
        issuer.token({
          _claim_names: { groups: 'src' },
          _claim_sources: { src: { endpoint: other.url + path, access_token: 'secret' } },
        });
      const groups = async (): Promise<readonly string[] | undefined> => {
        try {
          return (await tokens.authenticateToken(from('/groups')))?.user.groups;
        } catch (error) {
          assert.match((error as Error).message, /verifier not initialized for issuer/);
          return undefined;
        }
      };
      // the other issuer is looked for when it is first heard of
      let found = await groups();
      while (found === undefined) found = await groups();
      assert.deepEqual(found, ['d:far', 'system:authenticated']);
      assert.equal(
        await fault(() => tokens.authenticateToken(from('/nothing'))),
        `oidc: could not expand distributed claims: jwt returned by distributed claim endpoint "${other.url}/nothing" did not contain claim: groups`,
      );
    } finally {
      await other.server.close();
    }
  });

  test('says that an issuer was not found yet', async () => {
    const tokens = new JwtTokens({
      audiences: ['api'],
      algorithms: signingAlgorithms,
      metrics: new JwtMetrics(systemClock),
      clock: systemClock,
      logger: silentLogger,
    });
    open.push(tokens);
    const config: AuthenticationConfig = {
      jwt: [
        {
          issuer: { url: issuer.url, audiences: ['cluster'], certificateAuthority: issuer.server.ca },
          claimMappings: { username: { claim: 'sub', prefix: '' } },
        },
      ],
    };
    tokens.use(tokens.build(config, validateAuthentication(config, []).expressions));
    assert.equal(
      await fault(() => tokens.authenticateToken(issuer.token({}))),
      'oidc: authenticator not initialized',
    );
  });
});
