export type {
  Container,
  ContainerConfig,
  ContainerFilter,
  ContainerMetadata,
  ContainerState,
  ContainerStats,
  ContainerStatus,
  ContainerUser,
  Device,
  LinuxContainerResources,
  Mount,
  MountPropagation,
} from './container.ts';
export type { ImageMount } from './containerd-snapshots.ts';
export type {
  ExecSyncResult,
  ImageService,
  Runtime,
  RuntimeCondition,
  RuntimeEvent,
  RuntimeService,
  RuntimeVersion,
  StreamOptions,
} from './contract.ts';
export type { AuthConfig, FilesystemUsage, Image, ImageSpec } from './image.ts';
export { RemoteRuntime, type RemoteRuntimeOptions } from './remote-runtime.ts';
export { isRuntimeNotFound, RuntimeError, type RuntimeErrorCode } from './runtime-error.ts';
export type {
  DnsConfig,
  LinuxPodSandboxConfig,
  PodSandbox,
  PodSandboxConfig,
  PodSandboxFilter,
  PodSandboxMetadata,
  PodSandboxState,
  PodSandboxStatus,
  PortMapping,
} from './sandbox.ts';
export type {
  LinuxContainerSecurityContext,
  NamespaceMode,
  NamespaceOption,
  SELinuxOption,
  SecurityProfile,
} from './security.ts';
export { type Behaviour, behaviourAnnotations } from './simulated/behaviour.ts';
export { SimulatedRuntime, type SimulatedRuntimeOptions } from './simulated/simulated-runtime.ts';
