import type { ConfigKind, Shape } from '../../config-file/decode-config.ts';

/** apiserver.config.k8s.io WebhookConfiguration; durations in milliseconds. */
export interface WebhookConfig {
  readonly authorizedTTL?: number;
  readonly cacheAuthorizedRequests?: boolean;
  readonly unauthorizedTTL?: number;
  readonly cacheUnauthorizedRequests?: boolean;
  readonly timeout?: number;
  readonly subjectAccessReviewVersion?: string;
  readonly matchConditionSubjectAccessReviewVersion?: string;
  readonly failurePolicy?: string;
  readonly connectionInfo?: { readonly type?: string; readonly kubeConfigFile?: string };
  readonly matchConditions?: readonly { readonly expression?: string }[];
}

/** One authorizer of the chain. */
export interface AuthorizerConfig {
  readonly type?: string;
  readonly name?: string;
  readonly webhook?: WebhookConfig;
}

/** apiserver.config.k8s.io AuthorizationConfiguration. */
export interface AuthorizationConfig {
  readonly authorizers: readonly AuthorizerConfig[];
}

const list = (item: Shape): Shape => ({ list: item });
const struct = (fields: Readonly<Record<string, Shape>>): Shape => ({ fields });

/** The kind as files have it. */
export const authorizationConfiguration: ConfigKind = {
  kind: 'AuthorizationConfiguration',
  versions: ['v1', 'v1beta1', 'v1alpha1'],
  fields: {
    authorizers: list(
      struct({
        type: 'string',
        name: 'string',
        webhook: struct({
          authorizedTTL: 'duration',
          cacheAuthorizedRequests: 'bool',
          unauthorizedTTL: 'duration',
          cacheUnauthorizedRequests: 'bool',
          timeout: 'duration',
          subjectAccessReviewVersion: 'string',
          matchConditionSubjectAccessReviewVersion: 'string',
          failurePolicy: 'string',
          connectionInfo: struct({ type: 'string', kubeConfigFile: 'string' }),
          matchConditions: list(struct({ expression: 'string' })),
        }),
      }),
    ),
  },
};

/** Upstream's defaults. */
const webhookDefaults = {
  authorizedTTL: 300_000,
  cacheAuthorizedRequests: true,
  unauthorizedTTL: 30_000,
  cacheUnauthorizedRequests: true,
} as const satisfies WebhookConfig;

/** A decoded file with defaults. */
export function authorizationConfigOf(decoded: Record<string, any>): AuthorizationConfig {
  return {
    authorizers: (decoded['authorizers'] ?? []).map((one: AuthorizerConfig) =>
      one.webhook === undefined ? one : { ...one, webhook: { ...webhookDefaults, ...one.webhook } },
    ),
  };
}
