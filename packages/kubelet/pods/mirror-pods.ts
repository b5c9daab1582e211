import type { Client } from '@coxswain/client';
import { type Clock, isAlreadyExists, isNotFound, type Logger } from '@coxswain/machinery';
import type { Pod } from '../types.ts';
import { configHashAnnotation, configMirrorAnnotation, podKey } from './pod-names.ts';
import { mirrorOf } from './static-pods.ts';

const pods = { group: '', version: 'v1', resource: 'pods' };
const retryMs = 2_000;

export interface MirrorPodsParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodeName: string;
  /** Absent until the node is registered. */
  readonly nodeUid: () => string | undefined;
  /** The mirror of the static pod has come or changed: its status may be written. */
  readonly onMirror: (staticPod: Pod) => void;
}

/** Keeps an image of each static pod in the API server. */
export class MirrorPods {
  readonly #parts: MirrorPodsParts;
  /** By namespace and name, which a static pod and its mirror share. */
  readonly #statics = new Map<string, Pod>();
  readonly #mirrors = new Map<string, Pod>();
  readonly #busy = new Set<string>();

  constructor(parts: MirrorPodsParts) {
    this.#parts = parts;
  }

  /** The mirror that stands for the static pod. */
  of(staticPod: Pod): Pod | undefined {
    const mirror = this.#mirrors.get(podKey(staticPod));
    return mirror && stands(mirror, staticPod) ? mirror : undefined;
  }

  add(staticPod: Pod): void {
    this.#statics.set(podKey(staticPod), staticPod);
    void this.#reconcile(podKey(staticPod));
  }

  remove(staticPod: Pod): void {
    const key = podKey(staticPod);
    if (this.#statics.get(key)?.metadata.uid === staticPod.metadata.uid) this.#statics.delete(key);
    void this.#reconcile(key);
  }

  /** The API server has a mirror pod, or a new version of one. */
  observe(mirror: Pod): void {
    const key = podKey(mirror);
    this.#mirrors.set(key, mirror);
    const own = this.#statics.get(key);
    if (own && stands(mirror, own)) this.#parts.onMirror(own);
    else void this.#reconcile(key);
  }

  gone(mirror: Pod): void {
    const key = podKey(mirror);
    if (this.#mirrors.get(key)?.metadata.uid === mirror.metadata.uid) this.#mirrors.delete(key);
    void this.#reconcile(key);
  }

  async #reconcile(key: string): Promise<void> {
    if (this.#busy.has(key)) return;
    this.#busy.add(key);
    const { clock, logger } = this.#parts;
    try {
      await this.#bring(key);
    } catch (error) {
      logger.warn('could not bring a mirror pod up to date', { pod: key, error: String(error) });
      clock.after(retryMs, () => void this.#reconcile(key));
    } finally {
      this.#busy.delete(key);
    }
  }

  async #bring(key: string): Promise<void> {
    const { client, nodeName, nodeUid } = this.#parts;
    const own = this.#statics.get(key);
    const mirror = this.#mirrors.get(key);
    const resource = client.resource<Pod & { apiVersion: string; kind: string }>(
      pods,
      (own ?? mirror)?.metadata.namespace ?? 'default',
    );
    if (mirror && !(own && stands(mirror, own))) {
      const { name = '', uid = '' } = mirror.metadata;
      const options = { gracePeriodSeconds: 0, preconditions: { uid } };
      await resource.delete(name, options).catch((error) => {
        if (!isNotFound(error)) throw error;
      });
      this.#mirrors.delete(key);
    }
    const uid = nodeUid();
    if (!own || this.of(own) || uid === undefined) return;
    try {
      this.#mirrors.set(key, await resource.create(mirrorOf(own, nodeName, uid)));
      this.#parts.onMirror(own);
    } catch (error) {
      // The informer is about to show it.
      if (!isAlreadyExists(error)) throw error;
    }
  }
}

function stands(mirror: Pod, own: Pod): boolean {
  const hash = own.metadata.annotations?.[configHashAnnotation];
  return !mirror.metadata.deletionTimestamp && mirror.metadata.annotations?.[configMirrorAnnotation] === hash;
}
