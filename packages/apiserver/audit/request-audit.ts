import { formatGoDuration, formatMicroTime, goJson, type KubeObject, readJson } from '@coxswain/machinery';
import type { Attributes, Decision, UserInfo } from '../access/contract.ts';
import { impersonationConstraint } from '../access/impersonation/impersonate.ts';
import { byName, inTypeOrder } from '../storage/member-order.ts';
import {
  type AuditEvent,
  type AuditStage,
  type AuditStatus,
  type AuditUser,
  auditUser,
  type ObjectReference,
  withoutManagedFields,
} from './event.ts';
import type { AuditAttributes, RequestAuditConfig } from './policy.ts';
import type { AuditTrail, SlowPart, StatusParts } from './trail.ts';

/**
 * Mode `blocking-strict`: what cannot be written down is not done. Answered with 500 in plain text, as upstream does.
 */
export class AuditError extends Error {
  override readonly name = 'AuditError';
  readonly code = 'AUDIT_FAILED';
}

/** Where a request comes from. */
export interface RequestSource {
  readonly auditID: string;
  readonly requestURI: string;
  readonly sourceIPs: readonly string[];
  readonly userAgent: string;
}

/** What events are made by. */
export interface EventMaker {
  now(): number;
  evaluate(attributes: AuditAttributes): RequestAuditConfig;
  /** False, or a promise of it, when the event could not be kept and must be. */
  send(event: AuditEvent): boolean | Promise<boolean>;
  /** The request is refused for that. */
  rejected(): void;
}

/** Upstream's: requests that take longer say so. */
const slowMs = 500;

/** Of these upstream counts the longest only: validating webhooks are asked at the same time. */
const sameTime: ReadonlySet<SlowPart> = new Set(['validating-webhook', 'authorization', 'apf-queue-wait']);

/** Upstream's limit in letters. */
const longestUserAgent = 1024;

/** The audit events of one request, from its arrival to its end. */
export class RequestAudit implements AuditTrail {
  readonly #maker: EventMaker;
  readonly #source: RequestSource;
  readonly #receivedMs: number;
  readonly #received: string;
  /** Absent until the policy has decided. */
  #config: RequestAuditConfig | undefined;
  #attributes: AuditAttributes | undefined;
  #impersonated: AuditUser | undefined;
  #constraint: string | undefined;
  #objectRef: ObjectReference | undefined;
  #status: AuditStatus | undefined;
  #requestObject: string | undefined;
  #responseObject: string | undefined;
  #annotations: Record<string, string> | undefined;
  #spent: Map<SlowPart, number> | undefined;
  #isUnwritable = false;
  #isSettled = false;
  #panic = false;
  #ended = false;

  constructor(maker: EventMaker, source: RequestSource) {
    this.#maker = maker;
    this.#source = source;
    this.#receivedMs = maker.now();
    this.#received = formatMicroTime(this.#receivedMs);
  }

  get auditID(): string {
    return this.#source.auditID;
  }

  /** Whether there are events of this request. */
  get enabled(): boolean {
    return this.#config !== undefined && this.#config.level !== 'None';
  }

