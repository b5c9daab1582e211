export type { AdmissionConfig } from './access/admission/configuration/admission-config.ts';
export { loadAdmissionConfig } from './access/admission/configuration/load-admission-config.ts';
export { admissionPluginNames, defaultAdmissionPluginNames } from './access/admission/plugins.ts';
export { parseTokenFile } from './access/authentication/static-token.ts';
export { uncovered as uncoveredRules } from './access/authorization/rbac/rule-cover.ts';
export type { UserInfo } from './access/contract.ts';
export type { ExternalAccessOptions } from './access/create-external-access.ts';
export type { ExternalAccess } from './access/external-access.ts';
export { loadExternalAccess } from './access/load-external-access.ts';
export { loopbackUser } from './access/loopback-user.ts';
export type { AccessOptions, AuthorizationMode, ServiceAccountOptions } from './access/options.ts';
export type { AggregatorSettings } from './aggregator/aggregator.ts';
export type { ApiServerOptions } from './api-server-options.ts';
export type { ApiServer } from './apiserver.ts';
export { startApiServer } from './apiserver.ts';
export type { AuditBackendOptions, AuditMode, AuditOptions } from './audit/build-auditor.ts';
export { AuditPolicyError, parseAuditPolicy } from './audit/load-policy.ts';
export type { KubeletClientOptions } from './http/connect/backend.ts';
export {
  type CertificateFiles,
  type CertificatePair,
  FollowedPair,
} from './http/listener/follow-certificates.ts';
export type { ListenOptions } from './http/listener/server.ts';
export type { NamedCertificate, TlsSettings } from './http/listener/tls-settings.ts';
export { gitVersion } from './http/non-resource/version.ts';
export type { ServingOptions } from './http/serving-options.ts';
export type { ComponentCheck } from './registry/component-statuses.ts';
export { EncryptionConfigError } from './storage/encryption/config.ts';
export type { EncryptionOptions } from './storage/encryption/encryption-source.ts';
export { loadEncryptionConfig } from './storage/encryption/load-config.ts';
export type { StorageMediaType } from './storage/layers/media.ts';
