import type { KubeObject, Status } from '@coxswain/machinery';

/** What events bear of a Status. */
export type StatusParts = Partial<Pick<Status, 'status' | 'message' | 'reason' | 'details' | 'code'>>;

/** Parts of the server that take some of a request's time, under the names that upstream's events have for them. */
export type SlowPart =
  | 'authentication'
  | 'impersonation'
  | 'authorization'
  | 'apf-queue-wait'
  | 'mutating-webhook'
  | 'validating-webhook'
  | 'transform-response-object'
  | 'serialize-response-object'
  | 'response-write';

/** What is noted of one request on its way, for its audit event. Absent where nothing is audited. */
export interface AuditTrail {
  /** Adds an annotation to the event; the first value of a key stays. */
  annotate(key: string, value: string): void;
  /** A part of the server took some of the time; told of requests that take long. */
  spent(part: SlowPart, ms: number): void;
  /** Adds an annotation that is too much where no more than the request's metadata is written down. */
  annotateRequest(key: string, value: () => string): void;
  /** The object that the request brings, decoded and with its defaults; Go has no type of custom resources. */
  requestObject(object: KubeObject, isCustom: boolean): void;
  /** JSON of what a request brings that is no object: a patch. Undefined where it is no JSON: nothing can be written then. */
  requestBody(json: () => string | undefined): void;
  /** JSON of the object that the request is answered; asked for where it is written down. */
  responseObject(json: () => string): void;
  /** The answer is a Status. */
  responseStatus(status: StatusParts): void;
}
