import type { AuthenticationConfig } from './configuration.ts';

/** The flags `--oidc-...`. */
export interface OidcFlags {
  readonly issuerUrl: string;
  readonly clientId: string;
  readonly usernameClaim: string;
  /** `''`: the issuer's URL and `#`, except for claim `email`; `-`: none. */
  readonly usernamePrefix: string;
  readonly groupsClaim: string;
  readonly groupsPrefix: string;
  readonly requiredClaims: Readonly<Record<string, string>>;
  /** PEM; absent: the system's roots. */
  readonly ca?: string;
  readonly signingAlgorithms: readonly string[];
}

/** The configuration that the flags stand for. */
export function oidcConfiguration(flags: OidcFlags): AuthenticationConfig {
  const { issuerUrl, clientId, usernameClaim, groupsClaim, groupsPrefix, requiredClaims, ca } = flags;
  const rules = Object.entries(requiredClaims).map(([claim, requiredValue]) => ({ claim, requiredValue }));
  return {
    jwt: [
      {
        issuer: {
          url: issuerUrl,
          audiences: [clientId],
          ...(ca === undefined ? {} : { certificateAuthority: ca }),
        },
        claimMappings: {
          username: { claim: usernameClaim, prefix: usernamePrefix(flags) },
          ...(groupsClaim === '' ? {} : { groups: { claim: groupsClaim, prefix: groupsPrefix } }),
        },
        ...(rules.length === 0 ? {} : { claimValidationRules: rules }),
      },
    ],
  };
}

function usernamePrefix({ issuerUrl, usernameClaim, usernamePrefix: prefix }: OidcFlags): string {
  if (prefix === '-') return '';
  return prefix === '' && usernameClaim !== 'email' ? `${issuerUrl}#` : prefix;
}
