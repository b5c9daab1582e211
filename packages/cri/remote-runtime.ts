import { type Clock, systemClock } from '@coxswain/machinery';
import type {
  Container,
  ContainerConfig,
  ContainerFilter,
  ContainerStats,
  ContainerStatus,
  LinuxContainerResources,
} from './container.ts';
import {
  containerdEventDescriptors,
  containerdEventsService,
  criNamespace,
  readEnvelope,
} from './container-events.ts';
import { ContainerdSnapshots, type ImageMount } from './containerd-snapshots.ts';
import type {
  ExecSyncResult,
  Runtime,
  RuntimeCondition,
  RuntimeEvent,
  RuntimeVersion,
  StreamOptions,
} from './contract.ts';
import descriptors from './generated/cri-v1.json' with { type: 'json' };
import { GrpcService } from './grpc-channel.ts';
import type { AuthConfig, FilesystemUsage, Image, ImageSpec } from './image.ts';
import { RuntimeError } from './runtime-error.ts';
import type { PodSandbox, PodSandboxConfig, PodSandboxFilter, PodSandboxStatus } from './sandbox.ts';
import {
  containerFilterToWire,
  containerFromWire,
  containerStatusFromWire,
  containerToWire,
  imageFromWire,
  sandboxFilterToWire,
  sandboxStatusFromWire,
  statsFromWire,
} from './wire.ts';

export interface RemoteRuntimeOptions {
  /** Path of the runtime's unix socket. */
  readonly socket: string;
  /** For calls that are over soon. Default 2 min, as --runtime-request-timeout. */
  readonly requestTimeoutMs?: number;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

const events: Readonly<Record<string, RuntimeEvent['type']>> = {
  CONTAINER_CREATED_EVENT: 'created',
  CONTAINER_STARTED_EVENT: 'started',
  CONTAINER_STOPPED_EVENT: 'stopped',
  CONTAINER_DELETED_EVENT: 'deleted',
};

/** A container runtime behind a CRI v1 socket, such as containerd. Connects when first called. */
export class RemoteRuntime implements Runtime {
  readonly #runtime: GrpcService;
  readonly #image: GrpcService;
  readonly #containerd: GrpcService;
  readonly #snapshots: ContainerdSnapshots;
  #snapshotter: string | undefined;
  readonly #timeout: number;

  constructor(options: RemoteRuntimeOptions) {
    const clock = options.clock ?? systemClock;
    this.#runtime = new GrpcService(descriptors, 'runtime.v1.RuntimeService', options.socket, clock);
    this.#image = new GrpcService(descriptors, 'runtime.v1.ImageService', options.socket, clock);
    this.#containerd = new GrpcService(
      containerdEventDescriptors,
      containerdEventsService,
      options.socket,
      clock,
    );
    this.#timeout = options.requestTimeoutMs ?? 120_000;
    this.#snapshots = new ContainerdSnapshots(options.socket, clock, this.#timeout);
  }

