import {
  type Container,
  isRuntimeNotFound,
  type PodSandbox,
  type PodSandboxStatus,
  type RuntimeService,
} from '@coxswain/cri';
import { podNameLabel, podNamespaceLabel, podUidLabel } from '../kuberuntime/labels.ts';
import { type RuntimeContainer, type RuntimePod, toRuntimeContainer } from './runtime-pod.ts';
import type { TerminationMessageReader } from './termination-message.ts';

/** Reads the state of one pod from the runtime. */
export class PodReader {
  readonly #runtime: RuntimeService;
  readonly #messages: TerminationMessageReader;
  /**
   * What was read before, by id. While the listed state is the same, the status is: but for resources, of whose
   * change `forget` is told.
   */
  readonly #containers = new Map<string, RuntimeContainer>();
  readonly #sandboxes = new Map<string, PodSandboxStatus>();

  constructor(runtime: RuntimeService, messages: TerminationMessageReader) {
    this.#runtime = runtime;
    this.#messages = messages;
  }

  /** The container's status is to be read anew. */
  forget(containerId: string): void {
    this.#containers.delete(containerId);
  }

  async read(uid: string): Promise<RuntimePod> {
    const labels = { [podUidLabel]: uid };
    const [sandboxes, containers] = await Promise.all([
      this.#runtime.listPodSandbox({ labels }),
      this.#runtime.listContainers({ labels }),
    ]);
    return this.fill(uid, sandboxes, containers);
  }

  /** The same, where the lists are at hand. */
  async fill(
    uid: string,
    sandboxList: readonly PodSandbox[],
    containerList: readonly Container[],
  ): Promise<RuntimePod> {
    const ordered = [...sandboxList].sort((a, b) => b.createdAt - a.createdAt);
    const [sandboxes, containers] = await Promise.all([
      Promise.all(ordered.map((s) => this.#sandbox(s))),
      Promise.all(containerList.map((c) => this.#container(c))),
    ]);
    const found = sandboxes.filter((s): s is PodSandboxStatus => s !== undefined);
    const newest = found[0];
    const labels = (found[0] ?? containerList[0])?.labels ?? {};
    return {
      uid,
      name: labels[podNameLabel] ?? '',
      namespace: labels[podNamespaceLabel] ?? '',
      sandboxes: found,
      containers: containers
        .filter((c) => c !== undefined)
        .sort((a, b) => b.createdAt - a.createdAt || b.info.restartCount - a.info.restartCount),
      ips: newest?.state === 'SANDBOX_READY' && !newest.hostNetwork ? newest.ips : [],
    };
  }

  async #sandbox(sandbox: PodSandbox): Promise<PodSandboxStatus | undefined> {
    const known = this.#sandboxes.get(sandbox.id);
    // A ready one without an address may yet get it.
    const final = known?.state === 'SANDBOX_NOTREADY' || known?.hostNetwork || (known?.ips.length ?? 0) > 0;
    if (known?.state === sandbox.state && final) return known;
    const status = await unlessGone(this.#runtime.podSandboxStatus(sandbox.id));
    if (status) this.#sandboxes.set(sandbox.id, status);
    else this.#sandboxes.delete(sandbox.id);
    return status;
  }

  async #container(container: Container): Promise<RuntimeContainer | undefined> {
    const known = this.#containers.get(container.id);
    if (known?.raw.state === container.state) return known;
    const status = await unlessGone(this.#runtime.containerStatus(container.id));
    if (status === undefined) {
      this.#containers.delete(container.id);
      return undefined;
    }
    const message = status.state === 'CONTAINER_EXITED' ? await this.#messages.read(status) : status.message;
    const read = toRuntimeContainer(status, container.podSandboxId, message);
    this.#containers.set(container.id, read);
    return read;
  }

  /** Forgets what the runtime has no more. */
  retain(ids: ReadonlySet<string>): void {
    for (const id of this.#containers.keys()) if (!ids.has(id)) this.#containers.delete(id);
    for (const id of this.#sandboxes.keys()) if (!ids.has(id)) this.#sandboxes.delete(id);
  }
}

/** What was listed may be removed before it is looked at. */
async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isRuntimeNotFound(error)) return undefined;
    throw error;
  }
}
