import { selectorFromLabelSelector } from '@coxswain/machinery';
import type { Cycle, Plugin, Refusal } from './framework.ts';
import type { NodeInfo, PodInfo } from './node-info.ts';
import { explainRefusals, runFilters, structuredCopy } from './schedule-pod.ts';
import { type Pod, podKey, podPriority } from './types.ts';

/** policy/v1 PodDisruptionBudget as read from the API. */
type Budget = Readonly<Record<string, any>>;

/** A node that would take the pod if these pods went. */
export interface Candidate {
  readonly node: string;
  readonly victims: readonly Pod[];
  readonly budgetViolations: number;
}

export type PreemptionResult =
  | { readonly candidate: Candidate }
  | { readonly candidate: undefined; readonly message: string };

/** Looking at a tenth of the nodes, and at least 100, is enough to find a good candidate. */
const leastCandidates = 100;

/**
 * Finds the node where the fewest and least important pods have to go for `cycle.pod` to fit. Pure: nothing is
 * evicted. Source: upstream's DefaultPreemption.
 */
export function findPreemption(
  cycle: Cycle,
  plugins: readonly Plugin[],
  refusals: ReadonlyMap<string, Refusal>,
  budgets: readonly Budget[],
): PreemptionResult {
  const total = cycle.snapshot.nodes.length;
  const reasons = new Map<string, Refusal>();
  const helpless = (reason: string): Refusal => ({
    plugin: 'DefaultPreemption',
    reasons: [reason],
    resolvable: false,
  });
  if (cycle.pod['spec'].preemptionPolicy === 'Never') {
    return { candidate: undefined, message: 'not eligible due to preemptionPolicy=Never.' };
  }
  const filters = plugins.filter((plugin) => plugin.filter);
  const enough = Math.max(leastCandidates, Math.floor(total / 10));
  const candidates: Candidate[] = [];
  for (const node of cycle.snapshot.nodes) {
    const refusal = refusals.get(node.name);
    if (refusal && !refusal.resolvable) {
      reasons.set(node.name, helpless('Preemption is not helpful for scheduling'));
      continue;
    }
    if (candidates.length >= enough) break;
    const candidate = tryNode(cycle, filters, node, budgets);
    if (candidate) candidates.push(candidate);
    else reasons.set(node.name, helpless('No preemption victims found for incoming pod'));
  }
  const best = candidates.sort(compareCandidates)[0];
  return best ? { candidate: best } : { candidate: undefined, message: explainRefusals(total, reasons) };
}

function tryNode(
  cycle: Cycle,
  filters: readonly Plugin[],
  node: NodeInfo,
  budgets: readonly Budget[],
): Candidate | undefined {
  const priority = podPriority(cycle.pod);
  const lower = [...node.pods.values()].filter((info) => podPriority(info.pod) < priority);
  if (lower.length === 0) return undefined;
  const trial = node.copy();
  const trialCycle: Cycle = { ...cycle, state: structuredCopy(cycle.state) };
  const active = filters.filter((plugin) => plugin.preFilter?.(trialCycle).skip !== true);
  const remove = (info: PodInfo): void => {
    trial.removePod(info);
    for (const plugin of active) plugin.removePod?.(trialCycle, info, trial);
  };
  const putBack = (info: PodInfo): void => {
    trial.addPod(info);
    for (const plugin of active) plugin.addPod?.(trialCycle, info, trial);
  };
  for (const info of lower) remove(info);
  if (runFilters(active, trialCycle, trial)) return undefined;
  // Reprieve the most important first, and those whose budget would be broken before all others.
  const sorted = lower.sort((a, b) => morePrecious(a.pod, b.pod));
  const { violating, others } = splitByBudget(sorted, budgets);
  const victims: Pod[] = [];
  let budgetViolations = 0;
  for (const [group, violates] of [
    [violating, true],
    [others, false],
  ] as const) {
    for (const info of group) {
      putBack(info);
      if (!runFilters(active, trialCycle, trial)) continue;
      remove(info);
      victims.push(info.pod);
      if (violates) budgetViolations++;
    }
  }
  return victims.length === 0 ? undefined : { node: node.name, victims, budgetViolations };
}

function splitByBudget(
  pods: readonly PodInfo[],
  budgets: readonly Budget[],
): { violating: PodInfo[]; others: PodInfo[] } {
  const left = budgets.map((b) => b['status']?.disruptionsAllowed ?? 0);
  const selectors = budgets.map((b) => selectorFromLabelSelector(b['spec'].selector ?? { matchLabels: {} }));
  const violating: PodInfo[] = [];
  const others: PodInfo[] = [];
  for (const info of pods) {
    let violates = false;
    for (const [i, budget] of budgets.entries()) {
      const { namespace, labels, name } = info.pod.metadata;
      if (budget['metadata'].namespace !== namespace || !labels || !selectors[i]?.matches(labels)) continue;
      if (budget['status']?.disruptedPods?.[name as string] !== undefined) continue;
      left[i]--;
      if (left[i] < 0) violates = true;
    }
    (violates ? violating : others).push(info);
  }
  return { violating, others };
}

/** Higher priority first, then the one that has run longer. */
function morePrecious(a: Pod, b: Pod): number {
  return (
    podPriority(b) - podPriority(a) ||
    compareText(startOf(a), startOf(b)) ||
    compareText(podKey(a), podKey(b))
  );
}

function startOf(pod: Pod): string {
  return pod['status']?.startTime ?? '9999';
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Fewest budget violations, then the least important victims, the fewest, and those that started last. */
function compareCandidates(a: Candidate, b: Candidate): number {
  const highest = (c: Candidate): number => Math.max(...c.victims.map(podPriority));
  const sum = (c: Candidate): number => c.victims.reduce((n, pod) => n + podPriority(pod) + 2 ** 31, 0);
  const earliest = (c: Candidate): string =>
    c.victims
      .filter((pod) => podPriority(pod) === highest(c))
      .map(startOf)
      .sort()[0] as string;
  return (
    a.budgetViolations - b.budgetViolations ||
    highest(a) - highest(b) ||
    sum(a) - sum(b) ||
    a.victims.length - b.victims.length ||
    compareText(earliest(b), earliest(a))
  );
}
