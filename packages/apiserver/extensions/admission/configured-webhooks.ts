import type { KubeObject } from '@coxswain/machinery';
import type { ObjectReader } from '../../access/contract.ts';
import type { ClientConfig } from '../webhook/client-config.ts';
import type { Constraints, Rule } from './matcher.ts';
import type { WebhookKind } from './webhook-metrics.ts';

/** admissionregistration's MutatingWebhook and ValidatingWebhook. */
export interface Webhook {
  readonly name: string;
  readonly clientConfig: ClientConfig;
  readonly rules?: readonly Rule[];
  readonly failurePolicy?: string;
  readonly matchPolicy?: string;
  readonly namespaceSelector?: Constraints['namespaceSelector'];
  readonly objectSelector?: Constraints['objectSelector'];
  readonly sideEffects?: string;
  readonly timeoutSeconds?: number;
  readonly admissionReviewVersions: readonly string[];
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
  readonly reinvocationPolicy?: string;
}

/** A webhook with the name of its configuration. */
export interface ConfiguredWebhook {
  readonly webhook: Webhook;
  readonly configuration: string;
  /** Its place among all webhooks of its kind. */
  readonly index: number;
}

const known = new WeakMap<readonly KubeObject[], readonly ConfiguredWebhook[]>();

/** The webhooks of all configurations of a kind, by the names of the configurations, in upstream's order. */
export function webhooksOf(reader: ObjectReader, kind: WebhookKind): readonly ConfiguredWebhook[] {
  const resource = { group: 'admissionregistration.k8s.io', resource: `${kind}webhookconfigurations` };
  const configurations = reader.list(resource, '');
  if (configurations.length === 0) return [];
  let found = known.get(configurations);
  if (found === undefined) {
    found = configurations
      .flatMap((one) =>
        ((one['webhooks'] ?? []) as Webhook[]).map((webhook) => ({
          webhook,
          configuration: one.metadata.name ?? '',
        })),
      )
      .map((one, index) => ({ ...one, index }));
    known.set(configurations, found);
  }
  return found;
}
