import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from '@coxswain/machinery';
import type {
  Container,
  ContainerConfig,
  ContainerFilter,
  ContainerStats,
  ContainerStatus,
  LinuxContainerResources,
} from '../container.ts';
import type { ExecSyncResult, Runtime, RuntimeCondition, RuntimeEvent, RuntimeVersion } from '../contract.ts';
import type { AuthConfig, FilesystemUsage, Image, ImageSpec } from '../image.ts';
import { RuntimeError } from '../runtime-error.ts';
import type { PodSandbox, PodSandboxConfig, PodSandboxFilter, PodSandboxStatus } from '../sandbox.ts';
import { AddressPool } from './address-pool.ts';
import { readBehaviour } from './behaviour.ts';
import {
  listedContainer,
  type SimulatedContainer,
  statsOfContainer,
  statusOfContainer,
} from './simulated-container.ts';
import { SimulatedImages } from './simulated-images.ts';
import { inHostNetwork, listedSandbox, type SimulatedSandbox, statusOfSandbox } from './simulated-sandbox.ts';

export interface SimulatedRuntimeOptions {
  readonly clock?: Clock;
  /** Range of the pods' addresses until `updatePodCidr` says otherwise. Default 10.244.0.0/16. */
  readonly podCidr?: string;
  /** Ms that making a sandbox takes. Default 0. */
  readonly sandboxMs?: number;
}

const nanos = 1e6;

/**
 * A container runtime in memory: sandboxes have addresses, containers have states and run on the clock, as
 * annotations of their pod say (see `Behaviour`). Nothing is executed. Pods in it cost a few kilobytes.
 */
export class SimulatedRuntime implements Runtime {
  readonly #clock: Clock;
  readonly #sandboxMs: number;
  readonly #sandboxes = new Map<string, SimulatedSandbox>();
  readonly #containers = new Map<string, SimulatedContainer>();
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  readonly #images: SimulatedImages;
  #addresses: AddressPool;

  constructor(options: SimulatedRuntimeOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#sandboxMs = options.sandboxMs ?? 0;
    this.#addresses = new AddressPool(options.podCidr ?? '10.244.0.0/16');
    this.#images = new SimulatedImages();
  }

