import type {
  Container,
  ContainerConfig,
  ContainerFilter,
  ContainerStats,
  ContainerStatus,
  LinuxContainerResources,
} from './container.ts';
import type { ImageMount } from './containerd-snapshots.ts';
import type { AuthConfig, FilesystemUsage, Image, ImageSpec } from './image.ts';
import type { PodSandbox, PodSandboxConfig, PodSandboxFilter, PodSandboxStatus } from './sandbox.ts';

/** What a runtime says about itself. */
export interface RuntimeVersion {
  readonly runtimeName: string;
  readonly runtimeVersion: string;
  readonly runtimeApiVersion: string;
}

export interface RuntimeCondition {
  /** `RuntimeReady` or `NetworkReady`. */
  readonly type: string;
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
}

export interface ExecSyncResult {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly exitCode: number;
}

export interface StreamOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** A hint that something of this container or sandbox changed; says nothing about what. */
export interface RuntimeEvent {
  readonly containerId: string;
  readonly type: 'created' | 'started' | 'stopped' | 'deleted';
}

/**
 * The runtime half of the container runtime interface, v1. Calls reject with `RuntimeError`; its `code` is
 * the gRPC status name (`NotFound`, `AlreadyExists`, `Unavailable`, `DeadlineExceeded`, `Unknown`...).
 */
export interface RuntimeService {
  version(signal?: AbortSignal): Promise<RuntimeVersion>;
  status(signal?: AbortSignal): Promise<readonly RuntimeCondition[]>;

  /** Creates and starts a sandbox; resolves with its id when its network is up. */
  runPodSandbox(config: PodSandboxConfig, runtimeHandler: string, signal?: AbortSignal): Promise<string>;
  /** Kills what runs in the sandbox and gives its address back. Idempotent. */
  stopPodSandbox(id: string): Promise<void>;
  /** Removes the sandbox and its containers. Idempotent. */
  removePodSandbox(id: string): Promise<void>;
  /** Rejects with `NotFound`. */
  podSandboxStatus(id: string): Promise<PodSandboxStatus>;
  listPodSandbox(filter?: PodSandboxFilter): Promise<readonly PodSandbox[]>;

  createContainer(sandboxId: string, config: ContainerConfig, sandbox: PodSandboxConfig): Promise<string>;
  startContainer(id: string): Promise<void>;
  /** Asks to stop, kills after `timeout` seconds. Idempotent. */
  stopContainer(id: string, timeout: number): Promise<void>;
  /** Kills if need be, and removes. Idempotent. */
  removeContainer(id: string): Promise<void>;
  listContainers(filter?: ContainerFilter): Promise<readonly Container[]>;
  containerStatus(id: string): Promise<ContainerStatus>;
  updateContainerResources(id: string, linux: LinuxContainerResources): Promise<void>;
  /** Makes the runtime write to a new file after the kubelet has moved the old one. */
  reopenContainerLog(id: string): Promise<void>;
  containerStats(id: string): Promise<ContainerStats>;
  listContainerStats(): Promise<readonly ContainerStats[]>;

  /** Runs a command to its end; `timeout` in seconds, 0 for none. Rejects with `DeadlineExceeded`. */
  execSync(id: string, command: readonly string[], timeout: number): Promise<ExecSyncResult>;
  /** Each resolves with the URL of the runtime's streaming server, for one use. */
  exec(id: string, command: readonly string[], options: StreamOptions): Promise<string>;
  attach(id: string, options: StreamOptions): Promise<string>;
  portForward(sandboxId: string, ports: readonly number[]): Promise<string>;

  updatePodCidr(podCidr: string): Promise<void>;

  /**
   * Calls back on changes until the signal aborts (resolves) or the stream breaks (rejects). `onReady` is
   * called once when events begin to flow. Absent where the runtime has none: then it must be polled.
   */
  watchEvents?(
    onEvent: (event: RuntimeEvent) => void,
    onReady: () => void,
    signal: AbortSignal,
  ): Promise<void>;
}

/** The image half of the container runtime interface, v1. */
export interface ImageService {
  listImages(): Promise<readonly Image[]>;
  /** Absent when the image is not there. */
  imageStatus(image: ImageSpec): Promise<Image | undefined>;
  /** Resolves with the reference of the image. */
  pullImage(image: ImageSpec, auth: AuthConfig | undefined, sandbox: PodSandboxConfig): Promise<string>;
  removeImage(image: ImageSpec): Promise<void>;
  imageFsInfo(): Promise<readonly FilesystemUsage[]>;
  /**
   * What to mount, read-only, so that the files of an image are seen. The same key gives the same view, which
   * stays until `releaseImageView`. Absent where images cannot be seen from outside of containers.
   */
  imageView?(imageId: string, key: string): Promise<readonly ImageMount[]>;
  /** Nothing of the view is mounted any more. Idempotent. */
  releaseImageView?(key: string): Promise<void>;
}

/** One object serves both halves, as container runtimes do on one socket. */
export interface Runtime extends RuntimeService, ImageService {
  close(): void;
}
