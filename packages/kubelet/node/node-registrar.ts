import type { corev1 } from '@coxswain/api';
import type { Client } from '@coxswain/client';
import {
  type Clock,
  deepEqual,
  formatTime,
  isAlreadyExists,
  isNotFound,
  type Logger,
} from '@coxswain/machinery';
import type { Node, NodeStatus } from '../types.ts';
import type { MachineInfo } from './machine-info.ts';
import { type NodeHealth, nodeConditions } from './node-status.ts';

const nodes = { group: '', version: 'v1', resource: 'nodes' };
/** How often the status is looked at, and written even if nothing has changed. */
const statusIntervalMs = 10_000;
const reportIntervalMs = 300_000;
const firstRetryMs = 200;
const maxRetryMs = 7_000;

export interface NodeRegistrarParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodeName: string;
  readonly hostname: string;
  readonly machine: MachineInfo;
  readonly os: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly corev1.Taint[];
  readonly register: boolean;
  readonly status: () => Promise<NodeStatus>;
  readonly health: () => Promise<NodeHealth>;
  /** The node's object as the API server has it now. */
  readonly onNode: (node: Node) => void;
  /** Tells of a condition that has changed. */
  readonly record: (reason: string, message: string) => void;
}

/** Registers the node and keeps its status current. */
export class NodeRegistrar {
  readonly #parts: NodeRegistrarParts;
  #node: Node | undefined;
  #reported = Number.NEGATIVE_INFINITY;
  #wake: (() => void) | undefined;

  constructor(parts: NodeRegistrarParts) {
    this.#parts = parts;
  }

  get node(): Node | undefined {
    return this.#node;
  }

  /** Resolves when the API server has the node with a first status. */
  async register(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#parts;
    for (let wait = firstRetryMs; !signal.aborted; wait = Math.min(maxRetryMs, wait * 2)) {
      try {
        await this.#createOrAdopt();
        await this.#update();
        return;
      } catch (error) {
        logger.warn('could not register the node', { error: String(error) });
        await clock.sleep(wait, signal).catch(() => {});
      }
    }
  }

  /** Keeps the status current until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#parts;
    while (!signal.aborted) {
      await this.#pause(clock, signal);
      if (signal.aborted) return;
      try {
        await this.#update();
      } catch (error) {
        if (isNotFound(error)) this.#node = undefined;
        logger.warn('could not update the status of the node', { error: String(error) });
      }
      if (this.#node === undefined && !signal.aborted) await this.register(signal);
    }
  }

  /** Something that the status tells of may have changed. */
  nudge(): void {
    this.#wake?.();
  }

