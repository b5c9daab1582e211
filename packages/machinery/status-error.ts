import { type FieldError, goQuote } from './field-error.ts';
import { type GroupResource, groupResourceString } from './meta.ts';

/** metav1.StatusCause. */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** metav1.StatusDetails. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** metav1.Status as it goes over the wire. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code: number;
}

/** An API error: a wire Status that can be thrown. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: Status;

  constructor(status: Status) {
    super(status.message ?? status.reason ?? 'unknown');
    this.status = status;
  }

  get code(): number {
    return this.status.code;
  }

  get reason(): string {
    return this.status.reason ?? '';
  }
}

interface FailureParts {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: StatusDetails;
}

/** Builds a failure Status around a code, a reason and a text. */
export function newStatusError(parts: FailureParts): StatusError {
  const { code, reason, message, details } = parts;
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === '' ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  });
}

/** `details` as upstream's errors carry them: the resource's plural goes into `kind`. */
function resourceDetails(gr: GroupResource, name: string): StatusDetails {
  return {
    ...(name === '' ? {} : { name }),
    ...(gr.group === '' ? {} : { group: gr.group }),
    ...(gr.resource === '' ? {} : { kind: gr.resource }),
  };
}

export function newNotFound(gr: GroupResource, name: string): StatusError {
  return newStatusError({
    code: 404,
    reason: 'NotFound',
    message: `${groupResourceString(gr)} ${goQuote(name)} not found`,
    details: resourceDetails(gr, name),
  });
}

export function newAlreadyExists(gr: GroupResource, name: string): StatusError {
  return newStatusError({
    code: 409,
    reason: 'AlreadyExists',
    message: `${groupResourceString(gr)} ${goQuote(name)} already exists`,
    details: resourceDetails(gr, name),
  });
}

export function newConflict(gr: GroupResource, name: string, cause: string): StatusError {
  return newStatusError({
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${groupResourceString(gr)} ${goQuote(name)}: ${cause}`,
    details: resourceDetails(gr, name),
  });
}

export function newForbidden(gr: GroupResource, name: string, cause: string): StatusError {
  const head =
    gr.resource === ''
      ? 'forbidden'
      : name === ''
        ? `${groupResourceString(gr)} is forbidden`
        : `${groupResourceString(gr)} ${goQuote(name)} is forbidden`;
  return newStatusError({
    code: 403,
    reason: 'Forbidden',
    message: `${head}: ${cause}`,
    details: resourceDetails(gr, name),
  });
}

/** A validation failure; one cause for each field error, in order. `kind` is the kind's group and name. */
export function newInvalid(
  kind: { readonly group: string; readonly kind: string },
  name: string,
  errors: readonly FieldError[],
): StatusError {
  const head = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  return newStatusError({
    code: 422,
    reason: 'Invalid',
    message:
      errors.length === 0
        ? `${head} ${goQuote(name)} is invalid`
        : `${head} ${goQuote(name)} is invalid: ${aggregate(errors)}`,
    details: {
      ...(name === '' ? {} : { name }),
      ...(kind.group === '' ? {} : { group: kind.group }),
      ...(kind.kind === '' ? {} : { kind: kind.kind }),
      causes: errors.map((e) => ({ reason: e.type, message: e.message, field: e.field })),
    },
  });
}

/** utilerrors.Aggregate's text: one error bare, several in brackets, equal texts once. */
export function aggregate(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map((e) => `${e.field}: ${e.message}`))];
  return texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`;
}

export function newBadRequest(message: string): StatusError {
  return newStatusError({ code: 400, reason: 'BadRequest', message });
}

export function newUnauthorized(message = 'Unauthorized'): StatusError {
  return newStatusError({ code: 401, reason: 'Unauthorized', message });
}

export function newMethodNotSupported(gr: GroupResource, action: string): StatusError {
  return newStatusError({
    code: 405,
    reason: 'MethodNotAllowed',
    message: `${action} is not supported on resources of kind "${groupResourceString(gr)}"`,
    details: resourceDetails(gr, ''),
  });
}

/** The requested revision was compacted away: the client must list anew. */
export function newResourceExpired(message: string): StatusError {
  return newStatusError({ code: 410, reason: 'Expired', message });
}

export function newUnsupportedMediaType(message: string): StatusError {
  return newStatusError({ code: 415, reason: 'UnsupportedMediaType', message });
}

export function newInternalError(message: string): StatusError {
  return newStatusError({
    code: 500,
    reason: 'InternalError',
    message: `Internal error occurred: ${message}`,
    details: { causes: [{ message }] },
  });
}

export function newServiceUnavailable(message: string): StatusError {
  return newStatusError({ code: 503, reason: 'ServiceUnavailable', message });
}

export function newTimeout(message: string, retryAfterSeconds: number): StatusError {
  return newStatusError({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: ${message}`,
    details: retryAfterSeconds > 0 ? { retryAfterSeconds } : {},
  });
}

function hasReason(error: unknown, ...reasons: string[]): boolean {
  return error instanceof StatusError && reasons.includes(error.reason);
}

export const isNotFound = (e: unknown): e is StatusError => hasReason(e, 'NotFound');
export const isAlreadyExists = (e: unknown): e is StatusError => hasReason(e, 'AlreadyExists');
export const isConflict = (e: unknown): e is StatusError => hasReason(e, 'Conflict');
export const isForbidden = (e: unknown): e is StatusError => hasReason(e, 'Forbidden');
export const isInvalid = (e: unknown): e is StatusError => hasReason(e, 'Invalid');
export const isGone = (e: unknown): e is StatusError => hasReason(e, 'Gone', 'Expired');
export const isTooManyRequests = (e: unknown): e is StatusError => hasReason(e, 'TooManyRequests');
