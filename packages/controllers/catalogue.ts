import type { Issuer } from '@coxswain/pki';
import { ValidatingAdmissionPolicyStatusController } from './admission/validating-admission-policy-status-controller.ts';
import { BootstrapSigner } from './bootstrap-token/bootstrap-signer.ts';
import { TokenCleaner } from './bootstrap-token/token-cleaner.ts';
import { CertificateApprovingController } from './certificates/approving-controller.ts';
import { CertificateCleanerController } from './certificates/cleaner-controller.ts';
import { CertificateSigningController } from './certificates/signing-controller.ts';
import { CronJobController } from './cron-job/cron-job-controller.ts';
import { DaemonSetController } from './daemon-set/daemon-set-controller.ts';
import { DeploymentController } from './deployment/deployment-controller.ts';
import { DisruptionController } from './disruption/disruption-controller.ts';
import { EndpointSliceController } from './endpoints/endpoint-slice-controller.ts';
import { EndpointSliceMirroringController } from './endpoints/endpoint-slice-mirroring-controller.ts';
import { EndpointsController } from './endpoints/endpoints-controller.ts';
import { GarbageCollector } from './garbage-collector/garbage-collector.ts';
import { JobController } from './job/job-controller.ts';
import { NamespaceController } from './namespace/namespace-controller.ts';
import { NodeIpamController } from './node/node-ipam-controller.ts';
import { NodeLifecycleController, type NodeLifecycleTimes } from './node/node-lifecycle-controller.ts';
import { PodGarbageCollector } from './node/pod-garbage-collector.ts';
import { TaintEvictionController } from './node/taint-eviction-controller.ts';
import {
  replicaSetController,
  replicationControllerController,
} from './replica-set/replica-set-controller.ts';
import { ResourceQuotaController } from './resource-quota/resource-quota-controller.ts';
import { ClusterRoleAggregationController } from './service-account/cluster-role-aggregation-controller.ts';
import { LegacyTokenCleaner } from './service-account/legacy-token-cleaner.ts';
import { RootCaPublisher } from './service-account/root-ca-publisher.ts';
import { ServiceAccountController } from './service-account/service-account-controller.ts';
import { ServiceAccountTokenController, type SignLegacyToken } from './service-account/token-controller.ts';
import { ServiceCidrController } from './service-cidr/service-cidr-controller.ts';
import type { ControllerContext, RunnableController } from './shared/context.ts';
import { StatefulSetController } from './stateful-set/stateful-set-controller.ts';
import { EphemeralVolumeController } from './storage/ephemeral-volume-controller.ts';
import { VolumeBinderController } from './storage/volume-binder-controller.ts';
import { NodeTtlController } from './ttl/node-ttl-controller.ts';
import { TtlAfterFinishedController } from './ttl/ttl-after-finished-controller.ts';

/** The CA that signs certificates on request. */
interface CertificateSigning {
  readonly issuer: Issuer;
  /** How long certificates live, ms; default a year. */
  readonly durationMs?: number;
}

import {
  pvcProtectionController,
  pvProtectionController,
  vacProtectionController,
} from './storage/protection-controllers.ts';

/** What some controllers need besides the context. A controller whose need is not met is left out. */
export interface ControllerSettings {
  /** PEM of the CA that signed the API server's certificate, for the root CA publisher. */
  readonly rootCa?: string;
  /** Range of all pod addresses; nodes get theirs out of it. Absent: nodes bring their own. */
  readonly clusterCidr?: string;
  /** Prefix length of a node's range. Default 24. */
  readonly nodeCidrMaskSize?: number;
  readonly nodeLifecycleTimes?: NodeLifecycleTimes;
  /** Signs the tokens of Secrets with the key of the API server's tokens. */
  readonly signLegacyToken?: SignLegacyToken;
  readonly certificateSigning?: CertificateSigning;
}

export interface ControllerEntry {
  /**
   * The service account in kube-system that it acts as; bootstrap roles give it what it needs and no more. Empty:
   * it acts as the process itself.
   */
  readonly serviceAccount: string;
  readonly make: (context: ControllerContext, settings: ControllerSettings) => RunnableController | undefined;
}

