import type { LinuxContainerResources } from './container.ts';
import type { NamespaceOption, SELinuxOption, SecurityProfile } from './security.ts';

/** What identifies a sandbox for the kubelet. */
export interface PodSandboxMetadata {
  readonly name: string;
  readonly uid: string;
  readonly namespace: string;
  /** How many sandboxes the pod had before this one. */
  readonly attempt: number;
}

export interface DnsConfig {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

export interface PortMapping {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly containerPort: number;
  readonly hostPort: number;
  readonly hostIp: string;
}

export interface LinuxPodSandboxConfig {
  readonly cgroupParent: string;
  readonly securityContext: {
    readonly namespaceOptions: NamespaceOption;
    readonly selinuxOptions?: SELinuxOption;
    readonly runAsUser?: { readonly value: number };
    readonly runAsGroup?: { readonly value: number };
    readonly readonlyRootfs?: boolean;
    readonly supplementalGroups?: readonly number[];
    readonly privileged?: boolean;
    readonly seccomp?: SecurityProfile;
  };
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly resources?: LinuxContainerResources;
  readonly overhead?: LinuxContainerResources;
}

export interface PodSandboxConfig {
  readonly metadata: PodSandboxMetadata;
  readonly hostname: string;
  readonly logDirectory: string;
  readonly dnsConfig?: DnsConfig;
  readonly portMappings: readonly PortMapping[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly linux: LinuxPodSandboxConfig;
}

export type PodSandboxState = 'SANDBOX_READY' | 'SANDBOX_NOTREADY';

export interface PodSandbox {
  readonly id: string;
  readonly metadata: PodSandboxMetadata;
  readonly state: PodSandboxState;
  /** Nanoseconds since 1970. */
  readonly createdAt: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly runtimeHandler: string;
}

export interface PodSandboxStatus extends PodSandbox {
  /** The first is the main one; empty when the sandbox is in the host's network or has lost it. */
  readonly ips: readonly string[];
  readonly hostNetwork: boolean;
}

export interface PodSandboxFilter {
  readonly id?: string;
  readonly state?: PodSandboxState;
  readonly labels?: Readonly<Record<string, string>>;
}
