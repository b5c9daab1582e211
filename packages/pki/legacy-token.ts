import type { Claims, JwtSigner } from './jwt.ts';

/** Issuer of the tokens that live in Secrets of type `kubernetes.io/service-account-token`. */
export const legacyTokenIssuer = 'kubernetes/serviceaccount';

/** The service account and the Secret that an endless token is for. */
export interface LegacyTokenSubject {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly secretName: string;
}

/** The claims of a Secret's token, which has no end but the Secret's. */
function legacyTokenClaims(subject: LegacyTokenSubject): Claims {
  const prefix = 'kubernetes.io/serviceaccount';
  return {
    iss: legacyTokenIssuer,
    [`${prefix}/namespace`]: subject.namespace,
    [`${prefix}/secret.name`]: subject.secretName,
    [`${prefix}/service-account.name`]: subject.name,
    [`${prefix}/service-account.uid`]: subject.uid,
    sub: `system:serviceaccount:${subject.namespace}:${subject.name}`,
  };
}

/** Signs a Secret's token with the key that signs the server's. */
export function signLegacyToken(signer: JwtSigner, subject: LegacyTokenSubject): string {
  return signer.sign(legacyTokenClaims(subject));
}
