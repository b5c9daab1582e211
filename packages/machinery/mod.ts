export type { ApplyRequest } from './apply/apply-server-side.ts';
export { applyServerSide, applyServerSideInSteps, configurationName } from './apply/apply-server-side.ts';
export { newApplyConflict } from './apply/conflict.ts';
export type { FieldSet } from './apply/field-set.ts';
export { fieldSetOf } from './apply/field-set.ts';
export { keepManagedTimes } from './apply/keep-times.ts';
export { lastAppliedAnnotation } from './apply/last-applied.ts';
export { mergeConfiguration } from './apply/merge-configuration.ts';
export { resetFields } from './apply/reset-fields.ts';
export type { ReplicasPaths } from './apply/scale-managers.ts';
export { managersFromScale, managersOfScale } from './apply/scale-managers.ts';
export type { ToVersion, TrackUpdateRequest, WriteContext } from './apply/track-update.ts';
export { trackUpdate, trackUpdateInSteps } from './apply/track-update.ts';
export { zeroObject } from './apply/zero-object.ts';
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
export type { FieldRequirement } from './fields/selector.ts';
export { escapeValue as escapeFieldValue, FieldSelector, parseFieldSelector } from './fields/selector.ts';
export type { FailedRequest } from './generic-server-response.ts';
export { newGenericServerResponse } from './generic-server-response.ts';
export { formatGoDuration, GoDurationError, parseGoDuration } from './go-duration.ts';
export { goFloat, goNumber } from './go-float.ts';
export { compactJson, goJson, goMapJson } from './go-json.ts';
export type { GoUrl } from './go-url.ts';
export { GoUrlError, parseGoUrl } from './go-url.ts';
export { grpcCodes } from './grpc-codes.ts';
export { humanDuration } from './human-duration.ts';
export { byteOrder } from './json/byte-order.ts';
export { copyJson } from './json/copy-json.ts';
export { deepEqual } from './json/deep-equal.ts';
export { deepFreeze } from './json/deep-freeze.ts';
export type { Int64 } from './json/int64.ts';
export { int64, int64Of, isInt64 } from './json/int64.ts';
export { readJson, writeJson } from './json/json-text.ts';
export { setMember } from './json/member.ts';
export { maxNesting, maxStoredNesting, maxTypedNesting, nestsTooDeep } from './json/nesting.ts';
export type { Requirement, SelectorOperator } from './labels/requirement.ts';
export { newRequirement, SelectorParseError } from './labels/requirement.ts';
export type { LabelSelector } from './labels/selector.ts';
export {
  nothingSelector,
  parseLabelSelector,
  Selector,
  selectorFromLabelSelector,
  selectorFromSet,
} from './labels/selector.ts';
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
export type { FamilyOptions, Stability } from './metrics/family.ts';
export { Family } from './metrics/family.ts';
export type { HistogramOptions } from './metrics/metrics-registry.ts';
export { exponentialBuckets, MetricsRegistry } from './metrics/metrics-registry.ts';
export { processMetrics } from './metrics/process-metrics.ts';
export { Counter, Gauge, Histogram } from './metrics/values.ts';
export {
  isSloppyIP,
  isValidCIDR,
  isValidIP,
  isValidIPv4Address,
  isValidIPv6Address,
  parseCIDR,
  parseIPNumber,
} from './names/addresses.ts';
export {
  isDNS1035Label,
  isDNS1123Label,
  isDNS1123Subdomain,
  isDNS1123SubdomainWithUnderscore,
  isFullyQualifiedDomainName,
  isFullyQualifiedName,
  isWildcardDNS1123Subdomain,
} from './names/dns.ts';
export { canonicalIP, formatIP } from './names/format-ip.ts';
export {
  isCIdentifier,
  isConfigMapKey,
  isEnvVarName,
  isHTTPHeaderName,
  isInRange,
  isRelaxedEnvVarName,
  isValidPercent,
  isValidPortName,
  isValidPortNum,
} from './names/identifiers.ts';
export { emptyError, inclusiveRangeError, maxBytesError, maxLenError, regexError } from './names/messages.ts';
export {
  domainPrefixedPathFaults,
  isQualifiedName,
  isValidLabelValue,
} from './names/qualified.ts';
export { nodeHttp, nodeTls } from './node-modules.ts';
export { goText, jsonTypeName } from './patch/go-text.ts';
export type { JsonPatchOperation } from './patch/json-patch.ts';
export { applyJsonPatch, decodeJsonPatch } from './patch/json-patch.ts';
export {
  applyMergePatch,
  createMergePatch,
  createThreeWayJsonMergePatch,
  decodeMergePatch,
} from './patch/merge-patch.ts';
export { PatchError } from './patch/patch-error.ts';
export {
  applyStrategicMergePatch,
  createThreeWayMergePatch,
  createTwoWayMergePatch,
} from './patch/strategic/strategic-merge-patch.ts';
export type { QuantityFormat } from './quantity.ts';
export {
  canonicalQuantity,
  decimalSuffixes,
  parseQuantity,
  Quantity,
  QuantityParseError,
} from './quantity.ts';
export { FileError, isRegularFile, readText } from './read-text.ts';
export type { Status, StatusCause, StatusDetails } from './status-error.ts';
export {
  aggregate,
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
  newInternalError,
  newInvalid,
  newMethodNotSupported,
  newNotFound,
  newResourceExpired,
  newServiceUnavailable,
  newStatusError,
  newTimeout,
  newUnauthorized,
  newUnsupportedMediaType,
  StatusError,
} from './status-error.ts';
export type { Steps } from './steps.ts';
export { finish, inTurns } from './steps.ts';
export { isTimeZone, zoneOffset } from './time-zone.ts';
export { nextTurn } from './turns.ts';
export { formatYaml } from './yaml/format-yaml.ts';
export { zeroValueOf } from './zero-value.ts';