  /**
   * It is known who asks for what: the policy decides, and the arrival is written down.
   * @throws {AuditError} when that must be kept and cannot be; also as a rejection
   */
  authenticated(attributes: Attributes): void | Promise<void> {
    if (this.#config !== undefined) return;
    this.#decide(attributes);
    const kept = this.#emit('RequestReceived');
    const check = (ok: boolean): void => {
      if (ok) return;
      this.#ended = true;
      this.#maker.rejected();
      throw new AuditError('failed to store audit event');
    };
    return typeof kept === 'boolean' ? check(kept) : kept.then(check);
  }

  /** Credentials are bad; nothing is written before the answer, as another look may find them good. */
  unauthenticated(attributes: Attributes): void {
    this.#attributes ??= { ...attributes, user: undefined };
  }

  impersonated(user: UserInfo): void {
    this.#impersonated = auditUser(user);
    this.#constraint = impersonationConstraint(user);
  }

  /** What the authorizers said last. */
  decided({ decision, reason, error }: Decision): void {
    if (!this.enabled) return;
    this.#annotations ??= {};
    if (error === undefined) {
      this.#annotations['authorization.k8s.io/decision'] = decision === 'allow' ? 'allow' : 'forbid';
    }
    this.#annotations['authorization.k8s.io/reason'] = error === undefined ? reason : 'internal error';
  }

  annotate(key: string, value: string): void {
    // what is noted before the policy has decided waits for it
    if (this.#config?.level === 'None') return;
    this.#annotations ??= {};
    this.#annotations[key] ??= value;
  }

  spent(part: SlowPart, ms: number): void {
    this.#spent ??= new Map();
    const before = this.#spent.get(part) ?? 0;
    this.#spent.set(part, sameTime.has(part) ? Math.max(before, ms) : before + ms);
  }

  annotateRequest(key: string, value: () => string): void {
    if (this.#writesRequest) this.annotate(key, value());
  }

  requestObject(object: KubeObject, isCustom: boolean): void {
    if (!this.enabled) return;
    const { name, namespace, uid, resourceVersion } = object.metadata ?? {};
    this.#objectRef ??= {};
    const ref = this.#objectRef;
    if (namespace) ref.namespace ??= namespace;
    if (name) ref.name ??= name;
    if (uid) ref.uid ??= uid;
    if (resourceVersion) ref.resourceVersion ??= resourceVersion;
    if (!this.#writesRequest || this.#requestObject !== undefined) return;
    const shown = this.#config?.omitManagedFields ? withoutManagedFields(object) : object;
    if (isCustom) {
      this.#requestObject = goJson(byName(shown));
      return;
    }
    const { kind, apiVersion, ...rest } = inTypeOrder(shown);
    this.#requestObject = goJson({ kind, apiVersion, ...rest });
  }

  requestBody(json: () => string | undefined): void {
    if (!this.#writesRequest || this.#requestObject !== undefined) return;
    this.#requestObject = json();
    this.#isUnwritable = this.#requestObject === undefined;
  }

  /** What the request came to is told: whatever is still made of it changes nothing of that. */
  settle(): void {
    this.#isSettled = true;
  }

  responseObject(json: () => string): void {
    if (this.#isSettled || this.#config?.level !== 'RequestResponse') return;
    const text = json();
    this.#responseObject = this.#config.omitManagedFields
      ? goJson(withoutManagedFields(readJson(text)))
      : text;
  }

  /** The answer is a Status. */
  responseStatus(status: StatusParts): void {
    if (this.#isSettled || this.#attributes === undefined) return;
    const { message, reason, details, code } = status;
    this.#status = {
      ...(status.status ? { status: status.status } : {}),
      ...(message ? { message } : {}),
      ...(reason ? { reason } : {}),
      ...(details === undefined ? {} : { details }),
      ...(code === undefined ? {} : { code }),
    };
  }

  /** Serving the request failed by a fault of the server's own. */
  panicked(error: unknown): void {
    if (this.#isSettled) return;
    this.#panic = true;
    this.#status = {
      status: 'Failure',
      message: `APIServer panic'd: ${error instanceof Error ? error.message : String(error)}`,
      reason: 'InternalError',
      code: 500,
    };
  }

  /** The head of a long answer is on its way. */
  responseStarted(code: number): void {
    if (!this.enabled) return;
    this.#status = { ...this.#status, code };
    this.#emit('ResponseStarted');
  }

  /** The answer is complete; `code` 0 when there was none. Only the first call counts. */
  ended(code: number): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#config === undefined) {
      if (this.#attributes !== undefined) this.#refused(code);
      return;
    }
    if (code === 0 && this.#status === undefined) {
      this.#status = { status: 'Success', message: 'Connection closed early', code: 200 };
    } else if (!this.#panic && code !== 0) this.#status = { ...this.#status, code };
    this.#annotateLatency();
    this.#emit(this.#panic ? 'Panic' : 'ResponseComplete');
  }

  /** Slow requests bear how long they took, and what for; watches are as slow as they are long. */
  #annotateLatency(): void {
    const total = this.#maker.now() - this.#receivedMs;
    if (total <= slowMs || this.#spent === undefined || this.#attributes?.verb === 'watch') return;
    this.annotate('apiserver.latency.k8s.io/total', formatGoDuration(total));
    for (const [part, ms] of this.#spent) {
      if (ms > 0) this.annotate(`apiserver.latency.k8s.io/${part}`, formatGoDuration(ms));
    }
  }

  /** A request without good credentials has one event, at the head of its answer. */
  #refused(code: number): void {
    this.#decide(this.#attributes as AuditAttributes);
    this.#status = { ...this.#status, code };
    this.#emit('ResponseStarted');
  }

  get #writesRequest(): boolean {
    return this.#config?.level === 'Request' || this.#config?.level === 'RequestResponse';
  }

  #decide(attributes: AuditAttributes): void {
    this.#attributes = attributes;
    this.#config = this.#maker.evaluate(attributes);
    if (!attributes.resourceRequest) return;
    const { resource, namespace, name, group, version, subresource } = attributes;
    this.#objectRef = {
      ...(resource === '' ? {} : { resource }),
      ...(namespace === '' ? {} : { namespace }),
      ...(name === '' ? {} : { name }),
      ...(group === '' ? {} : { apiGroup: group }),
      ...(version === '' ? {} : { apiVersion: version }),
      ...(subresource === '' ? {} : { subresource }),
    };
  }

  #emit(stage: AuditStage): boolean | Promise<boolean> {
    const config = this.#config as RequestAuditConfig;
    if (config.level === 'None' || config.omitStages.has(stage)) return true;
    return this.#maker.send(this.#event(stage, config));
  }

  #event(stage: AuditStage, { level }: RequestAuditConfig): AuditEvent {
    const { auditID, requestURI, sourceIPs, userAgent } = this.#source;
    const { user, verb } = this.#attributes as AuditAttributes;
    const now = stage === 'RequestReceived' ? this.#received : formatMicroTime(this.#maker.now());
    return {
      level,
      auditID,
      stage,
      requestURI,
      verb,
      user: user === undefined ? {} : auditUser(user),
      ...(this.#impersonated === undefined ? {} : { impersonatedUser: this.#impersonated }),
      ...(this.#constraint === undefined
        ? {}
        : { authenticationMetadata: { impersonationConstraint: this.#constraint } }),
      sourceIPs,
      ...(userAgent === '' ? {} : { userAgent: shortened(userAgent) }),
      ...(this.#objectRef === undefined ? {} : { objectRef: inOrder(this.#objectRef) }),
      ...(this.#status === undefined ? {} : { responseStatus: this.#status }),
      ...(this.#requestObject === undefined ? {} : { requestObject: this.#requestObject }),
      ...(this.#responseObject === undefined ? {} : { responseObject: this.#responseObject }),
      requestReceivedTimestamp: this.#received,
      stageTimestamp: now,
      ...(this.#annotations === undefined ? {} : { annotations: { ...this.#annotations } }),
      ...(this.#isUnwritable ? { isUnwritable: true } : {}),
    };
  }
}

function shortened(userAgent: string): string {
  return userAgent.length > longestUserAgent
    ? `${userAgent.slice(0, longestUserAgent)}...TRUNCATED`
    : userAgent;
}

function inOrder(ref: ObjectReference): ObjectReference {
  const ordered: ObjectReference = {};
  for (const member of refMembers) {
    const value = ref[member];
    if (value !== undefined) ordered[member] = value;
  }
  return ordered;
}

const refMembers = [
  'resource',
  'namespace',
  'name',
  'uid',
  'apiGroup',
  'apiVersion',
  'resourceVersion',
  'subresource',
] as const;