  close(): void {
    for (const container of this.#containers.values()) container.timer?.cancel();
    this.#listeners.clear();
  }

  async version(): Promise<RuntimeVersion> {
    return { runtimeName: 'simulated', runtimeVersion: '1.0.0', runtimeApiVersion: 'v1' };
  }

  async status(): Promise<readonly RuntimeCondition[]> {
    return ['RuntimeReady', 'NetworkReady'].map((type) => ({ type, status: true, reason: '', message: '' }));
  }

  async runPodSandbox(config: PodSandboxConfig, runtimeHandler: string): Promise<string> {
    if (this.#sandboxMs > 0) await this.#clock.sleep(this.#sandboxMs);
    const { name, namespace, uid, attempt } = config.metadata;
    for (const s of this.#sandboxes.values()) {
      if (s.config.metadata.uid === uid && s.config.metadata.attempt === attempt) {
        const full = [name, namespace, uid, attempt].join('_');
        throw new RuntimeError(
          'Unknown',
          `failed to reserve sandbox name "${full}": name is reserved for "${s.id}"`,
        );
      }
    }
    const hostNetwork = inHostNetwork(config);
    const ip = hostNetwork ? undefined : this.#addresses.take();
    if (!hostNetwork && ip === undefined) {
      throw new RuntimeError(
        'Unknown',
        'failed to setup network for sandbox: no IP addresses available in range set',
      );
    }
    const id = newId();
    const createdAt = this.#clock.now() * nanos;
    this.#sandboxes.set(id, { id, config, createdAt, runtimeHandler, ip, ready: true });
    return id;
  }

  async stopPodSandbox(id: string): Promise<void> {
    const sandbox = this.#sandboxes.get(id);
    if (!sandbox) return;
    for (const container of this.#containersOf(id)) this.#finish(container, 137);
    if (sandbox.ip !== undefined) this.#addresses.give(sandbox.ip);
    sandbox.ip = undefined;
    if (!sandbox.ready) return;
    sandbox.ready = false;
    this.#tell({ containerId: id, type: 'stopped' });
  }

  async removePodSandbox(id: string): Promise<void> {
    await this.stopPodSandbox(id);
    for (const container of this.#containersOf(id)) await this.removeContainer(container.id);
    if (this.#sandboxes.delete(id)) this.#tell({ containerId: id, type: 'deleted' });
  }

  async podSandboxStatus(id: string): Promise<PodSandboxStatus> {
    const sandbox = this.#sandboxes.get(id);
    if (!sandbox) throw new RuntimeError('NotFound', `an error occurred when try to find sandbox: not found`);
    return statusOfSandbox(sandbox);
  }

  async listPodSandbox(filter: PodSandboxFilter = {}): Promise<readonly PodSandbox[]> {
    return [...this.#sandboxes.values()]
      .filter((s) => filter.id === undefined || s.id === filter.id)
      .filter((s) => hasLabels(s.config.labels, filter.labels))
      .map(listedSandbox)
      .filter((s) => filter.state === undefined || s.state === filter.state);
  }

  async createContainer(sandboxId: string, config: ContainerConfig): Promise<string> {
    const sandbox = this.#sandboxes.get(sandboxId);
    if (!sandbox) throw new RuntimeError('NotFound', `failed to find sandbox id "${sandboxId}": not found`);
    const image = this.#images.find(config.image.image);
    if (!image)
      throw new RuntimeError('NotFound', `failed to resolve image "${config.image.image}": not found`);
    const id = newId();
    this.#containers.set(id, {
      id,
      sandbox,
      config,
      behaviour: readBehaviour(sandbox.config.annotations, config.metadata.name),
      createdAt: this.#clock.now() * nanos,
      imageId: image.id,
      state: 'CONTAINER_CREATED',
      startedAt: 0,
      finishedAt: 0,
      exitCode: 0,
      timer: undefined,
      resources: config.linux.resources,
    });
    this.#tell({ containerId: id, type: 'created' });
    return id;
  }

  async startContainer(id: string): Promise<void> {
    const container = this.#get(id);
    const { startMs, exitAfterMs, exitCode } = container.behaviour;
    if (container.state !== 'CONTAINER_CREATED') {
      throw new RuntimeError('Unknown', `container "${id}" is in ${container.state} state`);
    }
    if (startMs > 0) await this.#clock.sleep(startMs);
    container.state = 'CONTAINER_RUNNING';
    container.startedAt = this.#clock.now() * nanos;
    if (exitAfterMs !== undefined) {
      container.timer = this.#clock.after(exitAfterMs, () => this.#finish(container, exitCode));
    }
    this.#tell({ containerId: id, type: 'started' });
  }

  async stopContainer(id: string, timeout: number): Promise<void> {
    const container = this.#containers.get(id);
    if (container?.state !== 'CONTAINER_RUNNING') return;
    const { stopMs } = container.behaviour;
    const heeds = stopMs <= timeout * 1000;
    const wait = Math.min(stopMs, timeout * 1000);
    if (wait > 0) await this.#clock.sleep(wait);
    this.#finish(container, heeds ? 143 : 137);
  }

  async removeContainer(id: string): Promise<void> {
    const container = this.#containers.get(id);
    if (!container) return;
    this.#finish(container, 137);
    this.#containers.delete(id);
    this.#tell({ containerId: id, type: 'deleted' });
  }

  async listContainers(filter: ContainerFilter = {}): Promise<readonly Container[]> {
    const found: Container[] = [];
    for (const c of this.#containers.values()) {
      if (filter.id !== undefined && c.id !== filter.id) continue;
      if (filter.state !== undefined && c.state !== filter.state) continue;
      if (filter.podSandboxId !== undefined && c.sandbox.id !== filter.podSandboxId) continue;
      if (!hasLabels(c.config.labels, filter.labels)) continue;
      found.push(listedContainer(c));
    }
    return found;
  }

  async containerStatus(id: string): Promise<ContainerStatus> {
    const container = this.#get(id);
    return statusOfContainer(container, this.#images.nameOf(container.imageId));
  }

  async updateContainerResources(id: string, linux: LinuxContainerResources): Promise<void> {
    const container = this.#get(id);
    container.resources = { ...container.resources, ...linux };
  }

  async reopenContainerLog(id: string): Promise<void> {
    this.#get(id);
  }

  async containerStats(id: string): Promise<ContainerStats> {
    return statsOfContainer(this.#get(id), this.#clock.now() * nanos);
  }

  async listContainerStats(): Promise<readonly ContainerStats[]> {
    return [...this.#containers.values()]
      .filter((c) => c.state === 'CONTAINER_RUNNING')
      .map((c) => statsOfContainer(c, this.#clock.now() * nanos));
  }

  /** Nothing is executed: the outcome is the container's readiness. */
  async execSync(id: string): Promise<ExecSyncResult> {
    const container = this.#get(id);
    if (container.state !== 'CONTAINER_RUNNING') {
      throw new RuntimeError(
        'Unknown',
        `failed to exec in container: container is in ${container.state} state`,
      );
    }
    const { readyAfterMs = 0 } = container.behaviour;
    const ready = this.#clock.now() * nanos - container.startedAt >= readyAfterMs * nanos;
    const empty = new Uint8Array();
    return { stdout: empty, stderr: empty, exitCode: ready ? 0 : 1 };
  }

  exec(): Promise<string> {
    return Promise.reject(new RuntimeError('Unimplemented', 'a simulated container executes nothing'));
  }

  attach(): Promise<string> {
    return Promise.reject(new RuntimeError('Unimplemented', 'a simulated container has no streams'));
  }

  portForward(): Promise<string> {
    return Promise.reject(new RuntimeError('Unimplemented', 'a simulated container listens on no port'));
  }

  async updatePodCidr(podCidr: string): Promise<void> {
    const [first = ''] = podCidr.split(',');
    if (first !== '') this.#addresses = new AddressPool(first);
  }

  watchEvents(
    onEvent: (event: RuntimeEvent) => void,
    onReady: () => void,
    signal: AbortSignal,
  ): Promise<void> {
    return new Promise((resolve) => {
      this.#listeners.add(onEvent);
      signal.addEventListener(
        'abort',
        () => {
          this.#listeners.delete(onEvent);
          resolve();
        },
        { once: true },
      );
      onReady();
    });
  }

  async listImages(): Promise<readonly Image[]> {
    return this.#images.list();
  }

  async imageStatus(image: ImageSpec): Promise<Image | undefined> {
    return this.#images.find(image.image);
  }

  async pullImage(
    image: ImageSpec,
    _auth: AuthConfig | undefined,
    sandbox: PodSandboxConfig,
  ): Promise<string> {
    const { pullError } = readBehaviour(sandbox.annotations, '');
    if (pullError !== undefined) throw new RuntimeError('Unknown', pullError);
    return this.#images.add(image.image);
  }

  async removeImage(image: ImageSpec): Promise<void> {
    this.#images.remove(image.image);
  }

  async imageFsInfo(): Promise<readonly FilesystemUsage[]> {
    return [{ mountpoint: '/', usedBytes: 0, inodesUsed: 0 }];
  }

  #get(id: string): SimulatedContainer {
    const container = this.#containers.get(id);
    if (!container) {
      throw new RuntimeError('NotFound', `an error occurred when try to find container "${id}": not found`);
    }
    return container;
  }

  #containersOf(sandboxId: string): SimulatedContainer[] {
    return [...this.#containers.values()].filter((c) => c.sandbox.id === sandboxId);
  }

  #finish(container: SimulatedContainer, exitCode: number): void {
    container.timer?.cancel();
    if (container.state !== 'CONTAINER_RUNNING') return;
    container.state = 'CONTAINER_EXITED';
    container.finishedAt = this.#clock.now() * nanos;
    container.exitCode = exitCode;
    this.#tell({ containerId: container.id, type: 'stopped' });
  }

  #tell(event: RuntimeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function hasLabels(
  labels: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>> | undefined,
): boolean {
  return wanted === undefined || Object.entries(wanted).every(([k, v]) => labels[k] === v);
}

/** Ids have 64 hexadecimal digits, as those of containerd. */
function newId(): string {
  return randomBytes(32).toString('hex');
}
