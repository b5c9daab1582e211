import { CompactedError, FutureRevisionError } from '@coxswain/store';
import { type ServiceError, status } from '@grpc/grpc-js';

/** Why etcd did not do what it was asked. */
export type EtcdErrorCode =
  /** It could not be reached, or has no leader, or did not answer in time. */
  | 'ETCD_UNAVAILABLE'
  /** It does not know the user, or the user may not do this, or one side refuses the other's certificate. */
  | 'ETCD_ACCESS_DENIED'
  /** It took the request and refused it: the database is full, the value too large. */
  | 'ETCD_REFUSED';

/** A request that etcd did not do. The message is what Go's client says, as API clients see it. */
export class EtcdError extends Error {
  override readonly name = 'EtcdError';
  readonly code: EtcdErrorCode;
  /** It has neither answered nor gone away: see `isStoreTimeout`. */
  readonly storeTimeout: boolean;
  /** The request may have reached etcd: a write may have been done nevertheless. */
  readonly maybeSent: boolean;

  constructor(code: EtcdErrorCode, message: string, maybeSent: boolean, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.maybeSent = maybeSent;
    this.storeTimeout =
      (options?.cause as Partial<ServiceError> | undefined)?.code === status.DEADLINE_EXCEEDED;
  }

  /** Another attempt, or another endpoint, may do it. */
  get passing(): boolean {
    return this.code === 'ETCD_UNAVAILABLE';
  }
}

/** Go's names of the codes, for the codes that etcd and the connection give. */
const names: Readonly<Record<number, string>> = {
  [status.CANCELLED]: 'Canceled',
  [status.UNKNOWN]: 'Unknown',
  [status.INVALID_ARGUMENT]: 'InvalidArgument',
  [status.DEADLINE_EXCEEDED]: 'DeadlineExceeded',
  [status.NOT_FOUND]: 'NotFound',
  [status.PERMISSION_DENIED]: 'PermissionDenied',
  [status.RESOURCE_EXHAUSTED]: 'ResourceExhausted',
  [status.FAILED_PRECONDITION]: 'FailedPrecondition',
  [status.OUT_OF_RANGE]: 'OutOfRange',
  [status.UNIMPLEMENTED]: 'Unimplemented',
  [status.INTERNAL]: 'Internal',
  [status.UNAVAILABLE]: 'Unavailable',
  [status.DATA_LOSS]: 'DataLoss',
  [status.UNAUTHENTICATED]: 'Unauthenticated',
};

const passing: ReadonlySet<number> = new Set([
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
  status.CANCELLED,
  // A connection that breaks off in the middle of an answer ends so.
  status.INTERNAL,
]);
const denied: ReadonlySet<number> = new Set([status.UNAUTHENTICATED, status.PERMISSION_DENIED]);

/** The failure of a call in the store's terms. `revision` is the one that was asked for, if any. */
export function fromServiceError(error: ServiceError, endpoint: string, revision = 0): Error {
  const text = error.details || error.message;
  if (error.code === status.OUT_OF_RANGE) {
    if (text.includes('has been compacted')) return new CompactedError(revision);
    if (text.includes('is a future revision')) return new FutureRevisionError(revision);
  }
  if (certificateTrouble(text)) {
    const message = `connect to etcd at "${endpoint}": ${lastError(text)}`;
    return new EtcdError('ETCD_ACCESS_DENIED', message, false, { cause: error });
  }
  if (denied.has(error.code) || text === 'etcdserver: user name is empty') {
    const message = `etcd at "${endpoint}" denies access: ${text}`;
    return new EtcdError('ETCD_ACCESS_DENIED', message, false, { cause: error });
  }
  const message = text.startsWith('etcdserver: ')
    ? text
    : `rpc error: code = ${names[error.code] ?? 'Unknown'} desc = ${neverSent(text) ? dialing(text) : text}`;
  const code = passing.has(error.code) ? 'ETCD_UNAVAILABLE' : 'ETCD_REFUSED';
  return new EtcdError(code, message, !neverSent(text), { cause: error });
}

/** The connection could not be made: no byte of the request has left. */
function neverSent(text: string): boolean {
  return /^(No connection established|Name resolution failed)/.test(text);
}

function certificateTrouble(text: string): boolean {
  return (
    neverSent(text) && /certificate|self-signed|altnames|wrong version number|SSL|TLS|CERT_|alert/i.test(text)
  );
}

function dialing(text: string): string {
  return `connection error: desc = "transport: Error while dialing: ${lastError(text)}"`;
}

/** Why no connection came about, in the words of the system. */
function lastError(text: string): string {
  return /Last error: (?:Error: )?(.*?)(?:\. Resolution note:.*)?$/s.exec(text)?.[1] ?? text;
}