  async #pause(clock: Clock, signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    this.#wake = () => stop.abort();
    await clock.sleep(statusIntervalMs, AbortSignal.any([signal, stop.signal])).catch(() => {});
    this.#wake = undefined;
  }

  async #createOrAdopt(): Promise<void> {
    const { client, nodeName, register, taints } = this.#parts;
    const resource = client.resource<Node & { apiVersion: string; kind: string }>(nodes);
    const labels = this.#labels();
    if (register) {
      const body: Node = {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: {
          name: nodeName,
          labels,
          annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
        },
        spec: taints.length > 0 ? { taints: [...taints] } : {},
        status: { ...(await this.#parts.status()), conditions: await this.#conditions([]) },
      };
      try {
        this.#take(await resource.create(body));
        return;
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
    }
    let node: Node = await resource.get(nodeName);
    // Labels that come from the machine follow it; others are the cluster's to change.
    const missing = Object.entries(labels).filter(([k, v]) => node.metadata.labels?.[k] !== v);
    if (register && missing.length > 0) {
      const patch = { metadata: { labels: Object.fromEntries(missing) } };
      node = await resource.patch(nodeName, 'application/strategic-merge-patch+json', patch);
    }
    this.#take(node);
  }

  #labels(): Record<string, string> {
    const { hostname, machine, os, labels } = this.#parts;
    return {
      'beta.kubernetes.io/arch': machine.architecture,
      'beta.kubernetes.io/os': os,
      'kubernetes.io/arch': machine.architecture,
      'kubernetes.io/hostname': hostname,
      'kubernetes.io/os': os,
      ...labels,
    };
  }

  async #conditions(before: NonNullable<NodeStatus['conditions']>): Promise<NodeStatus['conditions'] & {}> {
    return nodeConditions(await this.#parts.health(), before, formatTime(this.#parts.clock.now()));
  }

  async #update(): Promise<void> {
    const { client, nodeName, clock, status } = this.#parts;
    const resource = client.resource<Node & { apiVersion: string; kind: string }>(nodes);
    // Others write to the status too: capacities of extended resources, conditions of a node long silent.
    const node = await resource.get(nodeName, { resourceVersion: '0' });
    const before = node.status ?? {};
    const conditions = await this.#conditions(before.conditions ?? []);
    const wanted = withExtendedResources(await status(), before);
    const due = clock.monotonic() - this.#reported >= reportIntervalMs;
    if (!due && sameButHeartbeat(conditions, before.conditions ?? []) && contains(before, wanted)) return;
    const allocatable = { ...removed(before.allocatable, wanted.allocatable), ...wanted.allocatable };
    const patch = {
      status: {
        ...wanted,
        allocatable,
        addresses: [{ $patch: 'replace' }, ...(wanted.addresses ?? [])],
        conditions,
      },
    };
    const options = { subresource: 'status' };
    this.#take(await resource.patch(nodeName, 'application/strategic-merge-patch+json', patch, options));
    this.#tellOfChanges(before.conditions ?? [], conditions);
    this.#reported = clock.monotonic();
  }

  #tellOfChanges(before: Conditions, after: Conditions): void {
    const { nodeName, record } = this.#parts;
    for (const { type, status, reason } of after) {
      const old = before.find((b) => b.type === type);
      if (
        old?.status === status ||
        !['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'].includes(type)
      )
        continue;
      const told = type === 'Ready' ? (status === 'True' ? 'NodeReady' : 'NodeNotReady') : `Node${reason}`;
      record(told, `Node ${nodeName} status is now: ${told}`);
    }
  }

  #take(node: Node): void {
    this.#node = node;
    this.#parts.onNode(node);
  }
}

type Amounts = NonNullable<NodeStatus['capacity']>;

/** Capacities that others gave the node for extended resources stay, and all of them can be allocated. */
function withExtendedResources(own: NodeStatus, before: NodeStatus): NodeStatus {
  const extended = Object.fromEntries(
    Object.entries(before.capacity ?? {}).filter(
      ([name]) => name.includes('/') && own.capacity?.[name] === undefined,
    ),
  );
  return {
    ...own,
    capacity: { ...own.capacity, ...extended },
    allocatable: { ...own.allocatable, ...extended },
  };
}

/** A merge patch keeps what it does not name. */
function removed(before: Amounts = {}, after: Amounts = {}): Record<string, null> {
  return Object.fromEntries(
    Object.keys(before)
      .filter((name) => after[name] === undefined)
      .map((name) => [name, null]),
  );
}

type Conditions = NonNullable<NodeStatus['conditions']>;

function sameButHeartbeat(a: Conditions, b: Conditions): boolean {
  const strip = (all: Conditions) =>
    all.map(({ lastHeartbeatTime: _, ...rest }) => rest).sort((x, y) => (x.type < y.type ? -1 : 1));
  return deepEqual(strip(a), strip(b));
}

function contains(all: NodeStatus, part: NodeStatus): boolean {
  const status = all as Record<string, unknown>;
  return Object.entries(part).every(([key, value]) => {
    const current = status[key];
    if (Array.isArray(value) && value.length === 0 && current === undefined) return true;
    return deepEqual(current, value);
  });
}