  close(): void {
    for (const service of [this.#runtime, this.#image, this.#containerd, this.#snapshots]) service.close();
  }

  #call(method: string, request: object, signal?: AbortSignal): Promise<any> {
    return this.#runtime.call(method, request, this.#timeout, signal);
  }

  version(signal?: AbortSignal): Promise<RuntimeVersion> {
    return this.#call('Version', {}, signal);
  }

  async status(signal?: AbortSignal): Promise<readonly RuntimeCondition[]> {
    const reply = await this.#call('Status', {}, signal);
    return reply.status?.conditions ?? [];
  }

  async runPodSandbox(
    config: PodSandboxConfig,
    runtimeHandler: string,
    signal?: AbortSignal,
  ): Promise<string> {
    // Twice the usual limit, as upstream: the network plugin may take its time.
    const timeout = this.#timeout * 2;
    const reply = await this.#runtime.call('RunPodSandbox', { config, runtimeHandler }, timeout, signal);
    return reply.podSandboxId;
  }

  async stopPodSandbox(podSandboxId: string): Promise<void> {
    await this.#call('StopPodSandbox', { podSandboxId });
  }

  async removePodSandbox(podSandboxId: string): Promise<void> {
    await this.#call('RemovePodSandbox', { podSandboxId });
  }

  async podSandboxStatus(podSandboxId: string): Promise<PodSandboxStatus> {
    return sandboxStatusFromWire((await this.#call('PodSandboxStatus', { podSandboxId })).status);
  }

  async listPodSandbox(filter?: PodSandboxFilter): Promise<readonly PodSandbox[]> {
    return (await this.#call('ListPodSandbox', { filter: sandboxFilterToWire(filter) })).items;
  }

  async createContainer(
    podSandboxId: string,
    config: ContainerConfig,
    sandboxConfig: PodSandboxConfig,
  ): Promise<string> {
    const request = { podSandboxId, config: containerToWire(config), sandboxConfig };
    return (await this.#call('CreateContainer', request)).containerId;
  }

  async startContainer(containerId: string): Promise<void> {
    await this.#call('StartContainer', { containerId });
  }

  async stopContainer(containerId: string, timeout: number): Promise<void> {
    // The runtime itself waits for `timeout` first.
    const limit = this.#timeout + timeout * 1000;
    await this.#runtime.call('StopContainer', { containerId, timeout }, limit);
  }

  async removeContainer(containerId: string): Promise<void> {
    await this.#call('RemoveContainer', { containerId });
  }

  async listContainers(filter?: ContainerFilter): Promise<readonly Container[]> {
    const reply = await this.#call('ListContainers', { filter: containerFilterToWire(filter) });
    return reply.containers.map(containerFromWire);
  }

  async containerStatus(containerId: string): Promise<ContainerStatus> {
    return containerStatusFromWire((await this.#call('ContainerStatus', { containerId })).status);
  }

  async updateContainerResources(containerId: string, linux: LinuxContainerResources): Promise<void> {
    await this.#call('UpdateContainerResources', { containerId, linux });
  }

  async reopenContainerLog(containerId: string): Promise<void> {
    await this.#call('ReopenContainerLog', { containerId });
  }

  async containerStats(containerId: string): Promise<ContainerStats> {
    return statsFromWire((await this.#call('ContainerStats', { containerId })).stats);
  }

  async listContainerStats(): Promise<readonly ContainerStats[]> {
    return (await this.#call('ListContainerStats', {})).stats.map(statsFromWire);
  }

  async execSync(containerId: string, cmd: readonly string[], timeout: number): Promise<ExecSyncResult> {
    // Half a minute beyond the command's own limit, so that the runtime's answer wins the race.
    const limit = timeout > 0 ? timeout * 1000 + 30_000 : 0;
    return this.#runtime.call('ExecSync', { containerId, cmd, timeout }, limit);
  }

  async exec(containerId: string, cmd: readonly string[], options: StreamOptions): Promise<string> {
    return (await this.#call('Exec', { containerId, cmd, ...options })).url;
  }

  async attach(containerId: string, options: StreamOptions): Promise<string> {
    return (await this.#call('Attach', { containerId, ...options })).url;
  }

  async portForward(podSandboxId: string, port: readonly number[]): Promise<string> {
    return (await this.#call('PortForward', { podSandboxId, port })).url;
  }

  async updatePodCidr(podCidr: string): Promise<void> {
    await this.#call('UpdateRuntimeConfig', { runtimeConfig: { networkConfig: { podCidr } } });
  }

  /** The interface's own events; containerd's where the runtime does not have those yet. */
  async watchEvents(
    onEvent: (event: RuntimeEvent) => void,
    onReady: () => void,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await this.#runtime.stream(
        'GetContainerEvents',
        {},
        {},
        {
          onOpen: onReady,
          onData: (m) =>
            onEvent({
              containerId: m.containerId,
              type: events[m.containerEventType as string] ?? 'stopped',
            }),
        },
        signal,
      );
    } catch (error) {
      if (!(error instanceof RuntimeError) || error.code !== 'Unimplemented') throw error;
      await this.#watchContainerd(onEvent, onReady, signal);
    }
  }

  #watchContainerd(
    onEvent: (event: RuntimeEvent) => void,
    onReady: () => void,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#containerd.stream(
      'Subscribe',
      { filters: [`namespace==${criNamespace}`] },
      { 'containerd-namespace': criNamespace },
      {
        // containerd sends its headers with the first event: what came before is found by a relist.
        onOpen: onReady,
        onData: (envelope) => {
          const event = readEnvelope(envelope);
          if (event) onEvent(event);
        },
      },
      signal,
    );
  }

  async listImages(): Promise<readonly Image[]> {
    const reply = await this.#image.call('ListImages', {}, this.#timeout);
    return reply.images.map(imageFromWire);
  }

  async imageStatus(image: ImageSpec): Promise<Image | undefined> {
    const reply = await this.#image.call('ImageStatus', { image }, this.#timeout);
    return reply.image === null ? undefined : imageFromWire(reply.image);
  }

  async pullImage(
    image: ImageSpec,
    auth: AuthConfig | undefined,
    sandboxConfig: PodSandboxConfig,
  ): Promise<string> {
    // No limit: a pull takes as long as it takes, and its progress is the runtime's to watch.
    const reply = await this.#image.call('PullImage', { image, auth, sandboxConfig }, 0);
    return reply.imageRef;
  }

  async removeImage(image: ImageSpec): Promise<void> {
    await this.#image.call('RemoveImage', { image }, this.#timeout);
  }

  async imageFsInfo(): Promise<readonly FilesystemUsage[]> {
    const reply = await this.#image.call('ImageFsInfo', {}, this.#timeout);
    return reply.imageFilesystems.map((f: any) => ({
      mountpoint: f.fsId?.mountpoint ?? '',
      usedBytes: f.usedBytes?.value ?? 0,
      inodesUsed: f.inodesUsed?.value ?? 0,
    }));
  }

  async imageView(imageId: string, key: string): Promise<readonly ImageMount[]> {
    return this.#snapshots.view(imageId, key, await this.#snapshotterName());
  }

  async releaseImageView(key: string): Promise<void> {
    await this.#snapshots.remove(key, await this.#snapshotterName());
  }

  /** containerd's CRI plugin tells of its settings in a verbose status. */
  async #snapshotterName(): Promise<string> {
    if (this.#snapshotter === undefined) {
      const { info } = await this.#call('Status', { verbose: true });
      this.#snapshotter = JSON.parse(info.config ?? '{}').containerd?.snapshotter || 'overlayfs';
    }
    return this.#snapshotter as string;
  }
}
