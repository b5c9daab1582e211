import { type Clock, goQuote, type Logger, MetricsRegistry, readText } from '@coxswain/machinery';
import type { RequestHeaderOptions } from '../bootstrap/authentication-config-map.ts';
import { aggregate, ConfigFileError, throwFaults } from '../config-file/config-file-error.ts';
import { ReloadMetrics } from '../config-file/reload-metrics.ts';
import { TrustedRoots } from './authentication/front-proxy/verify-chain.ts';
import type { AuthenticationConfig } from './authentication/jwt/configuration.ts';
import { JwtMetrics } from './authentication/jwt/jwt-metrics.ts';
import { JwtTokens } from './authentication/jwt/jwt-tokens.ts';
import { type OidcFlags, oidcConfiguration } from './authentication/jwt/oidc-flags.ts';
import { readAuthenticationConfig } from './authentication/jwt/read-configuration.ts';
import { reloadAuthentication } from './authentication/jwt/reload-configuration.ts';
import { signingAlgorithms } from './authentication/jwt/signature.ts';
import { validateAuthentication } from './authentication/jwt/validate-configuration.ts';
import type { TokenAuthenticator } from './authentication/token.ts';
import { WebhookTokens } from './authentication/webhook-tokens.ts';
import { parsePolicyFile } from './authorization/abac/policy-file.ts';
import { buildLinks, type LinkSources } from './authorization/configuration/authorizer-links.ts';
import type { AuthorizationConfig } from './authorization/configuration/configuration.ts';
import { ReloadedChain } from './authorization/configuration/reloaded-chain.ts';
import { WebhookMetrics } from './authorization/webhook/webhook-metrics.ts';
import type { AnonymousAccess, AuthorizerChain, ExternalAccess } from './external-access.ts';

