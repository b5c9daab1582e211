import { parseGoDuration } from '@coxswain/machinery';
import type { ConfigFields } from '../../../config-file/config-type.ts';

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

const webhookFields = {
  authorizedTTL: 'duration',
  cacheAuthorizedRequests: { pointer: 'bool' },
  unauthorizedTTL: 'duration',
  cacheUnauthorizedRequests: { pointer: 'bool' },
  timeout: 'duration',
  subjectAccessReviewVersion: 'string',
  matchConditionSubjectAccessReviewVersion: 'string',
  failurePolicy: 'string',
  connectionInfo: {
    struct: 'WebhookConnectionInfo',
    fields: { type: 'string', kubeConfigFile: { pointer: 'string' } },
  },
  matchConditions: { list: { struct: 'WebhookMatchCondition', fields: { expression: 'string' } } },
} as const satisfies ConfigFields;

/** What files of the kind hold. */
export const authorizationFields: ConfigFields = {
  authorizers: {
    list: {
      struct: 'AuthorizerConfiguration',
      fields: {
        type: 'string',
        name: 'string',
        webhook: { pointer: { struct: 'WebhookConfiguration', fields: webhookFields } },
      },
    },
  },
};

/** Upstream's defaults, milliseconds. */
const defaultTtl = { authorizedTTL: 300_000, unauthorizedTTL: 30_000 } as const;

/** A decoded file with defaults. */
export function authorizationConfigOf({
  authorizers = [],
}: Readonly<Record<string, any>>): AuthorizationConfig {
  return {
    authorizers: authorizers.map(({ webhook, ...one }: Record<string, any>) =>
      webhook === undefined ? one : { ...one, webhook: webhookOf(webhook) },
    ),
  };
}

function webhookOf(decoded: Record<string, any>): WebhookConfig {
  const { authorizedTTL = '0', unauthorizedTTL = '0', timeout = '0', ...rest } = decoded;
  return {
    cacheAuthorizedRequests: true,
    cacheUnauthorizedRequests: true,
    ...rest,
    authorizedTTL: parseGoDuration(authorizedTTL) || defaultTtl.authorizedTTL,
    unauthorizedTTL: parseGoDuration(unauthorizedTTL) || defaultTtl.unauthorizedTTL,
    timeout: parseGoDuration(timeout),
  };
}
