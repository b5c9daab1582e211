import type { Transport } from '@coxswain/client';
import type { Logger, MetricsRegistry } from '@coxswain/machinery';
import type { AdmissionConfig } from './admission/configuration/admission-config.ts';
import type { TolerationSeconds } from './admission/default-toleration-seconds.ts';
import type { UserInfo } from './contract.ts';
import type { BuiltInMode, ExternalAccess } from './external-access.ts';

export type AuthorizationMode = BuiltInMode;

/** Keys and names of service account tokens. */
export interface ServiceAccountOptions {
  /** `--service-account-issuer`: the first one issues, all are accepted. */
  readonly issuers: readonly string[];
  /** `--api-audiences`; the issuers when empty. */
  readonly audiences: readonly string[];
  /** `--service-account-signing-key-file`: the private key as PEM. */
  readonly signingKey: string;
  /** `--service-account-key-file`: PEMs that verify; the signing key's public half when empty. */
  readonly verificationKeys: readonly string[];
  /** `--service-account-extend-token-expiration`. */
  readonly extendExpiration: boolean;
  /** `--service-account-max-token-expiration` in seconds; 0: no limit. */
  readonly maxExpirationSeconds: number;
  /** `--service-account-jwks-uri`; `''`: derived from `serverUrl`. */
  readonly jwksUri: string;
}

/** How a server decides who may do what. */
export interface AccessOptions {
  /** In order; the chain of `external` takes their place. */
  readonly authorizationModes: readonly AuthorizationMode[];
  readonly anonymousAuth: boolean;
  /** `--token-auth-file`, already parsed (`parseTokenFile`). */
  readonly staticTokens: ReadonlyMap<string, UserInfo>;
  /** `--enable-bootstrap-token-auth`. */
  readonly bootstrapTokens: boolean;
  readonly serviceAccounts: ServiceAccountOptions;
  /** Issuers, webhooks and files that are asked besides; absent: none. The server closes it. */
  readonly external?: ExternalAccess;
  /** PEM by which clients' certificates are verified; absent or `''`: none is. Told apart from a front proxy's. */
  readonly clientCa?: string;
  /** Besides the default ones. */
  readonly enableAdmissionPlugins: readonly string[];
  /** Of the default ones. */
  readonly disableAdmissionPlugins: readonly string[];
  /** What plugins work by where it is not as upstream has it. */
  readonly admission?: AdmissionConfig;
  /** `--default-not-ready-toleration-seconds` and its like; absent: five minutes. */
  readonly tolerationSeconds?: TolerationSeconds;
  /** `https://ADDRESS:PORT` under which others reach the server. */
  readonly serverUrl: string;
  /** For what admission itself writes (quota use); asked for at the first such write. */
  readonly transport: () => Transport;
  readonly logger: Logger;
  /** Where what is let in is counted; absent: nowhere. */
  readonly metrics?: MetricsRegistry;
}
