import type { Client } from '@coxswain/client';
import type { EventRecorder } from '@coxswain/controller';
import type { DnsConfig, Image, PodSandboxConfig, RuntimeService } from '@coxswain/cri';
import type { Clock, Logger, Timer } from '@coxswain/machinery';
import type { PodCgroups } from '../cm/pod-cgroups.ts';
import type { PodFiles } from '../host/pod-files.ts';
import type { ImageManager } from '../images/image-manager.ts';
import type { PodSurroundings } from '../kuberuntime/downward-fields.ts';
import { podEvent } from '../kuberuntime/events.ts';
import type { PodKiller } from '../kuberuntime/pod-killer.ts';
import type { PodSyncer } from '../kuberuntime/pod-syncer.ts';
import type { ReasonCache } from '../kuberuntime/reason-cache.ts';
import { runContainerOptions } from '../kuberuntime/run-options.ts';
import { sandboxConfig } from '../kuberuntime/sandbox-config.ts';
import type { SyncError } from '../kuberuntime/sync-error.ts';
import { podHostname } from '../network/hosts-file.ts';
import type { ObjectCache } from '../objects/object-cache.ts';
import type { Pleg } from '../pleg/pleg.ts';
import { emptyRuntimePod, type RuntimePod } from '../pleg/runtime-pod.ts';
import type { ProbeManager } from '../prober/probe-manager.ts';
import { generatePodStatus, type PodStatusSources } from '../status/pod-status.ts';
import type { StatusManager } from '../status/status-manager.ts';
import type { Pod, PodStatus, Secret, Service } from '../types.ts';
import { type MountedVolume, VolumeError, type VolumeManager } from '../volume/contract.ts';
import { deadlineExceeded, untilDeadline } from './active-deadline.ts';
import type { Allocations, ResizePending } from './allocations.ts';
import { isStaticPod } from './pod-names.ts';
import type { PodKill, PodSyncHandlers, SyncOutcome } from './pod-workers.ts';

/** While the network is not there yet. */
const networkRetryMs = 500;
/** After a volume or a sandbox did not come: doubling from failure to failure. */
const firstRetryMs = 500;
const maxRetryMs = 16_000;
/** A failed step that does not say otherwise. */
const stepRetryMs = 10_000;
/** A step that is followed by nothing for so long is told of before all are done. */
const progressMs = 300;

export interface PodSyncParts {
  readonly client: Client;
  readonly runtime: RuntimeService;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pleg: Pleg;
  readonly statuses: StatusManager;
  readonly statusSources: PodStatusSources;
  readonly probes: ProbeManager;
  readonly syncer: PodSyncer;
  readonly podKiller: PodKiller;
  readonly images: ImageManager;
  readonly reasons: ReasonCache;
  readonly volumes: VolumeManager;
  readonly files: PodFiles;
  readonly cgroups: PodCgroups;
  readonly allocations: Allocations;
  readonly objects: ObjectCache;
  readonly services: () => readonly Service[];
  readonly dns: (pod: Pod) => DnsConfig;
  readonly surroundings: (pod: Pod) => PodSurroundings;
  readonly clusterDomain: string;
  readonly seccompRoot: string;
  /** Why the network is not there; absent when it is. */
  readonly networkProblem: () => string | undefined;
  readonly requestSync: (uid: string) => void;
  /** The pod is finished and the API server does not have it any more. */
  readonly onGone: (pod: Pod) => void;
}

/** The acts of a pod's life on this node. */
export class PodSync implements PodSyncHandlers {
  readonly #parts: PodSyncParts;
  /** The last wait after a failure, in ms, by pod uid. */
  readonly #retries = new Map<string, number>();
  /** Pods that have come here before, by uid. */
  readonly #known = new Set<string>();
  /** Why pods were not granted what they ask for, by uid. */
  readonly #pending = new Map<string, ResizePending>();

  constructor(parts: PodSyncParts) {
    this.#parts = parts;
  }

  async syncPod(asked: Pod, signal: AbortSignal): Promise<SyncOutcome> {
    const { probes, recorder, allocations } = this.#parts;
    const runtimePod = await this.#look(asked);
    const { pod, pending } = allocations.allocate(asked, runtimePod.containers.length > 0);
    if (pending) this.#pending.set(pod.metadata.uid ?? '', pending);
    else this.#pending.delete(pod.metadata.uid ?? '');
    const status = this.#report(pod, runtimePod, false);
    probes.wake(pod.metadata.uid ?? '');
    if (status.phase === 'Succeeded' || status.phase === 'Failed') return { terminal: true };
    const left = untilDeadline(pod, status, this.#parts.clock.now());
    if (left !== undefined && left <= 0) {
      const failed = deadlineExceeded(status);
      podEvent(recorder, pod, 'Normal', 'DeadlineExceeded', failed.message ?? '');
      this.#parts.statuses.set(pod, failed);
      return { terminal: true };
    }
    const outcome = await this.#bringUp(pod, runtimePod, signal);
    if (left === undefined || outcome.terminal) return outcome;
    return { ...outcome, retryAfterMs: Math.min(left, outcome.retryAfterMs ?? left) };
  }

  /** The runtime has nothing of a pod that comes here for the first time and was in no list. */
  async #look(pod: Pod): Promise<RuntimePod> {
    const { pleg } = this.#parts;
    const { uid = '', name = '', namespace = '' } = pod.metadata;
    const isNew = !this.#known.has(uid) && pleg.get(uid) === undefined;
    this.#known.add(uid);
    return isNew ? emptyRuntimePod(uid, name, namespace) : pleg.refresh(uid);
  }

