import type { Expression } from '@coxswain/cel';
import { type Clock, goQuote, type Logger } from '@coxswain/machinery';
import { ConfigFileError } from '../../../config-file/config-file-error.ts';
import type { BuiltInMode, ChainLink } from '../../external-access.ts';
import { ReviewClient } from '../../remote/review-client.ts';
import { AbacAuthorizer } from '../abac/abac-authorizer.ts';
import type { AbacPolicy } from '../abac/policy-file.ts';
import { WebhookAuthorizer } from '../webhook/webhook-authorizer.ts';
import type { WebhookMetrics } from '../webhook/webhook-metrics.ts';
import type { AuthorizationConfig, WebhookConfig } from './configuration.ts';

export interface LinkSources {
  readonly policies: readonly AbacPolicy[];
  readonly metrics: WebhookMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/** Authorizers of one configuration, and what closes their connections. */
export interface AuthorizerLinks {
  readonly links: readonly ChainLink[];
  close(): void;
}

/**
 * Builds the chain of a valid configuration.
 * @throws {ConfigFileError | KubeconfigError} when a webhook's kubeconfig cannot be used
 */
export function buildLinks(
  config: AuthorizationConfig,
  conditions: readonly (readonly Expression[])[],
  sources: LinkSources,
): AuthorizerLinks {
  const webhooks: WebhookAuthorizer[] = [];
  const links = config.authorizers.map(({ type, name = '', webhook = {} }, i): ChainLink => {
    if (type === 'ABAC') return { type, authorizer: new AbacAuthorizer(sources.policies) };
    if (type !== 'Webhook') return { type: type as BuiltInMode };
    const authorizer = buildWebhook(name, webhook, conditions[i] ?? [], sources);
    webhooks.push(authorizer);
    return { type, name, authorizer };
  });
  return {
    links,
    close: () => {
      for (const webhook of webhooks) webhook.close();
    },
  };
}

function buildWebhook(
  name: string,
  config: WebhookConfig,
  matchConditions: readonly Expression[],
  { metrics, clock, logger, random }: LinkSources,
): WebhookAuthorizer {
  const { subjectAccessReviewVersion: version = '', connectionInfo = {}, timeout, failurePolicy } = config;
  if (version !== 'v1' && version !== 'v1beta1') {
    throw new ConfigFileError(
      `unsupported webhook authorizer version ${goQuote(version)}, supported versions are "v1", "v1beta1"`,
    );
  }
  if (connectionInfo.type !== 'KubeConfigFile') {
    throw new ConfigFileError(
      `unknown authorization webhook connection info type ${connectionInfo.type} specified`,
    );
  }
  return new WebhookAuthorizer({
    name,
    client: ReviewClient.fromFile(connectionInfo.kubeConfigFile ?? '', clock, timeout),
    version,
    authorizedTtlMs: config.cacheAuthorizedRequests === false ? 0 : (config.authorizedTTL ?? 0),
    unauthorizedTtlMs: config.cacheUnauthorizedRequests === false ? 0 : (config.unauthorizedTTL ?? 0),
    decisionOnError: failurePolicy === 'Deny' ? 'deny' : 'no-opinion',
    matchConditions,
    metrics,
    clock,
    logger,
    random,
  });
}
