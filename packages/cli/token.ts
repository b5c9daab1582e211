import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { type Client, formatKubeconfig } from '@coxswain/client';
import { type Clock, formatTime, isAlreadyExists, isNotFound, type KubeObject } from '@coxswain/machinery';
import { publicKeyDer } from '@coxswain/pki';

const secrets = { group: '', version: 'v1', resource: 'secrets' } as const;
const configMaps = { group: '', version: 'v1', resource: 'configmaps' } as const;
const tokenType = 'bootstrap.kubernetes.io/token';

export const tokenPattern = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;

/** A new token, `ID.SECRET`. */
export function newToken(): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
  const draw = (length: number): string => {
    let text = '';
    while (text.length < length) {
      // 252 is the largest multiple of 36 that a byte holds: beyond it letters would not be equally likely.
      const byte = randomBytes(1)[0] as number;
      if (byte < 252) text += alphabet[byte % alphabet.length];
    }
    return text;
  };
  return `${draw(6)}.${draw(16)}`;
}

/** `sha256:` and the digest of a CA's public key, as kubeadm prints it. */
export function caHash(ca: string | Uint8Array): string {
  const { publicKey } = new X509Certificate(ca);
  return `sha256:${createHash('sha256').update(publicKeyDer(publicKey)).digest('hex')}`;
}

interface TokenOptions {
  readonly token: string;
  /** Milliseconds; 0: it does not end. */
  readonly ttlMs: number;
  readonly description: string | undefined;
  readonly groups: readonly string[];
  readonly clock: Clock;
}

/** Writes the Secret that makes a token valid. */
export async function createToken(client: Client, options: TokenOptions): Promise<void> {
  const { token, ttlMs, description, groups, clock } = options;
  const [id, secret] = token.split('.') as [string, string];
  const expiration = ttlMs === 0 ? undefined : formatTime(clock.now() + ttlMs);
  await client.resource(secrets, 'kube-system').create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    type: tokenType,
    stringData: {
      'token-id': id,
      'token-secret': secret,
      'usage-bootstrap-authentication': 'true',
      'usage-bootstrap-signing': 'true',
      ...(expiration === undefined ? {} : { expiration }),
      ...(description === undefined ? {} : { description }),
      ...(groups.length === 0 ? {} : { 'auth-extra-groups': groups.join(',') }),
    },
  });
}

export interface TokenListing {
  readonly token: string;
  readonly expires: string;
  readonly description: string;
}

/** The tokens there are. */
export async function listTokens(client: Client): Promise<TokenListing[]> {
  const list = await client.resource(secrets, 'kube-system').list({ fieldSelector: `type=${tokenType}` });
  return list.items.map((secret) => ({
    token: `${text(secret, 'token-id')}.${text(secret, 'token-secret')}`,
    expires: text(secret, 'expiration') || '<never>',
    description: text(secret, 'description') || '<none>',
  }));
}

/** Makes a token, by its id or whole, invalid. False when there is none. */
export async function deleteToken(client: Client, token: string): Promise<boolean> {
  try {
    await client.resource(secrets, 'kube-system').delete(`bootstrap-token-${token.split('.')[0]}`);
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

function text(secret: KubeObject, key: string): string {
  const value: unknown = secret['data']?.[key];
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : '';
}

/** Publishes where the cluster is and what CA it has, for those who join. The controllers sign it. */
export async function publishClusterInfo(
  client: Client,
  server: string,
  ca: string | Uint8Array,
): Promise<void> {
  const kubeconfig = formatKubeconfig({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: '',
        cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
      },
    ],
    contexts: [],
    'current-context': '',
    users: [],
  });
  const maps = client.resource(configMaps, 'kube-public');
  try {
    await maps.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'cluster-info', namespace: 'kube-public' },
      data: { kubeconfig },
    });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const held = await maps.get('cluster-info');
    if (held['data']?.kubeconfig === kubeconfig) return;
    await maps.update({ ...held, data: { ...held['data'], kubeconfig } });
  }
}