  async #bringUp(pod: Pod, runtimePod: RuntimePod, signal: AbortSignal): Promise<SyncOutcome> {
    const { pleg, probes, objects, cgroups, files, recorder } = this.#parts;
    signal.throwIfAborted();

    const problem = this.#parts.networkProblem();
    if (problem !== undefined && !pod.spec.hostNetwork) {
      podEvent(recorder, pod, 'Warning', 'NetworkNotReady', `network is not ready: ${problem}`);
      return { terminal: false, retryAfterMs: networkRetryMs };
    }
    objects.register(pod);
    const isNew = runtimePod.sandboxes.length === 0;
    await Promise.all([isNew ? cgroups.ensure(pod) : cgroups.lift(pod), files.prepare(pod)]);
    const volumes = await this.#mount(pod);
    if (volumes === undefined) return { terminal: false, retryAfterMs: this.#nextRetry(pod) };
    signal.throwIfAborted();
    probes.add(pod);

    const errors = await this.#syncRuntime(pod, runtimePod, volumes);
    await cgroups.ensure(pod);
    const after = await pleg.refresh(pod.metadata.uid ?? '');
    if (!signal.aborted) {
      const now = this.#report(pod, after, false);
      probes.wake(pod.metadata.uid ?? '');
      if (now.phase === 'Succeeded' || now.phase === 'Failed') return { terminal: true };
    }
    if (errors.length > 0) {
      const wait = (e: SyncError): number =>
        e.retryAfterMs ?? (e.reason === 'CreatePodSandboxError' ? this.#nextRetry(pod) : stepRetryMs);
      return { terminal: false, retryAfterMs: Math.min(...errors.map(wait)) };
    }
    this.#retries.delete(pod.metadata.uid ?? '');
    // The next init container, or one that has ended while others were started.
    return this.#parts.syncer.isSettled(pod, after)
      ? { terminal: false }
      : { terminal: false, retryAfterMs: 0 };
  }

  async syncTerminatingPod(
    pod: Pod,
    gracePeriod: number | undefined,
    kill: PodKill | undefined,
  ): Promise<void> {
    const { pleg, probes, podKiller, statuses } = this.#parts;
    const uid = pod.metadata.uid ?? '';
    const before = await pleg.refresh(uid);
    const status = this.#status(pod, before, false);
    statuses.set(pod, kill?.status ? kill.status(status) : status);
    probes.stopLivenessAndStartup(uid);
    await podKiller.kill(pod, before, gracePeriod);
    probes.remove(uid);
    const after = await pleg.refresh(uid);
    const left = after.containers.filter((c) => c.state === 'running').map((c) => c.name);
    if (left.length > 0) throw new Error(`containers are still running after their end: ${left.join(', ')}`);
    this.#report(pod, after, true);
  }

  async syncTerminatedPod(pod: Pod): Promise<void> {
    const { pleg, volumes, objects, cgroups, statuses, reasons } = this.#parts;
    const uid = pod.metadata.uid ?? '';
    this.#report(pod, pleg.get(uid) ?? (await pleg.refresh(uid)), true);
    await volumes.unmount(uid);
    objects.unregister(uid);
    await cgroups.remove(pod);
    reasons.forgetPod(uid);
    this.#retries.delete(uid);
    this.#pending.delete(uid);
    this.#known.delete(uid);
    this.#parts.allocations.forget(uid);
    if (!isStaticPod(pod)) statuses.finish(pod);
    // What it had may be what others wait for.
    for (const waiting of this.#pending.keys()) this.#parts.requestSync(waiting);
  }

  #nextRetry(pod: Pod): number {
    const uid = pod.metadata.uid ?? '';
    const last = this.#retries.get(uid);
    const next = last === undefined ? firstRetryMs : Math.min(maxRetryMs, last * 2);
    this.#retries.set(uid, next);
    return next;
  }

  onFinished(pod: Pod, removed: boolean): void {
    if (removed) this.#parts.onGone(pod);
  }

  hurry(pod: Pod, gracePeriod: number): void {
    const { pleg, podKiller, logger } = this.#parts;
    void pleg
      .refresh(pod.metadata.uid ?? '')
      .then((runtimePod) => podKiller.kill(pod, runtimePod, gracePeriod))
      .catch((error) => logger.warn('could not hurry the end of a pod', { error: String(error) }));
  }

  #status(pod: Pod, runtimePod: RuntimePod, terminal: boolean): PodStatus {
    const { statuses, statusSources } = this.#parts;
    const old = statuses.get(pod.metadata.uid ?? '') ?? pod.status;
    // Conditions that others write are read from the API server's own version.
    const own = new Set((old.conditions ?? []).map((c) => c.type));
    const foreign = (pod.status.conditions ?? []).filter((c) => !own.has(c.type));
    const gates = new Set((pod.spec.readinessGates ?? []).map((g) => g.conditionType));
    const current = (old.conditions ?? []).map(
      (c) => (gates.has(c.type) && pod.status.conditions?.find((p) => p.type === c.type)) || c,
    );
    const base = { ...old, conditions: [...current, ...foreign] };
    const granted = this.#parts.allocations.of(pod);
    const pending = this.#pending.get(pod.metadata.uid ?? '');
    return generatePodStatus(granted, runtimePod, base, terminal, statusSources, pending);
  }

