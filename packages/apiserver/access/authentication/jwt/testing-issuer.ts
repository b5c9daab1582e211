import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { startTestServer, type TestServer } from '../../remote/testing-server.ts';

/** A key that an issuer of a test signs with. */
export interface TestKey {
  readonly id: string;
  readonly algorithm: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** An OpenID Connect issuer. */
export interface TestIssuer {
  readonly server: TestServer;
  readonly url: string;
  /** Those it publishes; may be exchanged. */
  keys: readonly TestKey[];
  /** A token of the issuer; claims may be set, and removed by undefined. */
  token(claims: Readonly<Record<string, unknown>>, key?: TestKey): string;
}

const curves: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

/** Makes a key for an algorithm of RFC 7518. */
export function testKey(id: string, algorithm = 'RS256'): TestKey {
  const namedCurve = curves[algorithm];
  const pair =
    namedCurve === undefined
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve });
  return { id, algorithm, ...pair };
}

/** Starts an issuer with one key. @param now seconds since 1970 @param like one whose CA it shares */
export async function startTestIssuer(now: () => number, like?: TestIssuer): Promise<TestIssuer> {
  const server = await startTestServer(like?.server);
  const issuer: TestIssuer = {
    server,
    url: server.url,
    keys: [testKey('first')],
    token: (claims, key = issuer.keys[0] as TestKey) => {
      const all = { iss: server.url, aud: 'cluster', exp: now() + 600, iat: now(), sub: 'jane', ...claims };
      const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const signed = `${part({ alg: key.algorithm, kid: key.id })}.${part(all)}`;
      return `${signed}.${signature(signed, key).toString('base64url')}`;
    },
  };
  server.answers.set('/.well-known/openid-configuration', () => ({
    body: { issuer: server.url, jwks_uri: `${server.url}/keys` },
  }));
  server.answers.set('/keys', () => ({
    body: {
      keys: issuer.keys.map(({ id, algorithm, publicKey }) => ({
        ...publicKey.export({ format: 'jwk' }),
        kid: id,
        alg: algorithm,
        use: 'sig',
      })),
    },
  }));
  return issuer;
}

function signature(text: string, { algorithm, privateKey: key }: TestKey): Buffer {
  const digest = `sha${algorithm.slice(2)}`;
  const data = Buffer.from(text);
  if (algorithm.startsWith('ES')) return sign(digest, data, { key, dsaEncoding: 'ieee-p1363' });
  if (algorithm.startsWith('RS')) return sign(digest, data, key);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return sign(digest, data, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST });
}
