import { declarationsOf } from '@coxswain/cel';
import {
  type Clock,
  goJson,
  goMapJson,
  goQuote,
  isQualifiedName,
  type JsonPatchOperation,
  newBadRequest,
  newForbidden,
  newInternalError,
  parseGoDuration,
  type Status,
  StatusError,
} from '@coxswain/machinery';
import type { WebhookCredentials } from '../../access/admission/configuration/webhook-credentials.ts';
import type { AdmissionAttributes, Authorizer, ObjectReader } from '../../access/contract.ts';
import { callWebhook } from '../webhook/call.ts';
import { endpointOf } from '../webhook/client-config.ts';
import { admissionScheme } from '../webhook/review-scheme.ts';
import { shownKind } from '../webhook/shown-kind.ts';
import type { Webhook } from './configured-webhooks.ts';
import { admissionRequest, valuesOf } from './environment.ts';
import { compileConditions, evaluateConditions, type MatchCondition } from './match-conditions.ts';
import { type Constraints, matchConstraints } from './matcher.ts';
import { whenDecided } from './pending-decision.ts';
import { type MatchedResource, versioned } from './versioned.ts';
import type { CallOutcome, WebhookKind, WebhookMetrics } from './webhook-metrics.ts';
import { readJsonPatch } from './webhook-patch.ts';

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
  readonly apply?: (patch: readonly JsonPatchOperation[], text: string) => Promise<void>;
}

const defaultTimeoutSeconds = 10;
const httpsPort = 443;

/** How audit annotations call the kinds. */
const annotated: Readonly<Record<WebhookKind, string>> = { mutating: 'mutation', validating: 'validating' };

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

/** A webhook gave no answer that is of use. */
class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly code = 'WEBHOOK_NO_ANSWER';
  /** HTTP's, as the call is counted. */
  readonly status: number;

  constructor(message: string, status = unavailable) {
    super(message);
    this.status = status;
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
  async concerned(
    webhook: Webhook,
    kind: WebhookKind,
    a: AdmissionAttributes,
  ): Promise<AdmissionAttributes | undefined> {
    const matched = this.matches(webhook, a);
    if (matched === undefined) return undefined;
    const shown = await versioned(a, matched);
    const conditions = this.#conditionsOf(webhook);
    if (conditions.length === 0) return shown;
    const { authorizer: all, clock, metrics } = this.#sources;
    const began = clock.monotonic();
    let faults = 0;
    const outcome = await whenDecided(all, (authorizer) => {
      faults = 0;
      return evaluateConditions(conditions, valuesOf(shown, authorizer, undefined, undefined), () => {
        faults += 1;
      });
    });
    if (outcome === true) return shown;
    for (let i = 0; i < faults; i++) metrics?.conditionFailed(webhook.name, kind, a.operation);
    metrics?.unmatched(webhook.name, kind, a.operation, clock.monotonic() - began);
    if (outcome === false || webhook.failurePolicy === 'Ignore') {
      metrics?.excluded(webhook.name, kind, a.operation);
      return undefined;
    }
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
    const { webhook, kind, shown, suffix } = asking;
    const { name, sideEffects } = webhook;
    if (shown.dryRun && sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun') {
      throw newBadRequest(`admission webhook ${goQuote(name)} does not support dry run`);
    }
    try {
      return await this.#answered(asking, await this.#call(webhook, shown, kind));
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      const { message, status: code } = error;
      if (webhook.failurePolicy === 'Ignore') {
        const key = `failed-open.${annotated[kind]}.webhook.admission.k8s.io/${suffix}`;
        shown.audit?.annotate(key, name);
        return { code, failedOpen: true };
      }
      throw new CallFailure(newInternalError(`failed calling webhook ${goQuote(name)}: ${message}`), {
        code,
        refusal: 'calling_webhook_error',
      });
    }
  }

  /** Does what an answer says. @throws {NoAnswer, CallFailure} */
  async #answered(
    { webhook, kind, shown, apply }: Asking,
    response: AdmissionResponse,
  ): Promise<CallOutcome> {
    const { name } = webhook;
    for (const [key, value] of Object.entries(response.auditAnnotations ?? {})) {
      // What is no key of an annotation is left out.
      const full = `${name}/${key}`;
      if (isQualifiedName(full).length === 0) shown.audit?.annotate(full, value);
    }
    for (const text of response.warnings ?? []) shown.warn(text);
    if (response.allowed !== true) {
      const refused = refusal(name, response.status);
      throw new CallFailure(refused, { code: refused.status.code ?? 0, refusal: 'no_error' });
    }
    if (kind === 'validating') return served;
    const { operations, text } = operationsOf(response.patch ?? '');
    if (operations.length === 0) return served;
    const { patchType = '', status } = response;
    if (shown.object !== undefined && patchType !== 'JSONPatch') {
      throw new NoAnswer(`unsupported patch type ${goQuote(patchType)}`, refusal(name, status).status.code);
    }
    await apply?.(operations, text);
    return served;
  }

  /** @throws {NoAnswer} */
  async #call(webhook: Webhook, a: AdmissionAttributes, kind: WebhookKind): Promise<AdmissionResponse> {
    const { reader, clock, uid: newUid, random, credentials } = this.#sources;
    // The first one of the list that is known.
    const version = webhook.admissionReviewVersions.find((one) => one === 'v1' || one === 'v1beta1');
    if (version === undefined) {
      const text = 'webhook does not accept known AdmissionReview versions (v1, v1beta1)';
      throw new NoAnswer(`could not create admission objects: ${text}`, 400);
    }
    const uid = newUid();
    const began = clock.monotonic();
    let review: Record<string, any>;
    try {
      const endpoint = endpointOf(webhook.clientConfig, reader, random);
      const { hostname, port } = endpoint.url;
      review = await callWebhook(
        {
          endpoint,
          as: await credentials?.of(`${hostname}:${port || httpsPort}`, clock),
          kind: { group: 'admission.k8s.io', version, kind: 'AdmissionReview' },
          scheme: admissionScheme(),
          members: `"request":${requestJson(uid, a)}`,
          timeoutMs: Math.min((webhook.timeoutSeconds ?? defaultTimeoutSeconds) * 1000, timeOf(a)),
        },
        clock,
      );
    } catch (error) {
      const status = error instanceof StatusError ? error.status.code : undefined;
      throw new NoAnswer(`failed to call webhook: ${(error as Error).message}`, status);
    } finally {
      const ms = clock.monotonic() - began;
      a.audit?.spent(`${kind}-webhook`, ms);
      a.webhookTimes?.waitedForWebhook(kind, ms);
    }
    const fault = answerFault(review, version, uid, kind === 'mutating');
    if (fault !== undefined) throw new NoAnswer(`received invalid webhook response: ${fault}`);
    // What reviews of v1beta1 say of the type counts for nothing.
    return version === 'v1' ? review['response'] : { ...review['response'], patchType: 'JSONPatch' };
  }
}

