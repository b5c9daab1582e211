import { declarationsOf } from '@coxswain/cel';
import {
  type Clock,
  type KubeObject,
  newBadRequest,
  newInternalError,
  newStatusError,
  type Status,
} from '@coxswain/machinery';
import type { AdmissionAttributes, Authorizer, ObjectReader } from '../../access/contract.ts';
import { callWebhook } from '../webhook/call.ts';
import { type ClientConfig, endpointOf } from '../webhook/client-config.ts';
import { admissionRequest, valuesOf } from './environment.ts';
import { compileConditions, evaluateConditions, type MatchCondition } from './match-conditions.ts';
import { type Constraints, matchesConstraints, type Rule } from './matcher.ts';

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

/** The response of an AdmissionReview. */
export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed?: boolean;
  readonly status?: Partial<Status>;
  readonly patch?: string;
  readonly patchType?: string;
  readonly warnings?: readonly string[];
}

export interface WebhookSources {
  readonly reader: ObjectReader;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly uid: () => string;
  readonly random: () => number;
}

const defaultTimeoutSeconds = 10;
const optionKinds: Readonly<Record<string, string>> = {
  CREATE: 'CreateOptions',
  UPDATE: 'UpdateOptions',
  DELETE: 'DeleteOptions',
};

/** The webhooks of all configurations of a kind, by the names of the configurations, in upstream's order. */
export function webhooksOf(reader: ObjectReader, kind: 'mutating' | 'validating'): readonly Webhook[] {
  const resource = { group: 'admissionregistration.k8s.io', resource: `${kind}webhookconfigurations` };
  return reader.list(resource, '').flatMap((one: KubeObject) => (one['webhooks'] ?? []) as Webhook[]);
}

/** Calls webhooks about requests. */
export class WebhookCaller {
  readonly #sources: WebhookSources;
  readonly #conditions = new WeakMap<object, readonly MatchCondition[]>();

  constructor(sources: WebhookSources) {
    this.#sources = sources;
  }

  /** Whether a webhook is to be asked. @throws StatusError where its conditions fail and it must be */
  concerns(webhook: Webhook, a: AdmissionAttributes): boolean {
    const { reader, authorizer } = this.#sources;
    const constraints: Constraints = {
      resourceRules: webhook.rules ?? [],
      ...(webhook.namespaceSelector === undefined ? {} : { namespaceSelector: webhook.namespaceSelector }),
      ...(webhook.objectSelector === undefined ? {} : { objectSelector: webhook.objectSelector }),
      ...(webhook.matchPolicy === undefined ? {} : { matchPolicy: webhook.matchPolicy }),
    };
    if ((webhook.rules?.length ?? 0) === 0 || !matchesConstraints(a, constraints, reader)) return false;
    const conditions = this.#conditionsOf(webhook);
    if (conditions.length === 0) return true;
    const matched = evaluateConditions(conditions, valuesOf(a, authorizer, undefined, undefined));
    if (typeof matched === 'boolean') return matched;
    if (webhook.failurePolicy === 'Ignore') return false;
    throw newStatusError({
      code: 403,
      reason: 'Forbidden',
      message: `${a.resource.resource} ${JSON.stringify(a.name)} is forbidden: ${matched.error}`,
      details: { name: a.name, kind: a.resource.resource },
    });
  }

  #conditionsOf(webhook: Webhook): readonly MatchCondition[] {
    const { matchConditions } = webhook;
    if (matchConditions === undefined || matchConditions.length === 0) return [];
    let conditions = this.#conditions.get(matchConditions);
    if (conditions === undefined) {
      conditions = compileConditions(matchConditions, declarationsOf({ params: false, namespace: false }));
      this.#conditions.set(matchConditions, conditions);
    }
    return conditions;
  }

  /**
   * Asks a webhook. Undefined where it failed and may.
   * @throws StatusError where it refuses, or failed and may not
   */
  async ask(webhook: Webhook, a: AdmissionAttributes): Promise<AdmissionResponse | undefined> {
    const { sideEffects } = webhook;
    if (a.dryRun && sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun') {
      throw newBadRequest(`admission webhook ${JSON.stringify(webhook.name)} does not support dry run`);
    }
    let response: AdmissionResponse;
    try {
      response = await this.#call(webhook, a);
    } catch (error) {
      if (webhook.failurePolicy === 'Ignore') return undefined;
      throw newInternalError(
        `failed calling webhook ${JSON.stringify(webhook.name)}: ${(error as Error).message}`,
      );
    }
    for (const text of response.warnings ?? []) a.warn(text);
    if (response.allowed !== true) throw refusal(webhook.name, response.status);
    return response;
  }

  async #call(webhook: Webhook, a: AdmissionAttributes): Promise<AdmissionResponse> {
    const { reader, clock, uid: newUid, random } = this.#sources;
    const apiVersion = webhook.admissionReviewVersions.includes('v1')
      ? 'admission.k8s.io/v1'
      : 'admission.k8s.io/v1beta1';
    const uid = newUid();
    const kind = optionKinds[a.operation];
    const request = {
      uid,
      ...admissionRequest(a),
      object: a.object ?? null,
      oldObject: a.oldObject ?? null,
      options: kind === undefined ? null : { kind, apiVersion: 'meta.k8s.io/v1', ...a.options },
    };
    const timeoutMs = (webhook.timeoutSeconds ?? defaultTimeoutSeconds) * 1000;
    const endpoint = endpointOf(webhook.clientConfig, reader, random);
    const answer = await callWebhook(
      endpoint,
      { kind: 'AdmissionReview', apiVersion, request },
      timeoutMs,
      clock,
    );
    return checkAnswer(answer, apiVersion, uid);
  }
}

function checkAnswer(answer: unknown, apiVersion: string, uid: string): AdmissionResponse {
  const review = answer as { kind?: string; apiVersion?: string; response?: AdmissionResponse } | null;
  if (review?.kind !== 'AdmissionReview' || review.apiVersion !== apiVersion) {
    throw new Error(
      `received invalid webhook response: expected webhook response of ${apiVersion}, Kind=AdmissionReview, got ${review?.apiVersion ?? ''}, Kind=${review?.kind ?? ''}`,
    );
  }
  const { response } = review;
  if (response === undefined || response === null) throw new Error('webhook response was absent');
  if (response.uid !== uid && apiVersion === 'admission.k8s.io/v1') {
    throw new Error(
      `received invalid webhook response: expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`,
    );
  }
  if ((response.patch?.length ?? 0) > 0 && response.patchType !== 'JSONPatch') {
    throw new Error(
      `received invalid webhook response: webhook returned response.patch but not response.patchType`,
    );
  }
  return response;
}

/** A refusal in the webhook's own words. */
function refusal(name: string, status: Partial<Status> | undefined): Error {
  const by = `admission webhook ${JSON.stringify(name)} denied the request`;
  const { message = '', reason = '', code = 0, details } = status ?? {};
  const text =
    message !== '' ? `${by}: ${message}` : reason !== '' ? `${by}: ${reason}` : `${by} without explanation`;
  return newStatusError({
    code: Math.max(code, 400),
    reason: reason as Status['reason'] & string,
    message: text,
    ...(details === undefined ? {} : { details }),
  });
}
