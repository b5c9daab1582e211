import type { KubeObject } from '@coxswain/machinery';
import { isPodAvailable, isPodReady } from '../shared/pod-state.ts';
import { scaledValue } from '../shared/scaled-value.ts';
import { isUpdated, type Placement } from './daemon-pod.ts';

/** A daemon set, the nodes there are and the pods it has, at one moment. */
export interface Snapshot {
  readonly daemonSet: KubeObject;
  readonly hash: string;
  /** Placement by node. */
  readonly placements: ReadonlyMap<string, Placement>;
  /** Pods by the node that they are on or meant for. */
  readonly podsByNode: ReadonlyMap<string, readonly KubeObject[]>;
  readonly now: number;
}

/** Pods to make and to delete. */
export interface Plan {
  readonly create: readonly string[];
  readonly delete: readonly KubeObject[];
}

/** A pod that ended and is to be replaced. */
export interface Ended {
  readonly pod: KubeObject;
  readonly node: string;
}

/** Pods on nodes first, then by age. */
export function byAge(a: KubeObject, b: KubeObject): number {
  const placed = (pod: KubeObject): number => (pod['spec'].nodeName ? 0 : 1);
  const age = (pod: KubeObject): string => pod.metadata.creationTimestamp ?? '';
  return (
    placed(a) - placed(b) ||
    (age(a) < age(b) ? -1 : age(a) > age(b) ? 1 : 0) ||
    ((a.metadata.name as string) < (b.metadata.name as string) ? -1 : 1)
  );
}

const isDeleted = (pod: KubeObject): boolean => pod.metadata.deletionTimestamp !== undefined;

function minReady({ daemonSet }: Snapshot): number {
  return daemonSet['spec'].minReadySeconds ?? 0;
}

/** One pod on each node that should run one, whatever its template. Ended pods are told apart. Pure. */
export function planPlacement(snapshot: Snapshot): Plan & { readonly ended: readonly Ended[] } {
  const create: string[] = [];
  const doomed: KubeObject[] = [];
  const ended: Ended[] = [];
  for (const [node, { shouldRun, shouldContinue }] of snapshot.placements) {
    const pods = snapshot.podsByNode.get(node);
    if (!pods) {
      if (shouldRun) create.push(node);
      continue;
    }
    const live = pods.filter((pod) => !isDeleted(pod));
    if (!shouldContinue) {
      doomed.push(...live);
      continue;
    }
    const over = live.filter((pod) => ['Failed', 'Succeeded'].includes(pod['status']?.phase));
    ended.push(...over.map((pod) => ({ pod, node })));
    doomed.push(
      ...surplus(
        snapshot,
        live.filter((pod) => !over.includes(pod)),
      ),
    );
  }
  for (const [node, pods] of snapshot.podsByNode) {
    // Nobody will ever place these: their node is gone.
    if (!snapshot.placements.has(node))
      doomed.push(...pods.filter((p) => !p['spec'].nodeName && !isDeleted(p)));
  }
  return { create, delete: doomed, ended };
}

/** The pods that a node has too many of. */
function surplus(snapshot: Snapshot, running: readonly KubeObject[]): KubeObject[] {
  if (running.length <= 1) return [];
  const sorted = [...running].sort(byAge);
  if (surgeOf(snapshot.daemonSet, snapshot.placements.size) === 0) return sorted.slice(1);
  const young = sorted.find((pod) => isUpdated(pod, snapshot.daemonSet, snapshot.hash));
  const old = sorted.find((pod) => !isUpdated(pod, snapshot.daemonSet, snapshot.hash));
  const doomed = sorted.filter((pod) => pod !== young && pod !== old);
  if (young && old) {
    const relieved = isPodAvailable(young, minReady(snapshot), snapshot.now);
    if (!isPodReady(old) || relieved) doomed.push(old);
  }
  return doomed;
}

function surgeOf(daemonSet: KubeObject, desired: number): number {
  const { type, rollingUpdate } = daemonSet['spec'].updateStrategy ?? {};
  return type === 'RollingUpdate' ? scaledValue(rollingUpdate?.maxSurge, desired, true) : 0;
}

