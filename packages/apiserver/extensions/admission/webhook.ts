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
  type StatusError,
} from '@coxswain/machinery';
import type { WebhookCredentials } from '../../access/admission/configuration/webhook-credentials.ts';
import type { AdmissionAttributes, Authorizer, ObjectReader } from '../../access/contract.ts';
import { callWebhook, WebhookAnswerError } from '../webhook/call.ts';
import { type ClientConfig, endpointOf } from '../webhook/client-config.ts';
import { shownKind } from '../webhook/shown-kind.ts';
import { admissionRequest, valuesOf } from './environment.ts';
import { compileConditions, evaluateConditions, type MatchCondition } from './match-conditions.ts';
import { type Constraints, matchConstraints, type Rule } from './matcher.ts';
import { whenDecided } from './pending-decision.ts';
import { type MatchedResource, versioned } from './versioned.ts';
import type { CallOutcome, WebhookKind, WebhookMetrics } from './webhook-metrics.ts';

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

export interface WebhookSources {
  readonly reader: ObjectReader;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly uid: () => string;
  readonly random: () => number;
  /** Absent: calls are not counted. */
  readonly metrics?: WebhookMetrics | undefined;
  /** As whom a webhook is called, by `HOST:PORT`; absent: as nobody. */
  readonly credentials?: WebhookCredentials | undefined;
}

/** One call of a webhook. */
export interface Asking {
  readonly webhook: Webhook;
  readonly kind: WebhookKind;
  /** The request as `concerned` gives it. */
  readonly shown: AdmissionAttributes;
  /** The end of the keys of audit annotations about it. */
  readonly suffix: string;
  /** Makes the changes that a mutating webhook wants. */
  readonly apply?: (patch: readonly JsonPatchOperation[]) => Promise<void>;
}

const defaultTimeoutSeconds = 10;
const httpsPort = 443;

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

/** What a call is counted as that could not be made. */
const unavailable = 503;
const served: CallOutcome = { code: 200 };
const internalFault: CallOutcome = { code: 0, refusal: 'apiserver_internal_error' };

/** A request is refused by what a call came to. */
class CallFailure extends Error {
  override readonly name = 'CallFailure';
  readonly code = 'WEBHOOK_CALL_FAILED';
  override readonly cause: StatusError;
  readonly outcome: CallOutcome;

  constructor(cause: StatusError, outcome: CallOutcome) {
    super(cause.message);
    this.cause = cause;
    this.outcome = outcome;
  }
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
   * Asks a webhook, whose failure goes unnoticed where its policy says so.
   * @throws StatusError where it refuses, or failed and may not
   */
  async ask(asking: Asking): Promise<void> {
    const { webhook, kind, shown } = asking;
    const { clock, metrics } = this.#sources;
    const began = clock.monotonic();
    const told = (outcome: CallOutcome): void =>
      metrics?.called(webhook.name, kind, shown.operation, outcome, clock.monotonic() - began);
    try {
      told(await this.#ask(asking));
    } catch (error) {
      const outcome = error instanceof CallFailure ? error.outcome : internalFault;
      told(outcome);
      throw error instanceof CallFailure ? error.cause : error;
    }
  }

  /** @throws {CallFailure} where the webhook refuses, or failed and may not */
  async #ask(asking: Asking): Promise<CallOutcome> {
    const { webhook, kind, shown, suffix, apply } = asking;
    const { name, sideEffects } = webhook;
    if (shown.dryRun && sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun') {
      throw newBadRequest(`admission webhook ${goQuote(name)} does not support dry run`);
    }
    let response: AdmissionResponse;
    let patch: JsonPatchOperation[] = [];
    try {
      response = await this.#call(webhook, shown, kind);
      if (kind === 'mutating' && response.allowed === true) patch = operationsOf(response.patch ?? '');
    } catch (error) {
      const code = error instanceof WebhookAnswerError ? error.status : unavailable;
      if (webhook.failurePolicy === 'Ignore') {
        shown.audit?.annotate(`failed-open.${kind}.webhook.admission.k8s.io/${suffix}`, name);
        return { code, failedOpen: true };
      }
      throw new CallFailure(
        newInternalError(`failed calling webhook ${goQuote(name)}: ${(error as Error).message}`),
        { code, refusal: 'calling_webhook_error' },
      );
    }
    for (const [key, value] of Object.entries(response.auditAnnotations ?? {})) {
      shown.audit?.annotate(`${name}/${key}`, value);
    }
    for (const text of response.warnings ?? []) shown.warn(text);
    if (response.allowed !== true) {
      const refused = refusal(name, response.status);
      throw new CallFailure(refused, { code: refused.status.code ?? 0, refusal: 'no_error' });
    }
    if (patch.length > 0) await apply?.(patch);
    return served;
  }

  async #call(webhook: Webhook, a: AdmissionAttributes, kind: WebhookKind): Promise<AdmissionResponse> {
    const { reader, clock, uid: newUid, random, credentials } = this.#sources;
    // The first one of the list that is known.
    const version = webhook.admissionReviewVersions.find((one) => one === 'v1' || one === 'v1beta1');
    if (version === undefined) {
      throw new Error('webhook does not accept known AdmissionReview versions (v1, v1beta1)');
    }
    const apiVersion = `admission.k8s.io/${version}`;
    const uid = newUid();
    const request = {
      uid,
      ...admissionRequest(a),
      object: a.object ?? null,
      oldObject: a.oldObject ?? null,
    };
    const timeoutMs = (webhook.timeoutSeconds ?? defaultTimeoutSeconds) * 1000;
    const endpoint = endpointOf(webhook.clientConfig, reader, random);
    const review = { kind: 'AdmissionReview', apiVersion, request };
    const began = clock.monotonic();
    let answer: unknown;
    try {
      const { hostname, port } = endpoint.url;
      const as = await credentials?.of(`${hostname}:${port || httpsPort}`, clock);
      answer = await callWebhook(endpoint, review, timeoutMs, clock, as);
    } finally {
      a.audit?.spent(`${kind}-webhook`, clock.monotonic() - began);
    }
    return checkAnswer(answer, apiVersion, uid, kind === 'mutating');
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
function refusal(name: string, status: Partial<Status> | undefined): StatusError {
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