  #report(pod: Pod, runtimePod: RuntimePod, terminal: boolean): PodStatus {
    const status = this.#status(pod, runtimePod, terminal);
    this.#parts.statuses.set(pod, status);
    return this.#parts.statuses.get(pod.metadata.uid ?? '') ?? status;
  }

  async #mount(pod: Pod): Promise<ReadonlyMap<string, MountedVolume> | undefined> {
    try {
      return await this.#parts.volumes.mount(pod);
    } catch (error) {
      if (!(error instanceof VolumeError)) throw error;
      podEvent(this.#parts.recorder, pod, 'Warning', 'FailedMount', error.message);
      return undefined;
    }
  }

  async #syncRuntime(
    pod: Pod,
    runtimePod: RuntimePod,
    volumes: ReadonlyMap<string, MountedVolume>,
  ): Promise<readonly SyncError[]> {
    const { syncer, clock, recorder, objects, files } = this.#parts;
    const secrets = await this.#pullSecrets(pod);
    let timer: Timer | undefined;
    const onStep = (): void => {
      timer?.cancel();
      timer = clock.after(progressMs, () => void this.#tellProgress(pod));
    };
    try {
      const result = await syncer.sync({
        pod,
        runtimePod,
        secrets,
        runtimeHandler: () => this.#runtimeHandler(pod),
        onStep,
        sandbox: (attempt) => this.#sandboxConfig(pod, attempt),
        options: (container, podIps) =>
          runContainerOptions(
            pod,
            container,
            volumes,
            {
              objects,
              services: this.#parts.services(),
              node: { ...this.#parts.surroundings(pod), podIps },
              warn: (reason, message) => podEvent(recorder, pod, 'Warning', reason, message),
            },
            files,
          ),
      });
      return result.errors;
    } finally {
      timer?.cancel();
    }
  }

  /** Brings the image of a volume to the node, with the pod's credentials. */
  async ensureImage(pod: Pod, reference: string, pullPolicy: string): Promise<Image> {
    const asked = { name: '', image: reference, imagePullPolicy: pullPolicy };
    const secrets = await this.#pullSecrets(pod);
    return this.#parts.images.ensure(
      pod.metadata.uid ?? '',
      asked,
      secrets,
      this.#sandboxConfig(pod, 0),
      (type, reason, message) => podEvent(this.#parts.recorder, pod, type, reason, message),
    );
  }

  async #tellProgress(pod: Pod): Promise<void> {
    const { pleg, logger } = this.#parts;
    try {
      const runtimePod = await pleg.refresh(pod.metadata.uid ?? '');
      if (runtimePod.sandboxes.length > 0) this.#report(pod, runtimePod, false);
      this.#parts.probes.wake(pod.metadata.uid ?? '');
    } catch (error) {
      logger.debug('could not look at a pod while it starts', { error: String(error) });
    }
  }

  #sandboxConfig(pod: Pod, attempt: number): PodSandboxConfig {
    const { files, cgroups, dns, clusterDomain, seccompRoot } = this.#parts;
    const { hostname, domain } = podHostname(pod, clusterDomain);
    const own = pod.spec.setHostnameAsFQDN && domain !== '' ? `${hostname}.${domain}` : hostname;
    return sandboxConfig(pod, attempt, {
      // In the host's network the host's name holds.
      hostname: pod.spec.hostNetwork ? '' : own,
      dns: dns(pod),
      logDirectory: files.logDirectory(pod),
      cgroupParent: cgroups.parentOf(pod),
      seccompRoot,
    });
  }

  async #pullSecrets(pod: Pod): Promise<readonly Secret[]> {
    const found = await Promise.all(
      (pod.spec.imagePullSecrets ?? []).map((s) =>
        this.#parts.objects.secret(pod.metadata.namespace ?? '', s.name ?? ''),
      ),
    );
    // One that is not there is passed over: the image may not need it.
    return found.filter((s) => s !== undefined);
  }

  async #runtimeHandler(pod: Pod): Promise<string> {
    const name = pod.spec.runtimeClassName;
    if (!name) return '';
    const classes = { group: 'node.k8s.io', version: 'v1', resource: 'runtimeclasses' };
    try {
      return String((await this.#parts.client.resource(classes).get(name))['handler'] ?? '');
    } catch (cause) {
      throw new Error(`failed to get sandbox runtime: ${(cause as Error).message}`, { cause });
    }
  }
}
