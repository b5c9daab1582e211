/** A figure of upstream; the unit is that of our own row. */
export interface UpstreamFigure {
  readonly value?: number;
  readonly p50?: number;
  readonly p99?: number;
  readonly cpuSeconds?: number;
}

/**
 * What Kubernetes 1.36.2 (kube-apiserver, kube-controller-manager, kube-scheduler, etcd 3.5.30; containerd 2.1.9
 * and runc for real pods) gave on a machine of 2 cores, 24 GiB and a disk whose fdatasync takes 0.13 to 0.19 ms.
 * Medians of three rounds; where a range was measured, its middle. Absolute figures move with the machine.
 */
export const upstream: Readonly<Record<string, UpstreamFigure>> = {
  'cold start to /readyz': { value: 2770 },
  'warm start with 5,000 pods': { value: 3300 },
  'idle memory': { value: 490 },
  'idle CPU': { value: 0.02 },
  'create config map, c1': { value: 443, p50: 2.1, p99: 5, cpuSeconds: 2.7 },
  'create config map, c16': { value: 1058, p50: 13, p99: 50, cpuSeconds: 1.6 },
  'create config map, c64': { value: 1612, p50: 35, p99: 99, cpuSeconds: 1.2 },
  'create pod, c1': { value: 272, p50: 3.2, p99: 17, cpuSeconds: 4.6 },
  'create pod, c16': { value: 563, p50: 25, p99: 81, cpuSeconds: 3.3 },
  'create pod, c64': { value: 639, p50: 87, p99: 248, cpuSeconds: 2.6 },
  'get, c1': { value: 838, p50: 1.1, p99: 2, cpuSeconds: 1.3 },
  'get, c16': { value: 1930, p50: 6.9, p99: 28, cpuSeconds: 0.75 },
  'get, c64': { value: 2033, p50: 27, p99: 94, cpuSeconds: 0.67 },
  'update pod, c1': { value: 218, p50: 4.2, p99: 10, cpuSeconds: 5.0 },
  'update pod, c16': { value: 417, p50: 35, p99: 114, cpuSeconds: 4.5 },
  'update pod, c64': { value: 446, p50: 125, p99: 376, cpuSeconds: 4.1 },
  'strategic merge patch of status, c1': { value: 224, p50: 4.1, p99: 11, cpuSeconds: 5.3 },
  'strategic merge patch of status, c16': { value: 355, p50: 39, p99: 154, cpuSeconds: 5.3 },
  'strategic merge patch of status, c64': { value: 406, p50: 127, p99: 391, cpuSeconds: 4.1 },
  'server-side apply, c1': { value: 199, p50: 4.5, p99: 13, cpuSeconds: 6.0 },
  'server-side apply, c16': { value: 220, p50: 56, p99: 230, cpuSeconds: 7.8 },
  'server-side apply, c64': { value: 227, p50: 190, p99: 739, cpuSeconds: 6.8 },
  'delete, c1': { value: 184, p50: 5.3, p99: 10, cpuSeconds: 7.4 },
  'delete, c16': { value: 372, p50: 37, p99: 98, cpuSeconds: 5.0 },
  'delete, c64': { value: 480, p50: 119, p99: 260, cpuSeconds: 4.1 },
  'deletecollection of 1,000': { value: 190, cpuSeconds: 7.2 },
  'list all pods, c1': { value: 3.2, p50: 312, p99: 440, cpuSeconds: 308 },
  'list all pods, resourceVersion=0, c1': { value: 2.5, p50: 402, p99: 526, cpuSeconds: 460 },
  'list all pods, gzip, c1': { value: 3.8, p50: 246, p99: 392, cpuSeconds: 302 },
  'list by pages of 500 (all), c1': { value: 3.1, p50: 312, p99: 356, cpuSeconds: 280 },
  'list by label, 1 % selected, c1': { value: 129, p50: 6, p99: 27, cpuSeconds: 9.7 },
  'list by label, 1 % selected, c16': { value: 234, p50: 62, p99: 164, cpuSeconds: 6.6 },
  'list as metadata, c1': { value: 8.7, p50: 104, p99: 217, cpuSeconds: 135 },
  'list as table, c1': { value: 5.1, p50: 197, p99: 224, cpuSeconds: 193 },
  'list as protobuf, c1': { value: 4.8, p50: 171, p99: 413, cpuSeconds: 256 },
  'watch, 1 watcher, as fast as writes go': { value: 224, p50: 38, p99: 151 },
  'watch, 100 watchers, 200 writes/s': { value: 19943, p50: 23, p99: 86 },
  'watch, 100 watchers, as fast as writes go': { value: 17250, p50: 101, p99: 290 },
  'watch, 1,000 watchers, as fast as writes go': { value: 47400, p50: 380, p99: 820 },
  'memory after the load': { value: 3100 },
  '5,000 pods onto 1,000 nodes, created and bound': { value: 245 },
  '5,000 pods onto 5,000 nodes, created and bound': { value: 190 },
  'one pod after another, create to Running': { value: 510, p50: 510, p99: 540 },
  '50 pods at once on one node': { value: 6200, p50: 5700, p99: 6200 },
  'delete 20 pods, grace 1 s': { value: 4500 },
};
