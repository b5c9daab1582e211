import type { corev1 } from '@coxswain/api';
import type { Client } from '@coxswain/client';
import type { Runtime } from '@coxswain/cri';
import type { Clock, Logger } from '@coxswain/machinery';

export interface KubeletServerOptions {
  readonly address: string;
  /** Default 10250; 0 takes any free one. */
  readonly port?: number;
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  /** PEM of the authorities whose client certificates are taken; absent: none are. */
  readonly clientCa?: string;
}

export interface KubeletOptions {
  readonly nodeName: string;
  readonly client: Client;
  readonly runtime: Runtime;
  /** Holds the pods' volumes. Default /var/lib/kubelet. */
  readonly rootDir?: string;
  /** Default /var/log/pods. */
  readonly podLogsDir?: string;
  /** Addresses of the cluster's DNS service. */
  readonly clusterDns?: readonly string[];
  /** Default cluster.local. */
  readonly clusterDomain?: string;
  /** The node's addresses, the main one first. */
  readonly nodeIps: readonly string[];
  readonly hostname?: string;
  /** Absent: no server runs. */
  readonly server?: KubeletServerOptions;
  /** Where the node's cgroups begin, such as `/cox/node-1`. Default `/`. */
  readonly cgroupRoot?: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Default true. */
  readonly registerNode?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly corev1.Taint[];
  /** Default 110. */
  readonly maxPods?: number;
  /** The range that the runtime is told of; default: what the node's object says. */
  readonly podCidr?: string;
  /** A simulated node: nothing is written to disk, no cgroups are made. Sizes of the machine it plays. */
  readonly simulate?: { readonly cpus: number; readonly memoryBytes: number };
  /** Amounts that pods may not use, such as `{ cpu: '100m' }`. */
  readonly reserved?: Readonly<Record<string, string>>;
  /** When to evict pods, such as `{ 'memory.available': '100Mi' }`; `{}`: never. */
  readonly evictionHard?: Readonly<Record<string, string>>;
  /** The node's resolv.conf. Default /etc/resolv.conf. */
  readonly resolvConf?: string;
  /** A directory with manifests of static pods. */
  readonly staticPodPath?: string;
}
