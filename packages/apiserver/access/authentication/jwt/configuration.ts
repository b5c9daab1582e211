import type { ConfigFields, ConfigValue } from '../../../config-file/config-type.ts';

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

const prefixedClaim: ConfigValue = {
  struct: 'PrefixedClaimOrExpression',
  fields: { claim: 'string', prefix: { pointer: 'string' }, expression: 'string' },
};

const issuer: ConfigValue = {
  struct: 'Issuer',
  fields: {
    url: 'string',
    discoveryURL: { pointer: 'string' },
    certificateAuthority: 'string',
    audiences: { list: 'string' },
    audienceMatchPolicy: { named: 'AudienceMatchPolicyType', value: 'string' },
    egressSelectorType: { named: 'EgressSelectorType', value: 'string' },
  },
};

const claimMappings: ConfigValue = {
  struct: 'ClaimMappings',
  fields: {
    username: prefixedClaim,
    groups: prefixedClaim,
    uid: { struct: 'ClaimOrExpression', fields: { claim: 'string', expression: 'string' } },
    extra: { list: { struct: 'ExtraMapping', fields: { key: 'string', valueExpression: 'string' } } },
  },
};

/** What files of the kind hold. */
export const authenticationFields: ConfigFields = {
  jwt: {
    list: {
      struct: 'JWTAuthenticator',
      fields: {
        issuer,
        claimValidationRules: {
          list: {
            struct: 'ClaimValidationRule',
            fields: { claim: 'string', requiredValue: 'string', expression: 'string', message: 'string' },
          },
        },
        claimMappings,
        userValidationRules: {
          list: { struct: 'UserValidationRule', fields: { expression: 'string', message: 'string' } },
        },
      },
    },
  },
  anonymous: {
    pointer: {
      struct: 'AnonymousAuthConfig',
      fields: {
        enabled: 'bool',
        conditions: { list: { struct: 'AnonymousAuthCondition', fields: { path: 'string' } } },
      },
    },
  },
};
