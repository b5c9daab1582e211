import type { KubeObject } from '@coxswain/machinery';

export const bootstrapTokenType = 'bootstrap.kubernetes.io/token';

/** A member of a Secret as text; '' when absent. */
export function textOf(secret: KubeObject, key: string): string {
  const value: unknown = secret['data']?.[key];
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : '';
}

/** Milliseconds until the token's end; undefined: it has none. An unreadable time counts as over. */
export function untilExpired(secret: KubeObject, now: number): number | undefined {
  const text = textOf(secret, 'expiration');
  if (text === '') return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? 0 : Math.max(0, at - now);
}

/** ID and secret of a token that may sign now; undefined when it may not. */
export function signingToken(
  secret: KubeObject,
  now: number,
): { readonly id: string; readonly secret: string } | undefined {
  const id = textOf(secret, 'token-id');
  const token = textOf(secret, 'token-secret');
  const usable =
    secret.metadata.name === `bootstrap-token-${id}` &&
    token !== '' &&
    untilExpired(secret, now) !== 0 &&
    textOf(secret, 'usage-bootstrap-signing') === 'true';
  return usable ? { id, secret: token } : undefined;
}
