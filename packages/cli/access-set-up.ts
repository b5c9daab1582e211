import {
  type ApiServerOptions,
  type AuthorizationMode,
  parseTokenFile,
  type UserInfo,
} from '@coxswain/apiserver';
import type { Logger } from '@coxswain/machinery';
import type { PkiDir } from '@coxswain/pki';
import { admissionConfig, admissionFromFlags } from './admission-flags.ts';
import { externalAccess } from './external-access.ts';
import { fileOf, readText } from './flag-files.ts';
import type { Flags } from './flags.ts';

const defaultIssuer = 'https://kubernetes.default.svc.cluster.local';

/** What of access is read from files, or is outside of the process. */
export async function accessSources(
  flags: Flags,
  logger: Logger,
): Promise<Pick<ApiServerOptions['access'], 'admission' | 'external'>> {
  const external = await externalAccess(flags, { ...tokenNames(flags), logger });
  const admission = await admissionConfig(flags);
  return {
    ...(admission === undefined ? {} : { admission }),
    ...(external === undefined ? {} : { external }),
  };
}

/** Who is known and what they may, as flags say. */
export function accessFromFlags(flags: Flags, pki: PkiDir, logger: Logger): ApiServerOptions['access'] {
  return {
    authorizationModes: flags.strings('authorization-mode') as readonly AuthorizationMode[],
    anonymousAuth: anonymousAuth(flags, logger),
    staticTokens: staticTokens(flags),
    bootstrapTokens: flags.bool('enable-bootstrap-token-auth'),
    serviceAccounts: {
      issuers: tokenNames(flags).serviceAccountIssuers,
      audiences: flags.strings('api-audiences'),
      signingKey: serviceAccountKey(flags, pki),
      verificationKeys: flags
        .strings('service-account-key-file')
        .map((path) => readText(path, 'cannot read --service-account-key-file')),
      extendExpiration: flags.bool('service-account-extend-token-expiration'),
      maxExpirationSeconds: Math.floor(
        (flags.duration('service-account-max-token-expiration') as number) / 1000,
      ),
      jwksUri: flags.string('service-account-jwks-uri') as string,
    },
    ...admissionFromFlags(flags),
  };
}

/** PEM of the key that signs service accounts' tokens. */
export function serviceAccountKey(flags: Flags, pki: PkiDir): string {
  return fileOf(flags, 'service-account-signing-key-file') ?? pki.signingKey('sa');
}

/** Who issues service accounts' tokens, and whom tokens are for. */
function tokenNames(flags: Flags): {
  serviceAccountIssuers: readonly string[];
  audiences: readonly string[];
} {
  const given = flags.strings('service-account-issuer');
  const serviceAccountIssuers = given.length > 0 ? given : [defaultIssuer];
  const audiences = flags.strings('api-audiences');
  return { serviceAccountIssuers, audiences: audiences.length > 0 ? audiences : serviceAccountIssuers };
}

/** Whoever may do everything must have a name. */
function anonymousAuth(flags: Flags, logger: Logger): boolean {
  if (!flags.bool('anonymous-auth')) return false;
  if (!flags.strings('authorization-mode').includes('AlwaysAllow')) return true;
  logger.warn(
    'AnonymousAuth is not allowed with the AlwaysAllow authorizer. Resetting AnonymousAuth to false. You should use a different authorizer',
  );
  return false;
}

function staticTokens(flags: Flags): ReadonlyMap<string, UserInfo> {
  const text = fileOf(flags, 'token-auth-file');
  return text === undefined ? new Map() : parseTokenFile(text);
}
