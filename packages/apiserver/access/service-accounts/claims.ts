import type { KubeObject } from '@coxswain/machinery';
import type { Claims } from '@coxswain/pki';
import { serviceAccountUserName } from '../users.ts';

/** An object that a token names. */
export interface ClaimRef {
  readonly name: string;
  readonly uid?: string;
}

/** The `kubernetes.io` claim of a bound token. */
export interface KubernetesClaim {
  readonly namespace: string;
  readonly serviceaccount: ClaimRef;
  readonly pod?: ClaimRef;
  readonly secret?: ClaimRef;
  readonly node?: ClaimRef;
  /** Seconds since 1970; the token works after it, but its use is worth a warning. */
  readonly warnafter?: number;
}

/** A bound token's claims. */
export interface BoundClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly nbf: number;
  readonly jti: string;
  readonly 'kubernetes.io': KubernetesClaim;
}

/** What a token is bound to. */
export interface TokenBinding {
  readonly pod?: KubeObject;
  readonly secret?: KubeObject;
  readonly node?: KubeObject;
}

interface ClaimParts {
  readonly issuer: string;
  readonly serviceAccount: KubeObject;
  readonly binding: TokenBinding;
  readonly audiences: readonly string[];
  /** Seconds since 1970. */
  readonly issuedAt: number;
  readonly expiresIn: number;
  /** Seconds from `issuedAt`; 0: no warning. */
  readonly warnAfter: number;
  readonly id: string;
}

function refOf(object: KubeObject): ClaimRef {
  const { name = '', uid } = object.metadata;
  return uid === undefined ? { name } : { name, uid };
}

/** The claims of a new bound token. */
export function boundClaims(parts: ClaimParts): BoundClaims {
  const { serviceAccount, binding, issuedAt } = parts;
  const { namespace = '', name = '' } = serviceAccount.metadata;
  return {
    aud: parts.audiences,
    exp: issuedAt + parts.expiresIn,
    iat: issuedAt,
    iss: parts.issuer,
    jti: parts.id,
    'kubernetes.io': {
      namespace,
      ...(binding.node === undefined ? {} : { node: refOf(binding.node) }),
      ...(binding.pod === undefined ? {} : { pod: refOf(binding.pod) }),
      ...(binding.secret === undefined ? {} : { secret: refOf(binding.secret) }),
      serviceaccount: refOf(serviceAccount),
      ...(parts.warnAfter === 0 ? {} : { warnafter: issuedAt + parts.warnAfter }),
    },
    nbf: issuedAt,
    sub: serviceAccountUserName(namespace, name),
  };
}

/** Audiences of a token: a list or a single text. */
export function audiencesOf(claims: Claims): readonly string[] {
  const { aud } = claims;
  if (typeof aud === 'string') return [aud];
  return Array.isArray(aud) ? aud.filter((a) => typeof a === 'string') : [];
}
