export type { Clock, Timer } from './clock.ts';
export { formatMicroTime, formatTime, systemClock, VirtualClock } from './clock.ts';
export type { FieldFact, ResourceFact, SubresourceFact, TypeFact, ValueFact } from './facts.ts';
export type { FieldError, FieldErrorType } from './field-error.ts';
export {
  duplicate,
  FieldPath,
  forbidden,
  goQuote,
  internal,
  invalid,
  notFound,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from './field-error.ts';
export type { Logger } from './logger.ts';
export { silentLogger } from './logger.ts';
export type {
  GroupResource,
  GroupVersionKind,
  GroupVersionResource,
  KubeList,
  KubeObject,
  ListMeta,
  ManagedFieldsEntry,
  ObjectMeta,
  OwnerReference,
} from './meta.ts';
export { apiVersionOf, groupResourceString, parseApiVersion } from './meta.ts';
export type { Status, StatusCause, StatusDetails } from './status-error.ts';
export {
  isAlreadyExists,
  isConflict,
  isForbidden,
  isGone,
  isInvalid,
  isNotFound,
  isTooManyRequests,
  newAlreadyExists,
  newBadRequest,
  newConflict,
  newForbidden,
  newGone,
  newInternalError,
  newInvalid,
  newMethodNotSupported,
  newNotFound,
  newResourceExpired,
  newServiceUnavailable,
  newStatusError,
  newTimeout,
  newTooManyRequests,
  newUnauthorized,
  newUnsupportedMediaType,
  StatusError,
} from './status-error.ts';
