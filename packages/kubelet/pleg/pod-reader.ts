import {
  type Container,
  isRuntimeNotFound,
  type PodSandbox,
  type PodSandboxStatus,
  type RuntimeService,
} from '@coxswain/cri';
import { podNameLabel, podNamespaceLabel, podUidLabel } from '../kuberuntime/labels.ts';
import { type RuntimePod, toRuntimeContainer } from './runtime-pod.ts';
import type { TerminationMessageReader } from './termination-message.ts';

/** Reads the state of one pod from the runtime. */
export class PodReader {
  readonly #runtime: RuntimeService;
  readonly #messages: TerminationMessageReader;

  constructor(runtime: RuntimeService, messages: TerminationMessageReader) {
    this.#runtime = runtime;
    this.#messages = messages;
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
      Promise.all(ordered.map((s) => unlessGone(this.#runtime.podSandboxStatus(s.id)))),
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

  async #container(container: Container): Promise<ReturnType<typeof toRuntimeContainer> | undefined> {
    const status = await unlessGone(this.#runtime.containerStatus(container.id));
    if (status === undefined) return undefined;
    const message = status.state === 'CONTAINER_EXITED' ? await this.#messages.read(status) : status.message;
    return toRuntimeContainer(status, container.podSandboxId, message);
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
