import type { EventLimit } from '../event-rate-limit.ts';
import type { ImagePolicyConfig } from '../image-policy-webhook.ts';
import type { PodNodeSelectorConfig } from '../pod-node-selector.ts';
import type { PodSecurityConfig } from '../pod-security/configuration.ts';
import type { PodTolerationConfig } from '../pod-toleration-restriction.ts';
import type { LimitedResource } from '../resource-quota/limited-resources.ts';
import type { WebhookCredentials } from './webhook-credentials.ts';

/** What `--admission-control-config-file` says of plugins; absent parts are as upstream has them. */
export interface AdmissionConfig {
  readonly podSecurity?: PodSecurityConfig;
  readonly podNodeSelector?: PodNodeSelectorConfig;
  readonly podTolerations?: PodTolerationConfig;
  readonly eventLimits?: readonly EventLimit[];
  readonly imagePolicy?: ImagePolicyConfig;
  readonly limitedResources?: readonly LimitedResource[];
  readonly mutatingWebhookCredentials?: WebhookCredentials;
  readonly validatingWebhookCredentials?: WebhookCredentials;
}
