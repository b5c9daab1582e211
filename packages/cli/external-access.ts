import { type ExternalAccess, type ExternalAccessOptions, loadExternalAccess } from '@coxswain/apiserver';
import { type Logger, systemClock } from '@coxswain/machinery';
import { accessFlags } from './access-flags.ts';
import { CliError } from './cli-error.ts';
import { fileOf, readText } from './flag-files.ts';
import type { Flags } from './flags.ts';

/** What the flags do not say. */
export interface ExternalAccessSources {
  readonly serviceAccountIssuers: readonly string[];
  /** Audiences of this server. */
  readonly audiences: readonly string[];
  readonly logger: Logger;
}

const modes: readonly string[] = ['AlwaysAllow', 'AlwaysDeny', 'ABAC', 'Webhook', 'RBAC', 'Node'];

/**
 * What the flags name outside the server; undefined when they name nothing.
 * @throws {CliError} with upstream's text when they contradict each other or name what cannot be used
 */
export async function externalAccess(
  flags: Flags,
  sources: ExternalAccessSources,
): Promise<ExternalAccess | undefined> {
  const faults = [...authenticationFaults(flags), ...authorizationFaults(flags)];
  if (faults.length > 0)
    throw new CliError(`error: ${faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`}`);
  const requestHeader = requestHeaderOf(flags);
  const oidc = oidcOf(flags);
  const tokenWebhook = tokenWebhookOf(flags);
  const authenticationConfig = flags.string('authentication-config');
  const authorizationConfig = flags.string('authorization-config');
  const authorizationModes = flags.strings('authorization-mode');
  const plainModes = !authorizationModes.some((mode) => mode === 'Webhook' || mode === 'ABAC');
  const named = [requestHeader, oidc, tokenWebhook, authenticationConfig, authorizationConfig];
  if (plainModes && named.every((one) => one === undefined)) return undefined;
  const policyFile = flags.string('authorization-policy-file');
  const webhook = authorizationWebhookOf(flags);
  try {
    return await loadExternalAccess({
      ...sources,
      ...(requestHeader === undefined ? {} : { requestHeader }),
      ...(oidc === undefined ? {} : { oidc }),
      ...(tokenWebhook === undefined ? {} : { tokenWebhook }),
      ...(authenticationConfig === undefined ? {} : { authenticationConfig }),
      ...(authorizationConfig === undefined ? {} : { authorizationConfig }),
      ...(webhook === undefined ? {} : { authorizationWebhook: webhook }),
      ...(policyFile === undefined ? {} : { policyFile }),
      authorizationModes,
      anonymousGiven: flags.has('anonymous-auth'),
      clock: systemClock,
      random: Math.random,
    });
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    throw new CliError(`error: ${error.message}`, 1, { cause: error });
  }
}

const given = (flags: Flags, prefix: string): boolean =>
  Object.keys(accessFlags).some((name) => name.startsWith(prefix) && flags.has(name));

function authenticationFaults(flags: Flags): string[] {
  const oidc = given(flags, 'oidc-');
  if (flags.has('authentication-config')) {
    return oidc ? ['authentication-config file and oidc-* flags are mutually exclusive'] : [];
  }
  if (oidc && (flags.string('oidc-issuer-url') === '' || flags.string('oidc-client-id') === '')) {
    return ['oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set'];
  }
  return [];
}

function authorizationFaults(flags: Flags): string[] {
  if (flags.has('authorization-config')) {
    const legacy = flags.has('authorization-mode') || given(flags, 'authorization-webhook-');
    const text =
      '--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined';
    return legacy ? [text] : [];
  }
  const wanted = flags.strings('authorization-mode');
  const faults = wanted.length === 0 ? ['at least one authorization-mode must be passed'] : [];
  const policies = flags.has('authorization-policy-file');
  const webhook = flags.has('authorization-webhook-config-file');
  for (const mode of wanted) {
    if (!modes.includes(mode)) faults.push(`authorization-mode "${mode}" is not a valid mode`);
    if (mode === 'ABAC' && !policies) {
      faults.push("authorization-mode ABAC's authorization policy file not passed");
    }
    if (mode === 'Webhook' && !webhook) {
      faults.push("authorization-mode Webhook's authorization config file not passed");
    }
  }
  if (policies && !wanted.includes('ABAC')) {
    faults.push('cannot specify --authorization-policy-file without mode ABAC');
  }
  if (webhook && !wanted.includes('Webhook')) {
    faults.push('cannot specify --authorization-webhook-config-file without mode Webhook');
  }
  if (new Set(wanted).size !== wanted.length) {
    const list = wanted.map((mode) => `"${mode}"`).join(' ');
    faults.push(`authorization-mode [${list}] has mode specified more than once`);
  }
  return faults;
}

function requestHeaderOf(flags: Flags): ExternalAccessOptions['requestHeader'] {
  const clientCa = fileOf(flags, 'requestheader-client-ca-file');
  if (clientCa === undefined) return undefined;
  return {
    clientCa,
    allowedNames: flags.strings('requestheader-allowed-names'),
    usernameHeaders: flags.strings('requestheader-username-headers'),
    uidHeaders: flags.strings('requestheader-uid-headers'),
    groupHeaders: flags.strings('requestheader-group-headers'),
    extraHeaderPrefixes: flags.strings('requestheader-extra-headers-prefix'),
  };
}

function oidcOf(flags: Flags): ExternalAccessOptions['oidc'] {
  const text = (name: keyof typeof accessFlags): string => flags.string(name) as string;
  const issuerUrl = text('oidc-issuer-url');
  if (issuerUrl === '') return undefined;
  const ca = flags.string('oidc-ca-file');
  return {
    issuerUrl,
    clientId: text('oidc-client-id'),
    usernameClaim: text('oidc-username-claim'),
    usernamePrefix: text('oidc-username-prefix'),
    groupsClaim: text('oidc-groups-claim'),
    groupsPrefix: text('oidc-groups-prefix'),
    requiredClaims: requiredClaims(flags.values('oidc-required-claim')),
    ...(ca === undefined ? {} : { ca: readText(ca, '--oidc-ca-file') }),
    signingAlgorithms: flags.strings('oidc-signing-algs'),
  };
}

/** Commas are part of a value. */
function requiredClaims(pairs: readonly string[]): Record<string, string> {
  const claims: Record<string, string> = {};
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals < 0) {
      throw new CliError(
        `error: invalid argument "${pair}" for "--oidc-required-claim" flag: malformed pair, expect string=string`,
      );
    }
    claims[pair.slice(0, equals).trim()] = pair.slice(equals + 1).trim();
  }
  return claims;
}

function tokenWebhookOf(flags: Flags): ExternalAccessOptions['tokenWebhook'] {
  const configFile = flags.string('authentication-token-webhook-config-file');
  if (configFile === undefined) return undefined;
  return {
    configFile,
    version: flags.string('authentication-token-webhook-version') as string,
    cacheTtlMs: flags.duration('authentication-token-webhook-cache-ttl') as number,
  };
}

function authorizationWebhookOf(flags: Flags): ExternalAccessOptions['authorizationWebhook'] {
  const configFile = flags.string('authorization-webhook-config-file');
  if (configFile === undefined) return undefined;
  return {
    configFile,
    version: flags.string('authorization-webhook-version') as string,
    authorizedTtlMs: flags.duration('authorization-webhook-cache-authorized-ttl') as number,
    unauthorizedTtlMs: flags.duration('authorization-webhook-cache-unauthorized-ttl') as number,
  };
}
