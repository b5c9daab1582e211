import type { EventRecorder } from '@coxswain/controller';
import { type Image, type PodSandboxConfig, RuntimeError, type RuntimeService } from '@coxswain/cri';
import type { Logger } from '@coxswain/machinery';
import type { ImageManager } from '../images/image-manager.ts';
import type { Hooks } from '../lifecycle/hook-runner.ts';
import { findContainer, type RuntimePod } from '../pleg/runtime-pod.ts';
import type { Container, Pod, Secret } from '../types.ts';
import { type ContainerSurroundings, containerConfig, type RunContainerOptions } from './container-config.ts';
import type { ContainerKiller } from './container-killer.ts';
import { containerEvent, type EventType } from './events.ts';
import { verifyRunAsNonRoot } from './security-context.ts';
import type { StartGate } from './start-gate.ts';
import { SyncError, type SyncReason } from './sync-error.ts';

export interface StartRequest {
  readonly pod: Pod;
  readonly container: Container;
  /** As it was before this container's start. */
  readonly runtimePod: RuntimePod;
  readonly sandboxId: string;
  readonly sandbox: PodSandboxConfig;
  readonly podIps: readonly string[];
  readonly secrets: readonly Secret[];
  /** Variables and mounts; asked for once the image is there. */
  readonly options: () => Promise<RunContainerOptions>;
}

/** Brings one container from nothing to running, as upstream's startContainer. */
export class ContainerStarter {
  readonly #runtime: RuntimeService;
  readonly #images: ImageManager;
  readonly #recorder: EventRecorder;
  readonly #hooks: Hooks;
  readonly #killer: ContainerKiller;
  readonly #logger: Logger;
  readonly #surroundings: ContainerSurroundings;
  readonly #gate: StartGate;

  constructor(parts: {
    readonly runtime: RuntimeService;
    readonly images: ImageManager;
    readonly recorder: EventRecorder;
    readonly hooks: Hooks;
    readonly killer: ContainerKiller;
    readonly logger: Logger;
    readonly gate: StartGate;
    readonly surroundings: ContainerSurroundings;
  }) {
    this.#runtime = parts.runtime;
    this.#images = parts.images;
    this.#recorder = parts.recorder;
    this.#hooks = parts.hooks;
    this.#killer = parts.killer;
    this.#logger = parts.logger;
    this.#surroundings = parts.surroundings;
    this.#gate = parts.gate;
  }

  /** Resolves with the container's id; rejects with a `SyncError`, of which an event tells. */
  async start(request: StartRequest): Promise<string> {
    const { pod, container } = request;
    const record = (type: EventType, reason: string, message: string): void =>
      containerEvent(this.#recorder, pod, container, type, reason, message);
    const failed = (error: SyncError): SyncError => {
      record('Warning', 'Failed', `Error: ${error.message}`);
      return error;
    };

    let image: Image;
    try {
      image = await this.#images.ensure(
        pod.metadata.uid ?? '',
        container,
        request.secrets,
        request.sandbox,
        record,
      );
    } catch (error) {
      // The event names the reason: the message was an event of its own.
      if (error instanceof SyncError) record('Warning', 'Failed', `Error: ${error.reason}`);
      throw error;
    }

    const id = await this.#create(request, image).catch((error: SyncError) => {
      throw failed(error);
    });
    record('Normal', 'Created', 'Container created');
    try {
      await this.#gate.run('container', () => this.#runtime.startContainer(id));
    } catch (cause) {
      throw failed(new SyncError('RunContainerError', wordsOf(cause), { cause }));
    }
    record('Normal', 'Started', 'Container started');
    await this.#postStart(request, id, record);
    return id;
  }

  async #create(request: StartRequest, image: Image): Promise<string> {
    const { pod, container, runtimePod, sandboxId, sandbox } = request;
    const last = findContainer(runtimePod, container.name);
    const restartCount = last === undefined ? 0 : last.info.restartCount + 1;
    const config = await step('CreateContainerConfigError', async () => {
      verifyRunAsNonRoot(pod, container, image);
      const target = targetOf(container, runtimePod);
      const surroundings = {
        ...this.#surroundings,
        ...(target === undefined ? {} : { targetId: target }),
      };
      return containerConfig(pod, container, restartCount, image, await request.options(), surroundings);
    });
    return step('CreateContainerError', () =>
      this.#gate.run('container', () => this.#runtime.createContainer(sandboxId, config, sandbox)),
    );
  }

  async #postStart(
    { pod, container, podIps }: StartRequest,
    id: string,
    record: (type: EventType, reason: string, message: string) => void,
  ): Promise<void> {
    const hook = container.lifecycle?.postStart;
    if (!hook) return;
    try {
      await this.#hooks.run(id, container, hook, podIps[0] ?? '', new AbortController().signal);
    } catch (cause) {
      const message = (cause as Error).message;
      this.#logger.debug('a postStart hook failed', { pod: pod.metadata.name, container: container.name });
      record('Warning', 'FailedPostStartHook', `PostStartHook failed`);
      await this.#killer.kill({
        pod,
        containerId: id,
        name: container.name,
        message: 'FailedPostStartHook',
        reason: 'FailedPostStartHook',
        podIp: podIps[0] ?? '',
      });
      throw new SyncError('PostStartHookError', message, { cause });
    }
  }
}

async function step<T>(reason: SyncReason, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof SyncError) throw cause;
    throw new SyncError(reason, wordsOf(cause), { cause });
  }
}

/** The runtime's words without their wrapping. */
function wordsOf(cause: unknown): string {
  return cause instanceof RuntimeError ? cause.details : (cause as Error).message;
}

/** An ephemeral container may join the process namespace of the container that it is to look at. */
function targetOf(container: Container, runtimePod: RuntimePod): string | undefined {
  const name = (container as { readonly targetContainerName?: string }).targetContainerName;
  if (!name) return undefined;
  const target = findContainer(runtimePod, name);
  if (target?.state !== 'running') throw new Error(`unable to find target container ${name}`);
  return target.id;
}
