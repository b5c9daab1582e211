import type { Image } from '@coxswain/cri';
import { parseQuantity } from '@coxswain/machinery';
import type { NodeCondition, NodeStatus } from '../types.ts';
import type { MachineInfo } from './machine-info.ts';

/** Images that a node's status names at the most, the largest first. */
const maxImages = 50;
const maxNamesPerImage = 5;

export const kubeletVersion = 'v1.36.2';

export interface NodeFacts {
  readonly machine: MachineInfo;
  readonly hostname: string;
  readonly nodeIps: readonly string[];
  readonly maxPods: number;
  readonly reserved: Readonly<Record<string, string>>;
  /** Such as `containerd://1.6.20`. */
  readonly runtimeVersion: string;
  readonly images: readonly Image[];
  readonly port: number;
  readonly os: string;
}

/** What of a node's status comes from the machine; conditions are added by `nodeConditions`. */
export function nodeStatus(facts: NodeFacts): NodeStatus {
  const { machine } = facts;
  const capacity = {
    cpu: String(machine.cpus),
    'ephemeral-storage': `${Math.floor(machine.ephemeralBytes / 1024)}Ki`,
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    memory: `${Math.floor(machine.memoryBytes / 1024)}Ki`,
    pods: String(facts.maxPods),
  };
  return {
    addresses: [
      ...facts.nodeIps.map((address) => ({ type: 'InternalIP', address })),
      { type: 'Hostname', address: facts.hostname },
    ],
    capacity,
    allocatable: allocatable(capacity, facts.reserved),
    daemonEndpoints: { kubeletEndpoint: { Port: facts.port } },
    nodeInfo: {
      architecture: machine.architecture,
      bootID: machine.bootId,
      containerRuntimeVersion: facts.runtimeVersion,
      kernelVersion: machine.kernelVersion,
      kubeProxyVersion: '',
      kubeletVersion,
      machineID: machine.machineId,
      operatingSystem: facts.os,
      osImage: machine.osImage,
      systemUUID: machine.systemUuid,
    },
    images: [...facts.images]
      .filter((i) => i.repoTags.length + i.repoDigests.length > 0)
      .sort((a, b) => b.size - a.size)
      .slice(0, maxImages)
      .map((i) => ({
        names: [...i.repoDigests, ...i.repoTags].slice(0, maxNamesPerImage),
        sizeBytes: i.size,
      })),
  };
}

function allocatable(
  capacity: Readonly<Record<string, string>>,
  reserved: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(capacity).map(([name, amount]) => {
      const kept = reserved[name];
      return [
        name,
        kept === undefined ? amount : parseQuantity(amount).subtract(parseQuantity(kept)).toString(),
      ];
    }),
  );
}

/** What the node says of its own health. */
export interface NodeHealth {
  readonly memoryPressure: boolean;
  readonly diskPressure: boolean;
  readonly pidPressure: boolean;
  /** Why the node is not ready; empty when it is. */
  readonly problems: readonly string[];
}

/** The node's conditions; a condition keeps the time of its last change. */
export function nodeConditions(
  health: NodeHealth,
  before: readonly NodeCondition[],
  now: string,
): NodeCondition[] {
  const ready = health.problems.length === 0;
  const wanted: Omit<NodeCondition, 'lastHeartbeatTime' | 'lastTransitionTime'>[] = [
    pressure(
      'MemoryPressure',
      health.memoryPressure,
      'HasInsufficientMemory',
      'HasSufficientMemory',
      'insufficient memory',
      'sufficient memory',
    ),
    pressure(
      'DiskPressure',
      health.diskPressure,
      'HasDiskPressure',
      'HasNoDiskPressure',
      'disk pressure',
      'no disk pressure',
    ),
    pressure(
      'PIDPressure',
      health.pidPressure,
      'HasInsufficientPID',
      'HasSufficientPID',
      'insufficient PID',
      'sufficient PID',
    ),
    {
      type: 'Ready',
      status: ready ? 'True' : 'False',
      reason: ready ? 'KubeletReady' : 'KubeletNotReady',
      message: ready ? 'kubelet is posting ready status' : health.problems.join(', '),
    },
  ];
  const own = wanted.map((condition): NodeCondition => {
    const old = before.find((b) => b.type === condition.type);
    const lastTransitionTime = old?.status === condition.status ? (old.lastTransitionTime ?? now) : now;
    return { ...condition, lastHeartbeatTime: now, lastTransitionTime };
  });
  return [...before.filter((b) => !wanted.some((w) => w.type === b.type)), ...own];
}

function pressure(
  type: string,
  on: boolean,
  onReason: string,
  offReason: string,
  onText: string,
  offText: string,
): Omit<NodeCondition, 'lastHeartbeatTime' | 'lastTransitionTime'> {
  return {
    type,
    status: on ? 'True' : 'False',
    reason: on ? onReason : offReason,
    message: `kubelet has ${on ? onText : offText}${on ? '' : type === 'DiskPressure' ? '' : ' available'}`,
  };
}
