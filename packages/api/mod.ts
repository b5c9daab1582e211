export type { FieldFact, ResourceFact, SubresourceFact, TypeFact, ValueFact } from '@coxswain/machinery';
export { ConvertError, convert } from './convert/convert.ts';
export type { DecodedDocument, DocumentOptions } from './decode/decode-document.ts';
export {
  checkDocumentKind,
  decodeDocument,
  decodeDocumentInSteps,
  decodeParsedDocument,
  isDocumentFault,
  strictDecodingError,
  unrecognizedDocument,
} from './decode/decode-document.ts';
export type { Decoded, DecodeOptions } from './decode/decode-json.ts';
export { decodeJson, decodeValue, parseJson } from './decode/decode-json.ts';
export { decodeYaml, splitYamlDocuments } from './decode/decode-yaml.ts';
export { DecodeError } from './decode/decoder.ts';
export type { DocumentFormat, DocumentSource } from './decode/document-source.ts';
export { openDocument } from './decode/document-source.ts';
export { duplicateFields } from './decode/duplicate-fields.ts';
export { fromUnstructured } from './decode/from-unstructured.ts';
export { normalizeBase64 } from './decode/go-base64.ts';
export { goString } from './decode/go-string.ts';
export { normalizeTime, TimeParseError } from './decode/go-time.ts';
export { JsonSyntaxError, jsonFault } from './decode/json-parser.ts';
export { internalPackage } from './decode/schemes.ts';
export { readTypeMeta, TypeMetaError, typeMetaOf } from './decode/type-meta.ts';
export { YamlSyntaxError } from './decode/yaml/yaml-syntax-error.ts';
export { applyDefaults } from './defaults/apply-defaults.ts';
export {
  allResources,
  findKind,
  findResource,
  findType,
  kindsOfDefinition,
  storageVersionOf,
  typeOfKind,
} from './facts.ts';
export { allFeatureGates, type FeatureGate } from './feature-gates.ts';
export type * as admissionregistrationv1 from './generated/types/admissionregistrationv1.ts';
export type * as admissionregistrationv1alpha1 from './generated/types/admissionregistrationv1alpha1.ts';
export type * as admissionregistrationv1beta1 from './generated/types/admissionregistrationv1beta1.ts';
export type * as apiextensionsv1 from './generated/types/apiextensionsv1.ts';
export type * as apiregistrationv1 from './generated/types/apiregistrationv1.ts';
export type * as apiserverinternalv1alpha1 from './generated/types/apiserverinternalv1alpha1.ts';
export type * as appsv1 from './generated/types/appsv1.ts';
export type * as authenticationv1 from './generated/types/authenticationv1.ts';
export type * as authorizationv1 from './generated/types/authorizationv1.ts';
export type * as autoscalingv1 from './generated/types/autoscalingv1.ts';
export type * as autoscalingv2 from './generated/types/autoscalingv2.ts';
export type * as batchv1 from './generated/types/batchv1.ts';
export type * as certificatesv1 from './generated/types/certificatesv1.ts';
export type * as certificatesv1alpha1 from './generated/types/certificatesv1alpha1.ts';
export type * as certificatesv1beta1 from './generated/types/certificatesv1beta1.ts';
export type * as coordinationv1 from './generated/types/coordinationv1.ts';
export type * as coordinationv1alpha2 from './generated/types/coordinationv1alpha2.ts';
export type * as coordinationv1beta1 from './generated/types/coordinationv1beta1.ts';
export type * as corev1 from './generated/types/corev1.ts';
export type * as discoveryv1 from './generated/types/discoveryv1.ts';
export type * as eventsv1 from './generated/types/eventsv1.ts';
export type * as flowcontrolv1 from './generated/types/flowcontrolv1.ts';
export type * as metav1 from './generated/types/metav1.ts';
export type * as networkingv1 from './generated/types/networkingv1.ts';
export type * as networkingv1beta1 from './generated/types/networkingv1beta1.ts';
export type * as nodev1 from './generated/types/nodev1.ts';
export type * as policyv1 from './generated/types/policyv1.ts';
export type * as rbacv1 from './generated/types/rbacv1.ts';
export type * as resourcev1 from './generated/types/resourcev1.ts';
export type * as resourcev1alpha3 from './generated/types/resourcev1alpha3.ts';
export type * as resourcev1beta1 from './generated/types/resourcev1beta1.ts';
export type * as resourcev1beta2 from './generated/types/resourcev1beta2.ts';
export type * as schedulingv1 from './generated/types/schedulingv1.ts';
export type * as schedulingv1alpha2 from './generated/types/schedulingv1alpha2.ts';
export type * as storagemigrationv1beta1 from './generated/types/storagemigrationv1beta1.ts';
export type * as storagev1 from './generated/types/storagev1.ts';
export type * as storagev1beta1 from './generated/types/storagev1beta1.ts';
export { goDump } from './go-dump.ts';
export type { CustomOpenApi } from './openapi/custom.ts';
export type { OpenApiOptions } from './openapi/document.ts';
export { documentNames, openApiV3, openApiV3Index } from './openapi/document.ts';
export { describeType } from './openapi/prose.ts';
export { openApiV2 } from './openapi/v2.ts';
export { openApiV2Protobuf, openApiV2ProtobufOf } from './openapi/v2-protobuf.ts';
export { openApiV3Protobuf } from './openapi/v3-protobuf.ts';
export type { QuantityMap } from './pod-resources.ts';
export {
  decodeProtobuf,
  encodeProtobuf,
  encodeProtobufMessage,
  encodeProtobufWatchEvent,
  isProtobuf,
  type ListEnvelope,
  protobufListEnvelope,
} from './protobuf/envelope.ts';
export { ProtobufError } from './protobuf/wire-reader.ts';
export { podConstraintFault, podLimits, podRequests, podUsage } from './quota/pod-usage.ts';
export type { QuotaScope } from './quota/scopes.ts';
export { quotaScopeMatches, quotaScopesMatch, quotaScopesOf } from './quota/scopes.ts';
export { quotaConcerns, quotaUsage } from './quota/usage.ts';
export { matchesNodeSelector, matchesNodeTerm, matchesPodNodeAffinity } from './scheduling/node-selector.ts';
export type { Taint, Toleration } from './scheduling/taints.ts';
export { firstUntolerated, tolerates } from './scheduling/taints.ts';
export type { RequestContext, ValidationRequest } from './strategy/contract.ts';
export { prepareMetaForUpdate } from './strategy/generic.ts';
export type { UpdatePolicy } from './strategy/strategy.ts';
export {
  prepareForCreate,
  prepareForStatusUpdate,
  prepareForSubresourceUpdate,
  prepareForUpdate,
  updatePolicyOf,
  validateCreate,
  validateStatusUpdate,
  validateSubresourceUpdate,
  validateUpdate,
} from './strategy/strategy.ts';
export { warningsOnCreate, warningsOnSubresource, warningsOnUpdate } from './strategy/warnings.ts';
export { validateDefinitionNames } from './validation/admission/custom-resource-definition.ts';
export { validateWebhookClient } from './validation/admission/webhook-client.ts';
export {
  isHeadless,
  needsHealthCheck,
  normalizeClusterIPs,
  patchAllocatedValues,
} from './validation/core/service-fields.ts';
export { validateClusterIPsRelatedFields } from './validation/core/service-ips.ts';
export type { ExpressionFaults } from './validation/expression-faults.ts';
export { validateReviewedFields, validateReviewedLabels } from './validation/label-selector.ts';
export { dnsSubdomainName, pathSegmentName } from './validation/names.ts';
export {
  validateObjectMeta,
  validateObjectMetaUpdate,
  validateUpdatedMeta,
} from './validation/object-meta.ts';
export { privilegeFaults } from './validation/pod/privileges.ts';
export { computePodQOS, getPodQOS } from './validation/pod/qos.ts';
