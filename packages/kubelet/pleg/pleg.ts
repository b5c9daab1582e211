import type { Container, PodSandbox, RuntimeService } from '@coxswain/cri';
import type { Clock, Logger } from '@coxswain/machinery';
import { podUidLabel } from '../kuberuntime/labels.ts';
import type { PodReader } from './pod-reader.ts';
import type { RuntimePod } from './runtime-pod.ts';

/** Between relists while the runtime tells of changes itself, and while it does not. */
const quietRelistMs = 10_000;
const relistMs = 1_000;
/** The node is unhealthy when no relist has ended for so long. */
const relistThresholdMs = 3 * 60_000;
/** An event may be ahead of the runtime's own books: look again this soon, so often. */
const settleMs = [0, 20, 100, 400];

export interface PlegOptions {
  readonly runtime: RuntimeService;
  readonly reader: PodReader;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called after the cached state of a pod has changed. */
  readonly onChange: (uid: string) => void;
  /** The pod is being stopped, and looked at when it has: its ends are no news. */
  readonly isStopping: (uid: string) => boolean;
}

/**
 * The pod lifecycle event generator: keeps what the runtime has of each pod and tells of changes, by the
 * runtime's events and by listing all at an interval.
 */
export class Pleg {
  readonly #options: PlegOptions;
  readonly #cache = new Map<string, RuntimePod>();
  /** Fingerprint of the listed states of a pod, by uid. */
  readonly #prints = new Map<string, string>();
  /** Pod of a container or sandbox id. */
  readonly #owners = new Map<string, string>();
  readonly #reading = new Map<string, Promise<RuntimePod>>();
  /** Looks are numbered as they begin; the number of the one that a pod's state is from. */
  #reads = 0;
  readonly #newest = new Map<string, number>();
  #relisting: Promise<void> | undefined;
  #lastRelist: number;
  #events = false;

  constructor(options: PlegOptions) {
    this.#options = options;
    this.#lastRelist = options.clock.monotonic();
  }

  /** The state at the last look; empty where the runtime had nothing. */
  get(uid: string): RuntimePod | undefined {
    return this.#cache.get(uid);
  }

