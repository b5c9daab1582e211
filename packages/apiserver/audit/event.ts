import type { KubeObject } from '@coxswain/machinery';
import type { UserInfo } from '../access/contract.ts';

/** How much of a request is written down (audit.k8s.io Level). */
export type AuditLevel = 'None' | 'Metadata' | 'Request' | 'RequestResponse';

/** Where a request stands when an event is written. */
export type AuditStage = 'RequestReceived' | 'ResponseStarted' | 'ResponseComplete' | 'Panic';

/** authentication.k8s.io/v1 UserInfo, its members in the order in which they are written. */
export interface AuditUser {
  /** Absent where nobody is known. */
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What a request is about; members are absent where they are empty. */
export interface ObjectReference {
  resource?: string;
  namespace?: string;
  name?: string;
  uid?: string;
  apiGroup?: string;
  apiVersion?: string;
  resourceVersion?: string;
  subresource?: string;
}

/** The parts of a Status that an event bears. */
export interface AuditStatus {
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly details?: object;
  readonly code?: number;
}

/** audit.k8s.io/v1 Event at one stage; never changed afterwards. */
export interface AuditEvent {
  readonly level: AuditLevel;
  readonly auditID: string;
  readonly stage: AuditStage;
  readonly requestURI: string;
  readonly verb: string;
  readonly user: AuditUser;
  readonly impersonatedUser?: AuditUser;
  /** Absent unless a constrained mode let the user act as another. */
  readonly authenticationMetadata?: { readonly impersonationConstraint: string };
  readonly sourceIPs: readonly string[];
  readonly userAgent?: string;
  readonly objectRef?: ObjectReference;
  readonly responseStatus?: AuditStatus;
  /** JSON text. */
  readonly requestObject?: string;
  /** JSON text. */
  readonly responseObject?: string;
  /** RFC 3339 with microseconds. */
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** What the request brought is no JSON: it cannot be written, and the event not without it. */
  readonly isUnwritable?: boolean;
}

/** An event cannot be written. */
export class UnwritableEvent extends Error {
  override readonly name = 'UnwritableEvent';
  readonly code = 'AUDIT_UNWRITABLE';

  constructor({ auditID }: AuditEvent) {
    super(`encoding audit event "${auditID}": what the request brought is no JSON`);
  }
}

/** Annotation of an event that lost its objects as it was too large. */
export const truncatedAnnotation = 'audit.k8s.io/truncated';

const apiVersion = 'audit.k8s.io/v1';

/**
 * An event as JSON on one line, with kind and apiVersion, as upstream's log backend writes it.
 * @throws {UnwritableEvent}
 */
export function encodeEvent(event: AuditEvent): string {
  return escapeHtml(`{"kind":"Event","apiVersion":"${apiVersion}",${members(event)}}`);
}

/** Several events as the EventList that webhooks are sent. @throws {UnwritableEvent} */
export function encodeEventList(events: readonly AuditEvent[]): string {
  const items = events.map((event) => `{${members(event)}}`).join(',');
  return escapeHtml(`{"kind":"EventList","apiVersion":"${apiVersion}","metadata":{},"items":[${items}]}`);
}

function members(event: AuditEvent): string {
  const { responseStatus, requestObject, responseObject, annotations, isUnwritable, ...rest } = event;
  if (isUnwritable === true) throw new UnwritableEvent(event);
  const { requestReceivedTimestamp, stageTimestamp, ...head } = rest;
  let text = JSON.stringify(head).slice(1, -1);
  if (responseStatus !== undefined) {
    text += `,"responseStatus":${JSON.stringify({ metadata: {}, ...responseStatus })}`;
  }
  if (requestObject !== undefined) text += `,"requestObject":${requestObject}`;
  if (responseObject !== undefined) text += `,"responseObject":${responseObject}`;
  text += `,"requestReceivedTimestamp":"${requestReceivedTimestamp}","stageTimestamp":"${stageTimestamp}"`;
  return annotations === undefined ? text : `${text},"annotations":${JSON.stringify(sorted(annotations))}`;
}

function sorted(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Go's encoder writes these as escapes, so that JSON may stand in HTML. They stand in strings alone. */
function escapeHtml(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (ch) => `\\u${ch.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A user as events show it. */
export function auditUser({ name, uid, groups, extra }: UserInfo): AuditUser {
  return {
    username: name,
    ...(uid === undefined || uid === '' ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(extra === undefined || Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

/** An object, list or table without the managedFields of what is in it. */
export function withoutManagedFields(object: KubeObject): KubeObject {
  const { items, rows } = object as { items?: unknown; rows?: unknown };
  if (Array.isArray(items)) return { ...object, items: items.map((item) => strip(item as KubeObject)) };
  if (object.kind === 'Table' && Array.isArray(rows)) return { ...object, rows: rows.map(stripRow) };
  return strip(object);
}

function stripRow<T extends { readonly object?: KubeObject }>(row: T): T {
  return row.object === undefined ? row : { ...row, object: strip(row.object) };
}

function strip(object: KubeObject): KubeObject {
  if (object.metadata?.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
