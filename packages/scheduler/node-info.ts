import { addTo, podRequests, type Resources, resourcesOf } from './resources.ts';
import { type Node, type Pod, podKey } from './types.ts';

/** A pod with what the plugins ask of it again and again, computed once. */
export interface PodInfo {
  readonly pod: Pod;
  readonly requests: Resources;
  /** Requests with a nominal amount for containers that state none; only for scoring. */
  readonly scoringRequests: Resources;
  readonly hostPorts: readonly HostPort[];
  readonly hasAffinity: boolean;
  readonly hasRequiredAntiAffinity: boolean;
}

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

const infos = new WeakMap<Pod, PodInfo>();

/** The pod's info; cached for as long as the (frozen) object lives. */
export function podInfoOf(pod: Pod): PodInfo {
  let info = infos.get(pod);
  if (!info) {
    const affinity = pod['spec'].affinity;
    info = {
      pod,
      requests: podRequests(pod),
      scoringRequests: podRequests(pod, true),
      hostPorts: hostPortsOf(pod),
      hasAffinity: affinity?.podAffinity !== undefined || affinity?.podAntiAffinity !== undefined,
      hasRequiredAntiAffinity:
        (affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.length ?? 0) > 0,
    };
    infos.set(pod, info);
  }
  return info;
}

function hostPortsOf(pod: Pod): HostPort[] {
  const spec = pod['spec'];
  const sidecars = (spec.initContainers ?? []).filter(
    (c: { restartPolicy?: string }) => c.restartPolicy === 'Always',
  );
  return [...spec.containers, ...sidecars].flatMap((container: { ports?: readonly Record<string, any>[] }) =>
    (container.ports ?? [])
      .filter((port) => (port['hostPort'] ?? 0) > 0)
      .map((port) => ({
        ip: port['hostIP'] || '0.0.0.0',
        protocol: port['protocol'] ?? 'TCP',
        port: port['hostPort'],
      })),
  );
}

/** A node and what runs on it, including what is assumed to run there soon. */
export class NodeInfo {
  readonly node: Node;
  readonly allocatable: Resources;
  readonly requested: Resources = new Map();
  readonly scoringRequested: Resources = new Map();
  readonly pods = new Map<string, PodInfo>();
  readonly podsWithAffinity = new Map<string, PodInfo>();
  readonly podsWithRequiredAntiAffinity = new Map<string, PodInfo>();
  /** Names of the images on the node with their sizes in bytes. */
  readonly images: ReadonlyMap<string, number>;

  constructor(node: Node) {
    this.node = node;
    this.allocatable = resourcesOf(node['status']?.allocatable);
    this.images = imagesOf(node);
  }

  get name(): string {
    return this.node.metadata.name as string;
  }

  get labels(): Readonly<Record<string, string>> {
    return this.node.metadata.labels ?? {};
  }

  addPod(info: PodInfo): void {
    const key = podKey(info.pod);
    const before = this.pods.get(key);
    if (before) this.removePod(before);
    this.pods.set(key, info);
    if (info.hasAffinity) this.podsWithAffinity.set(key, info);
    if (info.hasRequiredAntiAffinity) this.podsWithRequiredAntiAffinity.set(key, info);
    addTo(this.requested, info.requests);
    addTo(this.scoringRequested, info.scoringRequests);
  }

  removePod(info: PodInfo): void {
    const key = podKey(info.pod);
    const held = this.pods.get(key);
    if (!held) return;
    this.pods.delete(key);
    this.podsWithAffinity.delete(key);
    this.podsWithRequiredAntiAffinity.delete(key);
    addTo(this.requested, held.requests, -1);
    addTo(this.scoringRequested, held.scoringRequests, -1);
  }

  /** The same node (or a newer version of it) with the same pods. */
  copy(node: Node = this.node): NodeInfo {
    const copy = new NodeInfo(node);
    for (const info of this.pods.values()) copy.addPod(info);
    return copy;
  }
}

function imagesOf(node: Node): ReadonlyMap<string, number> {
  const images = new Map<string, number>();
  for (const image of node['status']?.images ?? []) {
    for (const name of image.names ?? []) images.set(name, Number(image.sizeBytes ?? 0));
  }
  return images;
}
