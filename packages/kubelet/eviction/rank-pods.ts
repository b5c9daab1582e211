import { bytes } from '../cm/linux-resources.ts';
import { podTotal } from '../cm/pod-resources.ts';
import { isCriticalPod } from '../pods/pod-names.ts';
import type { Pod } from '../types.ts';

/** What a pod uses of the scarce resource, in bytes. */
export interface PodUsage {
  readonly pod: Pod;
  readonly used: number;
}

/**
 * Whom to evict first: who uses more than they asked for before who does not, then lower priority, then the
 * most beyond the request. Critical pods are never evicted.
 */
export function rankForEviction(usages: readonly PodUsage[], resource: string): readonly PodUsage[] {
  const beyond = ({ pod, used }: PodUsage): number => used - podTotal(pod, 'requests', resource, bytes);
  const exceeds = (usage: PodUsage): number => (beyond(usage) > 0 ? 1 : 0);
  return usages
    .filter(({ pod }) => !isCriticalPod(pod))
    .sort(
      (a, b) =>
        exceeds(b) - exceeds(a) ||
        (a.pod.spec.priority ?? 0) - (b.pod.spec.priority ?? 0) ||
        beyond(b) - beyond(a),
    );
}
