import { join } from 'node:path';
import { qosOf } from '../pods/qos.ts';
import type { Pod } from '../types.ts';
import type { CgroupManager } from './cgroup-manager.ts';
import { podCgroupLimits } from './pod-resources.ts';

/** The cgroups of pods: `<root>/kubepods[/burstable|/besteffort]/pod<uid>`. */
export class PodCgroups {
  readonly #manager: CgroupManager;
  readonly #root: string;
  #prepared: Promise<void> | undefined;
  /** The limits in force, by path. */
  readonly #limits = new Map<string, string>();

  /** @param root where the node's cgroups begin, such as `/` */
  constructor(manager: CgroupManager, root: string) {
    this.#manager = manager;
    this.#root = join('/', root, 'kubepods');
  }

  /** The cgroup parent of the pod's containers. */
  parentOf(pod: Pod): string {
    const qos = qosOf(pod);
    const tier = qos === 'Guaranteed' ? '' : qos.toLowerCase();
    return join(this.#root, tier, `pod${pod.metadata.uid}`);
  }

  /** Makes the tiers; done once. */
  prepare(): Promise<void> {
    this.#prepared ??= this.#prepare();
    return this.#prepared;
  }

  async #prepare(): Promise<void> {
    await this.#manager.ensure(this.#root);
    await this.#manager.ensure(join(this.#root, 'burstable'));
    // Best effort gets what nobody else wants.
    await this.#manager.ensure(join(this.#root, 'besteffort'), { cpuShares: 2 });
  }

  async ensure(pod: Pod): Promise<void> {
    await this.prepare();
    const path = this.parentOf(pod);
    const limits = podCgroupLimits(pod);
    const key = JSON.stringify(limits);
    if (this.#limits.get(path) === key) return;
    await this.#manager.ensure(path, limits);
    this.#limits.set(path, key);
  }

  /** Lifts the limits of a pod whose containers are about to get others, until `ensure` sets them. */
  async lift(pod: Pod): Promise<void> {
    const path = this.parentOf(pod);
    if (this.#limits.get(path) === JSON.stringify(podCgroupLimits(pod))) return;
    this.#limits.delete(path);
    await this.#manager.ensure(path, { cpuShares: podCgroupLimits(pod).cpuShares });
  }

  async remove(pod: Pod): Promise<void> {
    this.#limits.delete(this.parentOf(pod));
    await this.#manager.remove(this.parentOf(pod));
  }

  /** Removes the cgroups of pods that `keep` does not know. */
  async removeOrphans(keep: (uid: string) => boolean): Promise<void> {
    for (const tier of ['', 'burstable', 'besteffort']) {
      const path = join(this.#root, tier);
      for (const name of await this.#manager.children(path)) {
        if (name.startsWith('pod') && !keep(name.slice(3))) await this.#manager.remove(join(path, name));
      }
    }
  }
}
