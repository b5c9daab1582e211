import { randomUUID } from 'node:crypto';
import type { Clock } from '@coxswain/machinery';
import { MutatingAdmissionPolicy } from '../../extensions/admission/mutating-admission-policy.ts';
import { ValidatingAdmissionPolicy } from '../../extensions/admission/validating-admission-policy.ts';
import type { WebhookSources } from '../../extensions/admission/webhook.ts';
import type { WebhookMetrics } from '../../extensions/admission/webhook-metrics.ts';
import {
  MutatingAdmissionWebhook,
  ValidatingAdmissionWebhook,
} from '../../extensions/admission/webhook-plugins.ts';
import type { RbacAuthorizer } from '../authorization/rbac/rbac-authorizer.ts';
import type { AdmissionPlugin, Authorizer, ObjectReader } from '../contract.ts';
import type { AccessOptions } from '../options.ts';
import { alwaysAdmit, alwaysDenyWrites } from './always.ts';
import { alwaysPullImages } from './always-pull-images.ts';
import {
  certificateApproval,
  certificateSigning,
  certificateSubjectRestriction,
  clusterTrustBundleAttest,
} from './certificates.ts';
import { csrRequester } from './csr-requester.ts';
import { DefaultIngressClass } from './default-ingress-class.ts';
import { DefaultStorageClass } from './default-storage-class.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { denyServiceExternalIPs } from './deny-service-external-ips.ts';
import { EventRateLimit } from './event-rate-limit.ts';
import { extendedResourceToleration } from './extended-resource-toleration.ts';
import { limitPodHardAntiAffinityTopology } from './hard-anti-affinity.ts';
import { ImagePolicyWebhook } from './image-policy-webhook.ts';
import { LimitRanger } from './limit-ranger/limit-ranger.ts';
import type { PluginMetrics } from './measured-plugin.ts';
import { namespaceAutoProvision, namespaceExists } from './namespace-exists.ts';
import { NamespaceLifecycle } from './namespace-lifecycle.ts';
import { NodeRestriction } from './node-restriction/node-restriction.ts';
import { OwnerReferencesPermissionEnforcement } from './owner-references.ts';
import { PersistentVolumeClaimResize } from './persistent-volume-claim-resize.ts';
import { PodNodeSelector } from './pod-node-selector.ts';
import { PodSecurityMetrics } from './pod-security/metrics.ts';
import { PodSecurity } from './pod-security/pod-security.ts';
import { PodTolerationRestriction } from './pod-toleration-restriction.ts';
import { PodTopologyLabels } from './pod-topology-labels.ts';
import { Priority } from './priority.ts';
import { RbacEscalation } from './rbac-escalation.ts';
import { ResourceQuota } from './resource-quota/resource-quota.ts';
import { RuntimeClass } from './runtime-class.ts';
import { ServiceAccountPlugin } from './service-account.ts';
import { storageObjectInUseProtection } from './storage-object-in-use-protection.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';

/** What plugins are made from. */
export interface PluginSources {
  readonly options: AccessOptions;
  readonly reader: ObjectReader;
  readonly clock: Clock;
  readonly authorizer: Authorizer;
  readonly rbac: RbacAuthorizer | undefined;
  /** Absent: plugins are not timed. */
  readonly timed?: PluginMetrics | undefined;
  /** Absent: calls of webhooks are not counted. */
  readonly webhookMetrics?: WebhookMetrics | undefined;
}

interface PluginEntry {
  readonly name: string;
  /** On unless disabled. */
  readonly byDefault: boolean;
  readonly build: (sources: PluginSources) => AdmissionPlugin;
}