/** How long a request may take by its own words, in milliseconds. */
function timeOf({ timeout = '' }: AdmissionAttributes): number {
  const ms = timeout === '' ? 0 : parseGoDuration(timeout);
  return ms > 0 ? ms : Number.POSITIVE_INFINITY;
}

/** The request of a review; what has no Go type is written as Go writes maps. */
function requestJson(uid: string, a: AdmissionAttributes): string {
  const json = a.type === undefined ? goJson : goMapJson;
  const { dryRun, options, ...rest } = admissionRequest(a);
  const head = goJson({ uid, ...rest }).slice(0, -1);
  const objects = `"object":${json(a.object ?? null)},"oldObject":${json(a.oldObject ?? null)}`;
  return `${head},${objects},"dryRun":${dryRun},"options":${goJson(options)}}`;
}

/** Why an answer is none; undefined where it is one. Of v1beta1 nothing is asked but that it is there. */
function answerFault(
  review: Record<string, any>,
  version: string,
  uid: string,
  mutates: boolean,
): string | undefined {
  const response: AdmissionResponse | undefined = review['response'];
  if (response === undefined) return 'webhook response was absent';
  if (version !== 'v1') return undefined;
  if (response.uid !== uid) {
    return `expected response.uid=${goQuote(uid)}, got ${goQuote(response.uid ?? '')}`;
  }
  const { apiVersion = '', kind = '' } = review;
  if (kind !== 'AdmissionReview' || apiVersion !== 'admission.k8s.io/v1') {
    const got = shownKind(apiVersion, kind);
    return `expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${got}`;
  }
  return mutates ? patchFault(response) : unwantedPatch(response);
}

function patchFault({ patch = '', patchType }: AdmissionResponse): string | undefined {
  if (patch !== '' && patchType === undefined) {
    return 'webhook returned response.patch but not response.patchType';
  }
  if (patch === '' && patchType !== undefined) {
    return 'webhook returned response.patchType but not response.patch';
  }
  return patchType === '' ? 'webhook returned invalid response.patchType of ""' : undefined;
}

function unwantedPatch({ patch = '', patchType }: AdmissionResponse): string | undefined {
  if (patch !== '') return 'validating webhook may not return response.patch';
  return patchType === undefined ? undefined : 'validating webhook may not return response.patchType';
}

/** @throws {NoAnswer} when a patch in base64 is none */
function operationsOf(patch: string): { operations: readonly JsonPatchOperation[]; text: string } {
  const text = Buffer.from(patch, 'base64').toString('utf8');
  if (text === '') return { operations: [], text };
  try {
    return { operations: readJsonPatch(text), text };
  } catch (error) {
    throw new NoAnswer(`received undecodable patch in webhook response: ${(error as Error).message}`);
  }
}

/** A refusal in the webhook's own words. */
function refusal(name: string, status: Partial<Status> | undefined): StatusError {
  const by = `admission webhook ${goQuote(name)} denied the request`;
  const { message = '', reason = '', code = 0, details, metadata = {}, status: told = '' } = status ?? {};
  const text =
    message !== '' ? `${by}: ${message}` : reason !== '' ? `${by}: ${reason}` : `${by} without explanation`;
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata,
    status: told === '' || told === 'Success' ? 'Failure' : told,
    message: text,
    ...(reason === '' ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code: Math.max(code, 400),
  } as Status);
}
