import type { NodeInfo, PodInfo } from './node-info.ts';
import type { Pod } from './types.ts';

/**
 * Why a node cannot take the pod. `resolvable: false` (UnschedulableAndUnresolvable upstream) says that taking
 * away other pods would not help, so preemption does not try the node.
 */
export interface Refusal {
  readonly plugin: string;
  readonly reasons: readonly string[];
  readonly resolvable: boolean;
}

/** What one scheduling attempt looks at: nodes in a stable order, as they were when it began. */
export interface Snapshot {
  readonly nodes: readonly NodeInfo[];
  get(name: string): NodeInfo | undefined;
  /** Nodes with at least one pod that has (anti-)affinity; of required anti-affinity. */
  readonly withAffinity: readonly NodeInfo[];
  readonly withRequiredAntiAffinity: readonly NodeInfo[];
}

/** Reads of other objects that plugins need; from the informers. */
export interface ClusterReader {
  /** Label selectors (as metav1.LabelSelector) of services and controllers that select this pod. */
  spreadSelectors(pod: Pod): readonly Readonly<Record<string, any>>[];
  namespaceLabels(name: string): Readonly<Record<string, string>> | undefined;
  persistentVolumeClaim(namespace: string, name: string): Readonly<Record<string, any>> | undefined;
  persistentVolume(name: string): Readonly<Record<string, any>> | undefined;
  storageClass(name: string): Readonly<Record<string, any>> | undefined;
}

/** One attempt to place one pod; plugins keep what they computed in `state`, under their own name. */
export interface Cycle {
  readonly pod: Pod;
  readonly info: PodInfo;
  readonly snapshot: Snapshot;
  readonly cluster: ClusterReader;
  readonly state: Map<string, unknown>;
}

/** A scheduling plugin. Each method is absent where the plugin does not extend that point. */
export interface Plugin {
  readonly name: string;
  /** Multiplies the plugin's scores; absent: 1. */
  readonly weight?: number;
  /** Before the pod enters the active queue: a refusal keeps it out. */
  preEnqueue?(pod: Pod): Refusal | undefined;
  /** Once an attempt. `skip` leaves the plugin's filter out; `nodes` narrows the nodes to look at. */
  preFilter?(cycle: Cycle): {
    readonly skip?: boolean;
    readonly nodes?: ReadonlySet<string>;
    readonly refusal?: Refusal;
  };
  filter?(cycle: Cycle, node: NodeInfo): Refusal | undefined;
  /** Keep what `preFilter` computed right when a pod is thought added to or removed from a node. */
  addPod?(cycle: Cycle, added: PodInfo, node: NodeInfo): void;
  removePod?(cycle: Cycle, removed: PodInfo, node: NodeInfo): void;
  /** Once an attempt over the nodes that passed; `false` leaves the plugin's scores out. */
  preScore?(cycle: Cycle, nodes: readonly NodeInfo[]): boolean;
  /** Any scale when `normalize` is there, else 0 to 100. */
  score?(cycle: Cycle, node: NodeInfo): number;
  /** Brings the scores to 0..100 in place. */
  normalize?(cycle: Cycle, nodes: readonly NodeInfo[], scores: number[]): void;
  /** Cluster events that may make a pod schedulable that this plugin refused. */
  readonly wakes?: readonly ClusterEvent[];
}

export type ClusterEvent =
  | 'node-add'
  | 'node-update'
  | 'pod-add'
  | 'pod-update'
  | 'pod-delete'
  | 'volume-change'
  | 'pod-itself';

export const maxNodeScore = 100;

/** Scales the scores so that the largest becomes 100; `reverse` makes the smallest the best. */
export function normalizeToMax(scores: number[], reverse: boolean): void {
  const most = Math.max(0, ...scores);
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i] as number;
    if (most === 0) scores[i] = reverse ? maxNodeScore : 0;
    else {
      const scaled = Math.floor((maxNodeScore * score) / most);
      scores[i] = reverse ? maxNodeScore - scaled : scaled;
    }
  }
}

export function refuse(plugin: string, reason: string | readonly string[], resolvable = true): Refusal {
  return { plugin, reasons: typeof reason === 'string' ? [reason] : reason, resolvable };
}