/** What the rolling update replaces next. Pure. Source: rollingUpdate upstream. */
export function planRollingUpdate(snapshot: Snapshot): Plan {
  const { daemonSet, placements } = snapshot;
  const desired = [...placements.values()].filter((placement) => placement.shouldRun).length;
  const { rollingUpdate } = daemonSet['spec'].updateStrategy ?? {};
  const surge = surgeOf(daemonSet, desired);
  const given = scaledValue(rollingUpdate?.maxUnavailable, desired, true);
  // Both 0 would let nothing move.
  const unavailable = given === 0 && surge === 0 ? 1 : given;
  return surge > 0 ? planSurge(snapshot, surge) : planReplacement(snapshot, unavailable);
}

/** Nodes that have pods, and those that should have one. */
function* nodesConcerned({ placements, podsByNode }: Snapshot): Generator<[string, readonly KubeObject[]]> {
  for (const [node, { shouldRun }] of placements) {
    if (shouldRun && !podsByNode.has(node)) yield [node, []];
  }
  yield* podsByNode;
}

interface Pair {
  readonly young: KubeObject | undefined;
  readonly old: KubeObject | undefined;
}

/** The updated and the old pod of a node; undefined where there are several of a sort. */
function pairOf(snapshot: Snapshot, pods: readonly KubeObject[]): Pair | undefined {
  let [young, old]: (KubeObject | undefined)[] = [];
  for (const pod of pods) {
    if (isDeleted(pod)) continue;
    if (isUpdated(pod, snapshot.daemonSet, snapshot.hash)) {
      if (young) return undefined;
      young = pod;
    } else {
      if (old) return undefined;
      old = pod;
    }
  }
  return { young, old };
}

function planReplacement(snapshot: Snapshot, maxUnavailable: number): Plan {
  const available = (pod: KubeObject): boolean => isPodAvailable(pod, minReady(snapshot), snapshot.now);
  let unavailable = 0;
  const broken: KubeObject[] = [];
  const candidates: KubeObject[] = [];
  for (const [, pods] of nodesConcerned(snapshot)) {
    const pair = pairOf(snapshot, pods);
    // Where one is missing or surplus, placement puts that right first.
    if (!pair || (pair.young === undefined) === (pair.old === undefined)) unavailable++;
    else if (pair.young) unavailable += available(pair.young) ? 0 : 1;
    else if (pair.old && !available(pair.old)) {
      broken.push(pair.old);
      unavailable++;
    } else if (pair.old) candidates.push(pair.old);
  }
  return {
    create: [],
    delete: [...broken, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))],
  };
}

function planSurge(snapshot: Snapshot, maxSurge: number): Plan {
  const available = (pod: KubeObject): boolean => isPodAvailable(pod, minReady(snapshot), snapshot.now);
  let surging = 0;
  const doomed: KubeObject[] = [];
  const urgent: string[] = [];
  const candidates: string[] = [];
  for (const [node, pods] of nodesConcerned(snapshot)) {
    const pair = pairOf(snapshot, pods);
    if (!pair) surging++;
    else if (pair.old && !pair.young) {
      if (!snapshot.placements.get(node)?.shouldRun) doomed.push(pair.old);
      else (available(pair.old) ? candidates : urgent).push(node);
    } else if (pair.old && pair.young) {
      if (available(pair.young)) doomed.push(pair.old);
      else surging++;
    }
  }
  return {
    create: [...urgent, ...candidates.slice(0, Math.max(0, maxSurge - surging))],
    delete: doomed,
  };
}

/** What the status should say, but for conditions and the collision count. Pure. */
export function daemonStatus(
  snapshot: Snapshot,
  observedGeneration: number | undefined,
): Record<string, unknown> {
  const { daemonSet, hash, placements, podsByNode, now } = snapshot;
  let [desired, current, misscheduled, ready, available, updated] = [0, 0, 0, 0, 0, 0];
  for (const [node, { shouldRun }] of placements) {
    const pods = podsByNode.get(node) ?? [];
    if (!shouldRun) {
      if (pods.length > 0) misscheduled++;
      continue;
    }
    desired++;
    const [pod] = [...pods].sort(byAge);
    if (!pod) continue;
    current++;
    if (isPodReady(pod)) {
      ready++;
      if (isPodAvailable(pod, minReady(snapshot), now)) available++;
    }
    if (isUpdated(pod, daemonSet, hash)) updated++;
  }
  const unavailable = desired - available;
  return {
    currentNumberScheduled: current,
    numberMisscheduled: misscheduled,
    desiredNumberScheduled: desired,
    numberReady: ready,
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
    ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
    ...(available > 0 ? { numberAvailable: available } : {}),
    ...(unavailable > 0 ? { numberUnavailable: unavailable } : {}),
  };
}