/** All plugins in upstream's order, which is the order in which they run. */
const catalogue: readonly PluginEntry[] = [
  off('AlwaysAdmit', () => alwaysAdmit),
  off('NamespaceAutoProvision', ({ reader, options }) => namespaceAutoProvision(reader, options.transport)),
  on('NamespaceLifecycle', ({ reader }) => new NamespaceLifecycle(reader)),
  off('NamespaceExists', ({ reader }) => namespaceExists(reader)),
  off('LimitPodHardAntiAffinityTopology', () => limitPodHardAntiAffinityTopology),
  on('LimitRanger', ({ reader }) => new LimitRanger(reader)),
  on('ServiceAccount', ({ reader }) => new ServiceAccountPlugin(reader)),
  off('NodeRestriction', ({ reader, authorizer }) => new NodeRestriction(reader, authorizer)),
  on('TaintNodesByCondition', () => taintNodesByCondition),
  off('AlwaysPullImages', () => alwaysPullImages),
  off('ImagePolicyWebhook', ({ options, clock }) => {
    const config = options.admission?.imagePolicy;
    if (config === undefined) throw new Error('ImagePolicyWebhook: no config specified');
    return new ImagePolicyWebhook(config, { clock, logger: options.logger, random: Math.random });
  }),
  on('PodSecurity', ({ reader, options }) => {
    const metrics = options.metrics && new PodSecurityMetrics(options.metrics);
    return new PodSecurity(reader, options.admission?.podSecurity, metrics);
  }),
  off('PodNodeSelector', ({ reader, options }) => {
    return new PodNodeSelector(reader, options.admission?.podNodeSelector);
  }),
  on('Priority', ({ reader }) => new Priority(reader)),
  on('DefaultTolerationSeconds', ({ options }) => defaultTolerationSeconds(options.tolerationSeconds)),
  off('PodTolerationRestriction', ({ reader, options }) => {
    return new PodTolerationRestriction(reader, options.admission?.podTolerations);
  }),
  off('EventRateLimit', ({ options, clock }) => {
    const limits = options.admission?.eventLimits;
    if (limits === undefined) throw new Error('EventRateLimit: no config specified');
    return new EventRateLimit(limits, clock);
  }),
  off('ExtendedResourceToleration', () => extendedResourceToleration),
  on('DefaultStorageClass', ({ reader }) => new DefaultStorageClass(reader)),
  on('StorageObjectInUseProtection', () => storageObjectInUseProtection),
  off('OwnerReferencesPermissionEnforcement', ({ authorizer }) => {
    return new OwnerReferencesPermissionEnforcement(authorizer);
  }),
  on('PersistentVolumeClaimResize', ({ reader }) => new PersistentVolumeClaimResize(reader)),
  on('RuntimeClass', ({ reader }) => new RuntimeClass(reader)),
  on('CertificateApproval', ({ authorizer }) => certificateApproval(authorizer)),
  on('CertificateSigning', ({ authorizer }) => certificateSigning(authorizer)),
  on('ClusterTrustBundleAttest', ({ authorizer }) => clusterTrustBundleAttest(authorizer)),
  on('CertificateSubjectRestriction', () => certificateSubjectRestriction),
  on('DefaultIngressClass', ({ reader }) => new DefaultIngressClass(reader)),
  on('PodTopologyLabels', ({ reader }) => new PodTopologyLabels(reader)),
  off('DenyServiceExternalIPs', () => denyServiceExternalIPs),
  on('MutatingAdmissionPolicy', ({ reader, authorizer }) => {
    return new MutatingAdmissionPolicy(reader, authorizer);
  }),
  on('MutatingAdmissionWebhook', (sources) => {
    const { mutatingWebhookCredentials: credentials } = sources.options.admission ?? {};
    return new MutatingAdmissionWebhook({ ...webhookSources(sources), credentials });
  }),
  on('ValidatingAdmissionPolicy', ({ reader, authorizer }) => {
    return new ValidatingAdmissionPolicy(reader, authorizer);
  }),
  on('ValidatingAdmissionWebhook', (sources) => {
    const { validatingWebhookCredentials: credentials } = sources.options.admission ?? {};
    return new ValidatingAdmissionWebhook({ ...webhookSources(sources), credentials });
  }),
  on('ResourceQuota', ({ reader, clock, options }) => {
    return new ResourceQuota(reader, clock, options.transport, options.admission?.limitedResources);
  }),
  off('AlwaysDeny', () => alwaysDenyWrites),
];

function webhookSources({ reader, authorizer, clock, webhookMetrics }: PluginSources): WebhookSources {
  return { reader, authorizer, clock, uid: randomUUID, random: Math.random, metrics: webhookMetrics };
}

function on(name: string, build: PluginEntry['build']): PluginEntry {
  return { name, byDefault: true, build };
}

function off(name: string, build: PluginEntry['build']): PluginEntry {
  return { name, byDefault: false, build };
}

/** Names of the plugins that there are, for flags and their errors. */
export const admissionPluginNames: readonly string[] = catalogue.map((entry) => entry.name);

/** Names of those that run unless they are disabled. */
export const defaultAdmissionPluginNames: readonly string[] = catalogue
  .filter((entry) => entry.byDefault)
  .map((entry) => entry.name);

/** The enabled plugins in the order in which they run; what upstream's storage checks itself comes last. */
export function buildPlugins(sources: PluginSources): AdmissionPlugin[] {
  const { enableAdmissionPlugins: enabled, disableAdmissionPlugins: disabled } = sources.options;
  const plugins = catalogue
    .filter(({ name, byDefault }) => enabled.includes(name) || (byDefault && !disabled.includes(name)))
    .map((entry) => entry.build(sources))
    .map((plugin) => sources.timed?.measured(plugin) ?? plugin);
  plugins.push(csrRequester);
  if (sources.rbac !== undefined) plugins.push(new RbacEscalation(sources.authorizer, sources.rbac));
  return plugins;
}
