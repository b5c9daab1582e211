import type { EventRecorder } from '@coxswain/controller';
import type { Clock } from '@coxswain/machinery';
import { containerEvent } from '../kuberuntime/events.ts';
import { isRestartableInit } from '../kuberuntime/restart-policy.ts';
import { findContainer, type RuntimePod } from '../pleg/runtime-pod.ts';
import type { Container, Pod, Probe } from '../types.ts';
import { type ProbeKind, ProbeWorker } from './probe-worker.ts';
import type { Prober } from './prober.ts';
import { ProbeResults } from './results.ts';

export interface ProbeManagerParts {
  readonly prober: Prober;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly pod: (uid: string) => Pod | undefined;
  readonly runtimePod: (uid: string) => RuntimePod | undefined;
  readonly hostIp: string;
  /** A result has changed that the pod's status or its containers depend on. */
  readonly onChange: (uid: string) => void;
}

/** The probes of all pods of the node, and their last results. */
export class ProbeManager {
  readonly startup: ProbeResults;
  readonly liveness: ProbeResults;
  readonly readiness: ProbeResults;
  readonly #parts: ProbeManagerParts;
  readonly #workers = new Map<string, Map<string, ProbeWorker>>();

  constructor(parts: ProbeManagerParts) {
    this.#parts = parts;
    const changed = (uid: string): void => {
      // Others wait for the startup probe.
      this.wake(uid);
      parts.onChange(uid);
    };
    this.startup = new ProbeResults(changed);
    this.liveness = new ProbeResults((uid, _id, result) => {
      if (result === 'failure') changed(uid);
    });
    this.readiness = new ProbeResults(changed);
  }

  /** Begins to probe the pod's containers; does nothing for those that are probed already. */
  add(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const sidecars = (pod.spec.initContainers ?? []).filter(isRestartableInit);
    for (const container of [...pod.spec.containers, ...sidecars]) {
      this.#addOne(uid, container, 'Startup', container.startupProbe, this.startup);
      this.#addOne(uid, container, 'Readiness', container.readinessProbe, this.readiness);
      this.#addOne(uid, container, 'Liveness', container.livenessProbe, this.liveness);
    }
  }

  /** The pod's containers may have changed. */
  wake(uid: string): void {
    for (const worker of this.#workers.get(uid)?.values() ?? []) worker.wake();
  }

  /** A pod that is being stopped is only probed for readiness. */
  stopLivenessAndStartup(uid: string): void {
    const workers = this.#workers.get(uid);
    for (const [key, worker] of workers ?? []) {
      if (worker.kind === 'Readiness') continue;
      worker.stop();
      workers?.delete(key);
    }
  }

  remove(uid: string): void {
    for (const worker of this.#workers.get(uid)?.values() ?? []) worker.stop();
    this.#workers.delete(uid);
  }

  close(): void {
    for (const uid of [...this.#workers.keys()]) this.remove(uid);
  }

  #addOne(
    uid: string,
    container: Container,
    kind: ProbeKind,
    probe: Probe | undefined,
    results: ProbeResults,
  ): void {
    if (!probe) return;
    const workers = this.#workers.get(uid) ?? new Map<string, ProbeWorker>();
    this.#workers.set(uid, workers);
    const key = `${container.name}/${kind}`;
    if (workers.has(key)) return;
    const { prober, recorder, clock } = this.#parts;
    const podNow = (): Pod | undefined => this.#parts.pod(uid);
    const runtimePod = (): RuntimePod | undefined => this.#parts.runtimePod(uid);
    const worker = new ProbeWorker({
      kind,
      probe,
      container,
      results,
      clock,
      pod: podNow,
      current: () => {
        const pod = runtimePod();
        return pod && findContainer(pod, container.name);
      },
      started: (id) => !container.startupProbe || this.startup.get(id) === 'success',
      run: (id, signal) => {
        const ip = podNow()?.spec.hostNetwork ? this.#parts.hostIp : (runtimePod()?.ips[0] ?? '');
        return prober.run(probe, container, id, ip, signal);
      },
      onUnhealthy: (outcome) => {
        const pod = podNow();
        if (!pod) return;
        const text =
          outcome.result === 'unknown'
            ? `${kind} probe errored and resulted in unknown state: ${outcome.output}`
            : `${kind} probe failed: ${outcome.output}`;
        containerEvent(recorder, pod, container, 'Warning', 'Unhealthy', text);
      },
    });
    workers.set(key, worker);
    worker.wake();
  }
}