  /** Pods of which the runtime has something. */
  uids(): readonly string[] {
    return [...this.#cache.keys()];
  }

  get healthy(): boolean {
    return this.#options.clock.monotonic() - this.#lastRelist < relistThresholdMs;
  }

  /** Asks the runtime now. */
  async refresh(uid: string): Promise<RuntimePod> {
    const began = ++this.#reads;
    const pod = await this.#options.reader.read(uid);
    // A look that began later may have ended sooner: it knows better.
    if ((this.#newest.get(uid) ?? 0) > began) return this.#cache.get(uid) ?? pod;
    this.#newest.set(uid, began);
    this.#remember(pod);
    return pod;
  }

  /** The runtime has nothing of the pod any more. */
  forget(uid: string): void {
    this.#newest.set(uid, ++this.#reads);
    this.#drop(uid);
  }

  #drop(uid: string): void {
    this.#cache.delete(uid);
    this.#prints.delete(uid);
    for (const [id, owner] of this.#owners) if (owner === uid) this.#owners.delete(id);
  }

  /** Relists and follows events until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger, runtime } = this.#options;
    if (runtime.watchEvents) void this.#followEvents(signal);
    while (!signal.aborted) {
      await this.relist().catch((error) => logger.warn('relist failed', { error: String(error) }));
      try {
        await clock.sleep(this.#events ? quietRelistMs : relistMs, signal);
      } catch {
        return;
      }
    }
  }

  /** Lists everything and looks closely at the pods that have changed. Calls during one share it. */
  relist(): Promise<void> {
    this.#relisting ??= this.#relist().finally(() => {
      this.#relisting = undefined;
    });
    return this.#relisting;
  }

  async #relist(): Promise<void> {
    const { runtime, clock } = this.#options;
    const [sandboxes, containers] = await Promise.all([runtime.listPodSandbox(), runtime.listContainers()]);
    this.#lastRelist = clock.monotonic();
    for (const uid of this.#newest.keys()) if (!this.#cache.has(uid)) this.#newest.delete(uid);
    this.#options.reader.retain(new Set([...sandboxes, ...containers].map((x) => x.id)));
    const pods = groupByPod(sandboxes, containers);
    const changed: string[] = [];
    for (const [uid, parts] of pods) {
      const print = fingerprint(parts.sandboxes, parts.containers);
      if (this.#prints.get(uid) !== print) changed.push(uid);
    }
    for (const uid of this.#cache.keys()) if (!pods.has(uid)) changed.push(uid);
    await Promise.all(changed.map((uid) => this.#update(uid)));
  }

  /** Looks at one pod and tells if it differs; looks that overlap share one answer. */
  #update(uid: string): Promise<RuntimePod> {
    const running = this.#reading.get(uid);
    if (running) return running;
    const before = this.#prints.get(uid);
    const reading = this.refresh(uid)
      .then((pod) => {
        if (this.#prints.get(uid) !== before) this.#options.onChange(uid);
        return pod;
      })
      .finally(() => this.#reading.delete(uid));
    this.#reading.set(uid, reading);
    return reading;
  }

  #remember(pod: RuntimePod): void {
    if (pod.sandboxes.length === 0 && pod.containers.length === 0) {
      this.#drop(pod.uid);
      return;
    }
    this.#cache.set(pod.uid, pod);
    this.#prints.set(
      pod.uid,
      fingerprint(
        pod.sandboxes,
        pod.containers.map((c) => c.raw),
      ),
    );
    for (const { id } of [...pod.sandboxes, ...pod.containers]) this.#owners.set(id, pod.uid);
  }

  async #followEvents(signal: AbortSignal): Promise<void> {
    const { runtime, clock, logger } = this.#options;
    while (!signal.aborted) {
      try {
        await runtime.watchEvents?.(
          (event) => {
            // Starts and removals are this kubelet's own doing: only ends come from outside.
            if (event.type === 'stopped') void this.#onEvent(event.containerId, signal);
          },
          () => {
            this.#events = true;
          },
          signal,
        );
      } catch (error) {
        logger.debug('the event stream of the runtime broke', { error: String(error) });
      }
      this.#events = false;
      if (!signal.aborted) await clock.sleep(relistMs, signal).catch(() => {});
    }
  }

  async #onEvent(id: string, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options;
    try {
      for (const wait of settleMs) {
        if (wait > 0) await clock.sleep(wait, signal);
        const uid = this.#owners.get(id);
        if (uid === undefined) {
          // It ended before anybody has looked at it.
          await this.relist();
          const owner = this.#owners.get(id);
          const seen = owner === undefined ? undefined : this.#cache.get(owner);
          if (seen && settled(seen, id)) return;
          continue;
        }
        if (this.#options.isStopping(uid)) return;
        const pod = await this.#update(uid);
        if (settled(pod, id)) return;
      }
    } catch (error) {
      if (!signal.aborted) logger.debug('could not follow an event', { error: String(error) });
    }
  }
}

function settled(pod: RuntimePod, id: string): boolean {
  const container = pod.containers.find((c) => c.id === id);
  if (container) return container.state === 'exited';
  const sandbox = pod.sandboxes.find((s) => s.id === id);
  return sandbox === undefined || sandbox.state === 'SANDBOX_NOTREADY';
}

interface PodParts {
  readonly sandboxes: PodSandbox[];
  readonly containers: Container[];
}

function groupByPod(
  sandboxes: readonly PodSandbox[],
  containers: readonly Container[],
): Map<string, PodParts> {
  const pods = new Map<string, PodParts>();
  const partsOf = (labels: Readonly<Record<string, string>>): PodParts | undefined => {
    const uid = labels[podUidLabel];
    // Not made by a kubelet: none of ours.
    if (uid === undefined) return undefined;
    const parts = pods.get(uid) ?? { sandboxes: [], containers: [] };
    pods.set(uid, parts);
    return parts;
  };
  for (const sandbox of sandboxes) partsOf(sandbox.labels)?.sandboxes.push(sandbox);
  for (const container of containers) partsOf(container.labels)?.containers.push(container);
  return pods;
}

function fingerprint(
  sandboxes: readonly { readonly id: string; readonly state: string }[],
  containers: readonly { readonly id: string; readonly state: string }[],
): string {
  return [...sandboxes, ...containers]
    .map((x) => `${x.id}=${x.state}`)
    .sort()
    .join();
}
