import type { KubeObject } from '@coxswain/machinery';
import type { PodLike } from './check.ts';
import { type LevelVersion, policyName, violationReasons } from './policy.ts';

/** No more pods of a namespace are looked at when its level changes. */
const mostPods = 3000;

/** What to warn of when a namespace is held to another level and has pods that break it. */
export function warnOfPods(
  namespace: string,
  level: LevelVersion,
  pods: readonly KubeObject[],
  exemptRuntimeClasses: ReadonlySet<string>,
): string[] {
  const counted = pods.filter((pod) => !exemptRuntimeClasses.has(pod['spec']?.['runtimeClassName'] ?? ''));
  const looked = differentFirst(counted).slice(0, mostPods);
  const names = new Map<string, string[]>();
  for (const pod of looked) {
    const faults = violationReasons(level, pod as unknown as PodLike);
    if (faults === '') continue;
    const { name = '' } = pod.metadata;
    const same = names.get(faults);
    if (same === undefined) names.set(faults, [name]);
    else same.push(name);
  }
  const skipped =
    looked.length === counted.length
      ? []
      : [
          `new PodSecurity enforce level only checked against the first ${looked.length} of ${counted.length} existing pods`,
        ];
  if (names.size === 0) return skipped;
  const lines = [...names].map(([faults, broken]) => `${describe(broken)}: ${faults}`).sort();
  const head = `existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${policyName(level)}"`;
  return [...skipped, head, ...lines];
}

function describe(names: readonly string[]): string {
  const first = [...names].sort()[0];
  const others = names.length - 1;
  if (others === 0) return `${first}`;
  return `${first} (and ${others} other ${others === 1 ? 'pod' : 'pods'})`;
}

/** One pod of each controller comes before the others of it, which are like it. */
function differentFirst(pods: readonly KubeObject[]): readonly KubeObject[] {
  const seen = new Set<string>();
  const later: KubeObject[] = [];
  const first = pods.filter((pod) => {
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller)?.uid;
    if (owner === undefined || !seen.has(owner)) {
      if (owner !== undefined) seen.add(owner);
      return true;
    }
    later.push(pod);
    return false;
  });
  return [...first, ...later];
}
