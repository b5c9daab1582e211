import type { ConfigKind, Shape } from '../../config-file/decode-config.ts';

/** A claim with a prefix, or an expression, that gives a user's name or groups. */
export interface PrefixedClaim {
  readonly claim?: string;
  readonly prefix?: string;
  readonly expression?: string;
}

/** apiserver.config.k8s.io JWTAuthenticator. */
export interface JwtConfig {
  readonly issuer: {
    readonly url?: string;
    readonly discoveryURL?: string;
    /** PEM; absent: the system's roots. */
    readonly certificateAuthority?: string;
    readonly audiences?: readonly string[];
    readonly audienceMatchPolicy?: string;
    readonly egressSelectorType?: string;
  };
  readonly claimValidationRules?: readonly {
    readonly claim?: string;
    readonly requiredValue?: string;
    readonly expression?: string;
    readonly message?: string;
  }[];
  readonly claimMappings: {
    readonly username: PrefixedClaim;
    readonly groups?: PrefixedClaim;
    readonly uid?: { readonly claim?: string; readonly expression?: string };
    readonly extra?: readonly { readonly key?: string; readonly valueExpression?: string }[];
  };
  readonly userValidationRules?: readonly { readonly expression?: string; readonly message?: string }[];
}

/** apiserver.config.k8s.io AuthenticationConfiguration. */
export interface AuthenticationConfig {
  readonly jwt: readonly JwtConfig[];
  readonly anonymous?: {
    readonly enabled?: boolean;
    readonly conditions?: readonly { readonly path?: string }[];
  };
}

const list = (item: Shape): Shape => ({ list: item });
const struct = (fields: Readonly<Record<string, Shape>>): Shape => ({ fields });
const prefixedClaim = struct({ claim: 'string', prefix: 'string', expression: 'string' });

/** The kind as files have it. */
export const authenticationConfiguration: ConfigKind = {
  kind: 'AuthenticationConfiguration',
  versions: ['v1', 'v1beta1', 'v1alpha1'],
  fields: {
    jwt: list(
      struct({
        issuer: struct({
          url: 'string',
          discoveryURL: 'string',
          certificateAuthority: 'string',
          audiences: list('string'),
          audienceMatchPolicy: 'string',
          egressSelectorType: 'string',
        }),
        claimValidationRules: list(
          struct({ claim: 'string', requiredValue: 'string', expression: 'string', message: 'string' }),
        ),
        claimMappings: struct({
          username: prefixedClaim,
          groups: prefixedClaim,
          uid: struct({ claim: 'string', expression: 'string' }),
          extra: list(struct({ key: 'string', valueExpression: 'string' })),
        }),
        userValidationRules: list(struct({ expression: 'string', message: 'string' })),
      }),
    ),
    anonymous: struct({ enabled: 'bool', conditions: list(struct({ path: 'string' })) }),
  },
};

/** A decoded file with the structs that Go always has. */
export function authenticationConfigOf(decoded: Record<string, any>): AuthenticationConfig {
  return {
    jwt: (decoded['jwt'] ?? []).map((one: Record<string, any>) => ({
      ...one,
      issuer: one['issuer'] ?? {},
      claimMappings: { ...one['claimMappings'], username: one['claimMappings']?.username ?? {} },
    })),
    ...(decoded['anonymous'] === undefined ? {} : { anonymous: decoded['anonymous'] }),
  };
}
