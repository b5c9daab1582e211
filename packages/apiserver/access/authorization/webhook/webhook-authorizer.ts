import type { Expression } from '@coxswain/cel';
import { ConnectionError } from '@coxswain/client';
import { type Clock, type KubeObject, type Logger, StatusError } from '@coxswain/machinery';
import type { Attributes, Authorizer, Decision } from '../../contract.ts';
import type { RuleSource, UserRules } from '../../external-access.ts';
import { ExpiringCache } from '../../remote/expiring-cache.ts';
import { withRetries } from '../../remote/retry.ts';
import type { ReviewClient } from '../../remote/review-client.ts';
import { matches } from './match-conditions.ts';
import { type ReviewSpec, reviewSpec } from './review-spec.ts';
import type { WebhookMetrics } from './webhook-metrics.ts';

const remembered = 8192;
/** In octets. Answers to larger questions are not kept: whoever asks them could fill the memory. */
const maxKeptLength = 10_000;

export interface WebhookAuthorizerOptions {
  /** For metrics and logs. */
  readonly name: string;
  readonly client: ReviewClient;
  /** Of the SubjectAccessReview that is sent and expected. */
  readonly version: 'v1' | 'v1beta1';
  /** How long answers hold; 0: they are not kept. */
  readonly authorizedTtlMs: number;
  readonly unauthorizedTtlMs: number;
  /** What a webhook that fails comes to. */
  readonly decisionOnError: 'deny' | 'no-opinion';
  /** Only requests for which all hold are asked about. */
  readonly matchConditions: readonly Expression[];
  readonly metrics: WebhookMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/** status of a SubjectAccessReview. */
interface ReviewStatus {
  readonly allowed?: boolean;
  readonly denied?: boolean;
  readonly reason?: string;
  readonly evaluationError?: string;
}

const unconcerned: Decision = { decision: 'no-opinion', reason: '' };
const unresolvable = ['webhook authorizer does not support user rule resolution'];

/** Asks a webhook about requests; what it said lately is answered at once. */
export class WebhookAuthorizer implements Authorizer, RuleSource {
  readonly #options: WebhookAuthorizerOptions;
  readonly #answers: ExpiringCache<Decision>;
  readonly #asking = new Map<string, Promise<Decision>>();

  constructor(options: WebhookAuthorizerOptions) {
    this.#options = options;
    this.#answers = new ExpiringCache(remembered, options.clock);
  }

  authorize(attributes: Attributes): Decision | Promise<Decision> {
    const { name, decisionOnError, metrics } = this.#options;
    const spec = reviewSpec(attributes);
    const matched = this.#matches(spec);
    if (matched !== true) {
      if (matched === false) {
        metrics.excluded(name);
        return unconcerned;
      }
      metrics.conditionFailed(name);
      return { decision: decisionOnError, reason: '', error: matched.error };
    }
    const key = JSON.stringify(spec);
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    let asking = this.#asking.get(key);
    if (asking === undefined) {
      asking = this.#ask(spec, key, attributes).finally(() => this.#asking.delete(key));
      this.#asking.set(key, asking);
    }
    return asking;
  }

  /** A webhook cannot tell what a user may do. */
  rulesFor(): UserRules {
    return { rules: [], faults: unresolvable };
  }

  close(): void {
    this.#options.client.close();
  }

  #matches(spec: ReviewSpec): ReturnType<typeof matches> {
    const { name, matchConditions, metrics, clock } = this.#options;
    if (matchConditions.length === 0) return true;
    const began = clock.monotonic();
    const matched = matches(matchConditions, spec);
    metrics.conditionsTook(name, clock.monotonic() - began);
    return matched;
  }

  async #post(review: KubeObject): Promise<Record<string, any>> {
    const { name, client, clock, metrics } = this.#options;
    const began = clock.monotonic();
    try {
      const answer = await client.post(review);
      metrics.asked(name, 'success', clock.monotonic() - began);
      return answer;
    } catch (error) {
      metrics.asked(name, outcomeOf(error), clock.monotonic() - began);
      throw error;
    }
  }

  async #ask(spec: ReviewSpec, key: string, attributes: Attributes): Promise<Decision> {
    const { name, version, clock, logger, random, metrics, decisionOnError } = this.#options;
    const review = reviewOf(spec, version);
    let status: ReviewStatus;
    try {
      const answer = await withRetries(() => this.#post(review), clock, random);
      status = answer['status'] ?? {};
    } catch (error) {
      const text = (error as Error).message;
      if (decisionOnError === 'no-opinion') metrics.failedOpen(name, outcomeOf(error));
      logger.error('asking the webhook authorizer failed', { authorizer: name, error: text });
      return { decision: decisionOnError, reason: '', error: text };
    }
    const decision = decisionOf(status);
    const { authorizedTtlMs, unauthorizedTtlMs } = this.#options;
    if (mayKeep(attributes)) {
      this.#answers.set(key, decision, status.allowed === true ? authorizedTtlMs : unauthorizedTtlMs);
    }
    return decision;
  }
}

const gatewayTimeout = 504;

/** Whether a webhook took too long, or failed otherwise. */
function outcomeOf(error: unknown): 'error' | 'timeout' {
  if (error instanceof ConnectionError) return error.code === 'TIMEOUT' ? 'timeout' : 'error';
  const { reason, code } = error instanceof StatusError ? error.status : {};
  return reason === 'Timeout' || code === gatewayTimeout ? 'timeout' : 'error';
}

function reviewOf(spec: ReviewSpec, version: 'v1' | 'v1beta1'): KubeObject {
  return {
    kind: 'SubjectAccessReview',
    apiVersion: `authorization.k8s.io/${version}`,
    metadata: {},
    spec: version === 'v1' ? spec : olderSpec(spec),
    status: { allowed: false },
  };
}

/** The older version calls groups by another name. */
function olderSpec({ groups, extra, uid, ...rest }: ReviewSpec): Record<string, unknown> {
  return {
    ...rest,
    ...(groups === undefined ? {} : { group: groups }),
    ...(extra === undefined ? {} : { extra }),
    ...(uid === undefined ? {} : { uid }),
  };
}

function decisionOf({ allowed = false, denied = false, reason = '' }: ReviewStatus): Decision {
  if (denied && allowed) {
    const error = 'webhook subject access review returned both allow and deny response';
    return { decision: 'deny', reason, error };
  }
  return { decision: denied ? 'deny' : allowed ? 'allow' : 'no-opinion', reason };
}

function mayKeep(a: Attributes): boolean {
  const { namespace, verb, group, version, resource, subresource, name, path } = a;
  const parts = [namespace, verb, group, version, resource, subresource, name, path];
  return parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0) < maxKeptLength;
}