/** Every controller by upstream's name, as `--controllers` takes it. */
export const controllerCatalogue: Readonly<Record<string, ControllerEntry>> = {
  'bootstrap-signer-controller': {
    serviceAccount: 'bootstrap-signer',
    make: (context) => new BootstrapSigner(context),
  },
  'certificatesigningrequest-approving-controller': {
    serviceAccount: 'certificate-controller',
    make: (context) => new CertificateApprovingController(context),
  },
  'certificatesigningrequest-cleaner-controller': {
    serviceAccount: 'certificate-controller',
    make: (context) => new CertificateCleanerController(context),
  },
  'certificatesigningrequest-signing-controller': {
    serviceAccount: 'certificate-controller',
    make: (context, { certificateSigning: signing }) =>
      signing && new CertificateSigningController(context, signing.issuer, signing.durationMs),
  },
  'clusterrole-aggregation-controller': {
    serviceAccount: 'clusterrole-aggregation-controller',
    make: (context) => new ClusterRoleAggregationController(context),
  },
  'cronjob-controller': {
    serviceAccount: 'cronjob-controller',
    make: (context) => new CronJobController(context),
  },
  'daemonset-controller': {
    serviceAccount: 'daemon-set-controller',
    make: (context) => new DaemonSetController(context),
  },
  'deployment-controller': {
    serviceAccount: 'deployment-controller',
    make: (context) => new DeploymentController(context),
  },
  'disruption-controller': {
    serviceAccount: 'disruption-controller',
    make: (context) => new DisruptionController(context),
  },
  'endpoints-controller': {
    serviceAccount: 'endpoint-controller',
    make: (context) => new EndpointsController(context),
  },
  'endpointslice-controller': {
    serviceAccount: 'endpointslice-controller',
    make: (context) => new EndpointSliceController(context),
  },
  'endpointslice-mirroring-controller': {
    serviceAccount: 'endpointslicemirroring-controller',
    make: (context) => new EndpointSliceMirroringController(context),
  },
  'ephemeral-volume-controller': {
    serviceAccount: 'ephemeral-volume-controller',
    make: (context) => new EphemeralVolumeController(context),
  },
  'garbage-collector-controller': {
    serviceAccount: 'generic-garbage-collector',
    make: (context) => new GarbageCollector(context),
  },
  'job-controller': {
    serviceAccount: 'job-controller',
    make: (context) => new JobController(context),
  },
  'legacy-serviceaccount-token-cleaner-controller': {
    serviceAccount: 'legacy-service-account-token-cleaner',
    make: (context) => new LegacyTokenCleaner(context),
  },
  'namespace-controller': {
    serviceAccount: 'namespace-controller',
    make: (context) => new NamespaceController(context),
  },
  'node-ipam-controller': {
    serviceAccount: 'node-controller',
    make: (context, { clusterCidr, nodeCidrMaskSize = 24 }) =>
      clusterCidr === undefined ? undefined : new NodeIpamController(context, clusterCidr, nodeCidrMaskSize),
  },
  'node-lifecycle-controller': {
    serviceAccount: 'node-controller',
    make: (context, { nodeLifecycleTimes }) => new NodeLifecycleController(context, nodeLifecycleTimes),
  },
  'persistentvolume-protection-controller': {
    serviceAccount: 'pv-protection-controller',
    make: (context) => pvProtectionController(context),
  },
  'persistentvolumeclaim-protection-controller': {
    serviceAccount: 'pvc-protection-controller',
    make: (context) => pvcProtectionController(context),
  },
  'persistentvolume-binder-controller': {
    serviceAccount: 'persistent-volume-binder',
    make: (context) => new VolumeBinderController(context),
  },
  'pod-garbage-collector-controller': {
    serviceAccount: 'pod-garbage-collector',
    make: (context) => new PodGarbageCollector(context),
  },
  'replicaset-controller': {
    serviceAccount: 'replicaset-controller',
    make: (context) => replicaSetController(context),
  },
  'replicationcontroller-controller': {
    serviceAccount: 'replication-controller',
    make: (context) => replicationControllerController(context),
  },
  'resourcequota-controller': {
    serviceAccount: 'resourcequota-controller',
    make: (context) => new ResourceQuotaController(context),
  },
  'root-ca-certificate-publisher-controller': {
    serviceAccount: 'root-ca-cert-publisher',
    make: (context, { rootCa }) => (rootCa === undefined ? undefined : new RootCaPublisher(context, rootCa)),
  },
  'serviceaccount-controller': {
    serviceAccount: 'service-account-controller',
    make: (context) => new ServiceAccountController(context),
  },
  'serviceaccount-token-controller': {
    serviceAccount: '',
    make: (context, { signLegacyToken, rootCa }) =>
      signLegacyToken && new ServiceAccountTokenController(context, signLegacyToken, rootCa),
  },
  'service-cidr-controller': {
    serviceAccount: 'service-cidrs-controller',
    make: (context) => new ServiceCidrController(context),
  },
  'statefulset-controller': {
    serviceAccount: 'statefulset-controller',
    make: (context) => new StatefulSetController(context),
  },
  'taint-eviction-controller': {
    serviceAccount: 'node-controller',
    make: (context) => new TaintEvictionController(context),
  },
  'ttl-after-finished-controller': {
    serviceAccount: 'ttl-after-finished-controller',
    make: (context) => new TtlAfterFinishedController(context),
  },
  'ttl-controller': {
    serviceAccount: 'ttl-controller',
    make: (context) => new NodeTtlController(context),
  },
  'token-cleaner-controller': {
    serviceAccount: 'token-cleaner',
    make: (context) => new TokenCleaner(context),
  },
  'validatingadmissionpolicy-status-controller': {
    serviceAccount: 'validatingadmissionpolicy-status-controller',
    make: (context) => new ValidatingAdmissionPolicyStatusController(context),
  },
  'volumeattributesclass-protection-controller': {
    serviceAccount: 'volumeattributesclass-protection-controller',
    make: (context) => vacProtectionController(context),
  },
};

/** A name in `--controllers` that no controller has. */
export class UnknownControllerError extends Error {
  override readonly name = 'UnknownControllerError';
  readonly code = 'UNKNOWN_CONTROLLER';
  readonly controller: string;

  constructor(controller: string) {
    super(`"${controller}" is not in the list of known controllers`);
    this.controller = controller;
  }
}

/**
 * The names that a `--controllers` list enables: `*` is all, `foo` is foo, `-foo` is all but foo.
 * @throws UnknownControllerError
 */
export function enabledControllers(list: readonly string[]): string[] {
  const known = Object.keys(controllerCatalogue);
  for (const entry of list) {
    const name = entry.replace(/^-/, '');
    if (name !== '*' && !known.includes(name)) throw new UnknownControllerError(name);
  }
  return known.filter((name) => !list.includes(`-${name}`) && (list.includes(name) || list.includes('*')));
}
