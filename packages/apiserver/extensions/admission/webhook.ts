import { declarationsOf } from '@coxswain/cel';
import {
  type Clock,
  decodeJsonPatch,
  goQuote,
  type JsonPatchOperation,
  type KubeObject,
  newBadRequest,
  newForbidden,
  newInternalError,
  newStatusError,
  type Status,
} from '@coxswain/machinery';
import type { AdmissionAttributes, Authorizer, ObjectReader } from '../../access/contract.ts';
import { callWebhook } from '../webhook/call.ts';
import { type ClientConfig, endpointOf } from '../webhook/client-config.ts';
import { shownKind } from '../webhook/shown-kind.ts';
import { admissionRequest, valuesOf } from './environment.ts';
import { compileConditions, evaluateConditions, type MatchCondition } from './match-conditions.ts';
import { type Constraints, matchConstraints, type Rule } from './matcher.ts';
import { whenDecided } from './pending-decision.ts';
import { type MatchedResource, versioned } from './versioned.ts';

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

/** The response of an AdmissionReview. */
export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed?: boolean;
  readonly status?: Partial<Status>;
  readonly patch?: string;
  readonly patchType?: string;
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** What a webhook that did not refuse wants changed. */
export interface Answered {
  readonly operations: readonly JsonPatchOperation[];
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

const known = new WeakMap<readonly KubeObject[], readonly ConfiguredWebhook[]>();

/** The webhooks of all configurations of a kind, by the names of the configurations, in upstream's order. */
export function webhooksOf(
  reader: ObjectReader,
  kind: 'mutating' | 'validating',
): readonly ConfiguredWebhook[] {
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

/** Calls webhooks about requests. */
export class WebhookCaller {
  readonly #sources: WebhookSources;
  readonly #conditions = new WeakMap<object, readonly MatchCondition[]>();

  constructor(sources: WebhookSources) {
    this.#sources = sources;
  }

  /**
   * What a webhook is to be asked about; undefined where it is not.
   * @throws StatusError where its conditions fail and it must be
   */
  async concerned(webhook: Webhook, a: AdmissionAttributes): Promise<AdmissionAttributes | undefined> {
    const matched = this.matches(webhook, a);
    if (matched === undefined) return undefined;
    const shown = await versioned(a, matched);
    const conditions = this.#conditionsOf(webhook);
    if (conditions.length === 0) return shown;
    const outcome = await whenDecided(this.#sources.authorizer, (authorizer) =>
      evaluateConditions(conditions, valuesOf(shown, authorizer, undefined, undefined)),
    );
    if (typeof outcome === 'boolean') return outcome ? shown : undefined;
    if (webhook.failurePolicy === 'Ignore') return undefined;
    throw newForbidden(a.resource, a.name, outcome.error);
  }

  /** Whether rules and selectors of a webhook name a request, and as what. */
  matches(webhook: Webhook, a: AdmissionAttributes): MatchedResource | undefined {
    if ((webhook.rules?.length ?? 0) === 0) return undefined;
    const constraints: Constraints = {
      resourceRules: webhook.rules ?? [],
      ...(webhook.namespaceSelector === undefined ? {} : { namespaceSelector: webhook.namespaceSelector }),
      ...(webhook.objectSelector === undefined ? {} : { objectSelector: webhook.objectSelector }),
      ...(webhook.matchPolicy === undefined ? {} : { matchPolicy: webhook.matchPolicy }),
    };
    return matchConstraints(a, constraints, this.#sources.reader);
  }

  #conditionsOf(webhook: Webhook): readonly MatchCondition[] {
    const { matchConditions } = webhook;
    if (matchConditions === undefined || matchConditions.length === 0) return [];
    let conditions = this.#conditions.get(matchConditions);
    if (conditions === undefined) {
      conditions = compileConditions(matchConditions, declarationsOf({ params: false }));
      this.#conditions.set(matchConditions, conditions);
    }
    return conditions;
  }

  /**
   * Asks a webhook. Undefined where it failed and may.
   * @param a as `concerned` gives it
   * @param failedOpen the key of the audit annotation that tells of a failure which is ignored
   * @param mutates the webhook may answer with a patch
   * @throws StatusError where it refuses, or failed and may not
   */
  async ask(
    webhook: Webhook,
    a: AdmissionAttributes,
    failedOpen: string,
    mutates: boolean,
  ): Promise<Answered | undefined> {
    const { sideEffects } = webhook;
    if (a.dryRun && sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun') {
      throw newBadRequest(`admission webhook ${goQuote(webhook.name)} does not support dry run`);
    }
    let response: AdmissionResponse;
    let operations: JsonPatchOperation[] = [];
    try {
      response = await this.#call(webhook, a, mutates);
      if (mutates && response.allowed === true) operations = operationsOf(response.patch ?? '');
    } catch (error) {
      if (webhook.failurePolicy === 'Ignore') {
        a.audit?.annotate(failedOpen, webhook.name);
        return undefined;
      }
      throw newInternalError(`failed calling webhook ${goQuote(webhook.name)}: ${(error as Error).message}`);
    }
    for (const [key, value] of Object.entries(response.auditAnnotations ?? {})) {
      a.audit?.annotate(`${webhook.name}/${key}`, value);
    }
    for (const text of response.warnings ?? []) a.warn(text);
    if (response.allowed !== true) throw refusal(webhook.name, response.status);
    return { operations };
  }

  async #call(webhook: Webhook, a: AdmissionAttributes, mutates: boolean): Promise<AdmissionResponse> {
    const { reader, clock, uid: newUid, random } = this.#sources;
    // The first one of the list that is known.
    const version = webhook.admissionReviewVersions.find((one) => one === 'v1' || one === 'v1beta1');
    if (version === undefined) {
      throw new Error('webhook does not accept known AdmissionReview versions (v1, v1beta1)');
    }
    const apiVersion = `admission.k8s.io/${version}`;
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
    return checkAnswer(answer, apiVersion, uid, mutates);
  }
}

/** @throws Error when the answer is none */
function checkAnswer(answer: unknown, apiVersion: string, uid: string, mutates: boolean): AdmissionResponse {
  const review = answer as { kind?: string; apiVersion?: string; response?: AdmissionResponse } | null;
  const invalid = (text: string): Error => new Error(`received invalid webhook response: ${text}`);
  const response = review?.response;
  if (response === undefined || response === null) throw invalid('webhook response was absent');
  if (apiVersion !== 'admission.k8s.io/v1') return response;
  if (response.uid !== uid) {
    throw invalid(`expected response.uid=${goQuote(uid)}, got ${goQuote(response.uid ?? '')}`);
  }
  if (review?.kind !== 'AdmissionReview' || review.apiVersion !== apiVersion) {
    const got = shownKind(review?.apiVersion, review?.kind);
    throw invalid(`expected webhook response of ${apiVersion}, Kind=AdmissionReview, got ${got}`);
  }
  if (mutates) {
    const fault = patchFault(response);
    if (fault !== undefined) throw invalid(fault);
  }
  return response;
}

function patchFault({ patch = '', patchType }: AdmissionResponse): string | undefined {
  if (patch !== '' && patchType == null) return 'webhook returned response.patch but not response.patchType';
  if (patch === '' && patchType != null) return 'webhook returned response.patchType but not response.patch';
  if (patchType != null && patchType !== 'JSONPatch') {
    return `webhook returned invalid response.patchType of ${goQuote(patchType)}`;
  }
  return undefined;
}

/** @throws Error when a patch in base64 is none */
function operationsOf(patch: string): JsonPatchOperation[] {
  if (patch === '') return [];
  try {
    return decodeJsonPatch(JSON.parse(Buffer.from(patch, 'base64').toString('utf8')));
  } catch (error) {
    throw new Error(`received undecodable patch in webhook response: ${(error as Error).message}`);
  }
}

/** A refusal in the webhook's own words. */
function refusal(name: string, status: Partial<Status> | undefined): Error {
  const by = `admission webhook ${goQuote(name)} denied the request`;
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