/** Which outside sources a server asks about users and their rights. */
export interface ExternalAccessOptions {
  readonly requestHeader?: RequestHeaderOptions;
  /** Path of `--authentication-config`. */
  readonly authenticationConfig?: string;
  /** Whether `--anonymous-auth` was given, which then must not be in the file. */
  readonly anonymousGiven: boolean;
  readonly oidc?: OidcFlags;
  readonly tokenWebhook?: {
    readonly configFile: string;
    readonly version: string;
    readonly cacheTtlMs: number;
  };
  /** Path of `--authorization-config`. */
  readonly authorizationConfig?: string;
  /** In order, where no file says; only asked when there is a webhook or a policy file among them. */
  readonly authorizationModes: readonly string[];
  readonly authorizationWebhook?: {
    readonly configFile: string;
    readonly version: string;
    readonly authorizedTtlMs: number;
    readonly unauthorizedTtlMs: number;
  };
  /** Path of `--authorization-policy-file`. */
  readonly policyFile?: string;
  /** Issuers of service account tokens. */
  readonly serviceAccountIssuers: readonly string[];
  /** Audiences of this server. */
  readonly audiences: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/**
 * Reads what the flags name and begins to follow it.
 * @throws {ConfigFileError | KubeconfigError} with upstream's text when something cannot be used
 */
export function createExternalAccess(options: ExternalAccessOptions): ExternalAccess {
  const registry = new MetricsRegistry();
  const closers: (() => void)[] = [];
  const tokens: TokenAuthenticator[] = [];
  checkRequestHeader(options.requestHeader);
  const issuers = openIssuers(options, registry, closers);
  if (issuers.tokens !== undefined) tokens.push(issuers.tokens);
  if (options.tokenWebhook !== undefined) {
    const webhook = openTokenWebhook(options, options.tokenWebhook);
    tokens.push(webhook);
    closers.push(() => webhook.close());
  }
  const authorizers = openAuthorizers(options, registry, closers);
  return {
    ...(options.requestHeader === undefined ? {} : { requestHeader: options.requestHeader }),
    ...(issuers.anonymous === undefined ? {} : { anonymous: issuers.anonymous }),
    tokens,
    ...(authorizers === undefined ? {} : { authorizers }),
    metrics: () => registry.text(),
    close: () => {
      for (const close of closers) close();
    },
  };
}

const blankFlags = {
  usernameHeaders: 'requestheader-username-headers',
  uidHeaders: 'requestheader-uid-headers',
  groupHeaders: 'requestheader-group-headers',
  extraHeaderPrefixes: 'requestheader-extra-headers-prefix',
  allowedNames: 'requestheader-allowed-names',
} as const;

function checkRequestHeader(options: RequestHeaderOptions | undefined): void {
  if (options === undefined) return;
  const blank = Object.entries(blankFlags).flatMap(([name, flag]) =>
    options[name as keyof typeof blankFlags].some((value) => value.trim() === '')
      ? [`empty value in ${goQuote(flag)}`]
      : [],
  );
  if (blank.length > 0) throw new ConfigFileError(aggregate(blank));
  try {
    new TrustedRoots(options.clientCa);
  } catch (error) {
    throw new ConfigFileError(`unable to load client CA provider: ${(error as Error).message}`);
  }
}

interface Issuers {
  readonly tokens?: JwtTokens;
  readonly anonymous?: AnonymousAccess;
}

function openIssuers(
  options: ExternalAccessOptions,
  registry: MetricsRegistry,
  closers: (() => void)[],
): Issuers {
  const { authenticationConfig: path, oidc, audiences, serviceAccountIssuers, clock, logger } = options;
  if (path === undefined && oidc === undefined) return {};
  const text = path === undefined ? '' : readConfig(path);
  const config = oidc === undefined ? loadFile(path as string, text) : oidcConfiguration(oidc);
  if (config.anonymous !== undefined && options.anonymousGiven) {
    throw new ConfigFileError(
      'anonymous: Forbidden: --anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file',
    );
  }
  const { errors, expressions } = validateAuthentication(config, serviceAccountIssuers);
  throwFaults(errors, 'invalid authentication configuration: ');
  const algorithms = oidc?.signingAlgorithms ?? signingAlgorithms;
  for (const name of algorithms) {
    if (!signingAlgorithms.includes(name)) {
      throw new ConfigFileError(`oidc: unsupported signing alg: ${goQuote(name)}`);
    }
  }
  const jwtMetrics = new JwtMetrics(clock, registry);
  const tokens = new JwtTokens({ audiences, algorithms, metrics: jwtMetrics, clock, logger });
  tokens.use(tokens.build(config, expressions));
  closers.push(() => tokens.close());
  if (path !== undefined) {
    const metrics = new ReloadMetrics('authentication', registry, clock);
    metrics.using(text);
    const disallowedIssuers = serviceAccountIssuers;
    closers.push(reloadAuthentication({ path, text, tokens, disallowedIssuers, clock, logger, metrics }));
  }
  return { tokens, ...(config.anonymous === undefined ? {} : { anonymous: anonymousOf(config.anonymous) }) };
}

function readConfig(path: string): string {
  try {
    return readText(path);
  } catch (error) {
    throw loadError(path, (error as Error).message);
  }
}

function loadFile(path: string, text: string): AuthenticationConfig {
  try {
    return readAuthenticationConfig(text);
  } catch (error) {
    throw error instanceof ConfigFileError ? loadError(path, error.message) : error;
  }
}

function loadError(path: string, why: string): ConfigFileError {
  return new ConfigFileError(
    `failed to load authentication configuration from file ${goQuote(path)}: ${why}`,
  );
}

function anonymousOf({
  enabled = false,
  conditions = [],
}: NonNullable<AuthenticationConfig['anonymous']>): AnonymousAccess {
  if (conditions.length === 0) return { enabled };
  return { enabled, paths: new Set(conditions.map(({ path = '' }) => path)) };
}

function openTokenWebhook(
  { audiences, clock, logger, random }: ExternalAccessOptions,
  { configFile, version, cacheTtlMs }: NonNullable<ExternalAccessOptions['tokenWebhook']>,
): WebhookTokens {
  if (version !== 'v1' && version !== 'v1beta1') {
    throw new ConfigFileError(
      `unsupported webhook authenticator version ${goQuote(version)}, supported versions are "v1", "v1beta1"`,
    );
  }
  return new WebhookTokens({ configFile, version, cacheTtlMs, audiences, clock, logger, random });
}

function openAuthorizers(
  options: ExternalAccessOptions,
  registry: MetricsRegistry,
  closers: (() => void)[],
): AuthorizerChain | undefined {
  const { authorizationConfig, authorizationModes, policyFile, clock, logger, random } = options;
  const beyondModes = authorizationModes.includes('Webhook') || authorizationModes.includes('ABAC');
  if (authorizationConfig === undefined && !beyondModes) return undefined;
  const sources: LinkSources = {
    policies: policyFile === undefined ? [] : parsePolicyFile(readText(policyFile), policyFile),
    metrics: new WebhookMetrics(registry),
    clock,
    logger,
    random,
  };
  if (authorizationConfig !== undefined) {
    const metrics = new ReloadMetrics('authorization', registry, clock);
    const chain = new ReloadedChain({ path: authorizationConfig, sources, clock, logger, metrics });
    closers.push(() => chain.close());
    return chain;
  }
  const { links, close } = buildLinks(configurationOfModes(options), [], sources);
  closers.push(close);
  return { links, onChange: () => {} };
}

/** The configuration that the flags stand for: one webhook, whose failures leave the decision to others. */
function configurationOfModes(options: ExternalAccessOptions): AuthorizationConfig {
  const { authorizationModes, authorizationWebhook: webhook } = options;
  return {
    authorizers: authorizationModes.map((type) => {
      if (type !== 'Webhook' || webhook === undefined) return { type, name: type.toLowerCase() };
      return {
        type,
        name: 'default',
        webhook: {
          authorizedTTL: webhook.authorizedTtlMs,
          unauthorizedTTL: webhook.unauthorizedTtlMs,
          timeout: 30_000,
          failurePolicy: 'NoOpinion',
          subjectAccessReviewVersion: webhook.version,
          connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: webhook.configFile },
        },
      };
    }),
  };
}
