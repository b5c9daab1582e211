import type { KubeObject } from '@coxswain/machinery';
import { age, containerCells, labelsText, nameOf, orNone, since } from './format.ts';
import { ageColumn, column, field, nameColumn, type RowCondition, type TableSketch, wide } from './table.ts';

interface ContainerStatus {
  readonly name: string;
  readonly restartCount?: number;
  readonly ready?: boolean;
  readonly started?: boolean;
  readonly state?: {
    readonly running?: object;
    readonly waiting?: { readonly reason?: string };
    readonly terminated?: Terminated;
  };
  readonly lastState?: { readonly terminated?: Terminated };
}

interface Terminated {
  readonly exitCode?: number;
  readonly signal?: number;
  readonly reason?: string;
  readonly finishedAt?: string;
}

/** Counts restarts and remembers the last one. */
class Restarts {
  count = 0;
  last = '';

  add(status: ContainerStatus): void {
    this.count += status.restartCount ?? 0;
    const finished = status.lastState?.terminated?.finishedAt ?? '';
    if (finished !== '' && (this.last === '' || Date.parse(finished) > Date.parse(this.last)))
      this.last = finished;
  }

  text(now: number): string {
    return this.count !== 0 && this.last !== ''
      ? `${this.count} (${since(this.last, now)} ago)`
      : `${this.count}`;
  }
}

/** What a pod's row says of its containers. */
interface Summary {
  readonly reason: string;
  readonly ready: number;
  readonly total: number;
  readonly restarts: Restarts;
}

function endText(terminated: Terminated): string {
  if (terminated.reason) return terminated.reason;
  return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode ?? 0}`;
}

function isTrue(pod: KubeObject, type: string): boolean {
  const conditions = (pod['status']?.conditions ?? []) as { type: string; status: string }[];
  return conditions.some((c) => c.type === type && c.status === 'True');
}

function startReason(pod: KubeObject): string {
  const { phase = '', reason, conditions = [] } = pod['status'] ?? {};
  const gated = conditions.some(
    (c: { type: string; reason?: string }) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated',
  );
  return gated ? 'SchedulingGated' : reason || phase;
}

interface InitSummary {
  /** Absent when initialization is over. */
  readonly reason: string | undefined;
  readonly ready: number;
  readonly sidecars: number;
  readonly restarts: Restarts;
  readonly sidecarRestarts: Restarts;
}

function summarizeInit(pod: KubeObject): InitSummary {
  const containers = (pod['spec']?.initContainers ?? []) as { name: string; restartPolicy?: string }[];
  const sidecars = new Set(containers.filter((c) => c.restartPolicy === 'Always').map((c) => c.name));
  const restarts = new Restarts();
  const sidecarRestarts = new Restarts();
  let ready = 0;
  let reason: string | undefined;
  const statuses = (pod['status']?.initContainerStatuses ?? []) as ContainerStatus[];
  for (const [i, status] of statuses.entries()) {
    restarts.add(status);
    const sidecar = sidecars.has(status.name);
    if (sidecar) sidecarRestarts.add(status);
    const { terminated, waiting } = status.state ?? {};
    if (terminated && (terminated.exitCode ?? 0) === 0) continue;
    if (sidecar && status.started) {
      if (status.ready) ready++;
      continue;
    }
    if (terminated) reason = `Init:${endText(terminated)}`;
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') reason = `Init:${waiting.reason}`;
    else reason = `Init:${i}/${containers.length}`;
    break;
  }
  return { reason, ready, sidecars: sidecars.size, restarts, sidecarRestarts };
}

function summarize(pod: KubeObject): Summary {
  const init = summarizeInit(pod);
  const total = (pod['spec']?.containers ?? []).length + init.sidecars;
  let { ready } = init;
  let reason = init.reason ?? startReason(pod);
  let { restarts } = init;
  if (init.reason === undefined || isTrue(pod, 'Initialized')) {
    restarts = init.sidecarRestarts;
    let running = false;
    const statuses = (pod['status']?.containerStatuses ?? []) as ContainerStatus[];
    for (const status of [...statuses].reverse()) {
      restarts.add(status);
      const { waiting, terminated } = status.state ?? {};
      if (waiting?.reason) reason = waiting.reason;
      else if (terminated) reason = endText(terminated);
      else if (status.ready && status.state?.running) {
        running = true;
        ready++;
      }
    }
    // One container may be done while another still runs.
    if (reason === 'Completed' && running) reason = isTrue(pod, 'Ready') ? 'Running' : 'NotReady';
  }
  if (pod.metadata.deletionTimestamp !== undefined) {
    const { phase, reason: why } = pod['status'] ?? {};
    if (why === 'NodeLost') reason = 'Unknown';
    else if (phase !== 'Succeeded' && phase !== 'Failed') reason = 'Terminating';
  }
  return { reason, ready, total, restarts };
}

function readinessGates(pod: KubeObject): string {
  const gates = (pod['spec']?.readinessGates ?? []) as { conditionType: string }[];
  if (gates.length === 0) return '<none>';
  return `${gates.filter((gate) => isTrue(pod, gate.conditionType)).length}/${gates.length}`;
}

const succeeded: readonly RowCondition[] = [
  { type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' },
];
const failed: readonly RowCondition[] = [
  { type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' },
];

export const pods: TableSketch = {
  columns: [
    nameColumn,
    column('Ready', 'The aggregate readiness state of this pod for accepting traffic.'),
    column('Status', 'The aggregate status of the containers in this pod.'),
    column(
      'Restarts',
      'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
    ),
    ageColumn,
    wide('IP', field('core.v1.PodStatus', 'podIP')),
    wide('Node', field('core.v1.PodSpec', 'nodeName')),
    wide('Nominated Node', field('core.v1.PodStatus', 'nominatedNodeName')),
    wide('Readiness Gates', field('core.v1.PodSpec', 'readinessGates')),
  ],
  cells(pod, now) {
    const { reason, ready, total, restarts } = summarize(pod);
    return [
      nameOf(pod),
      `${ready}/${total}`,
      reason,
      restarts.text(now),
      age(pod, now),
      orNone(pod['status']?.podIPs?.[0]?.ip),
      orNone(pod['spec']?.nodeName),
      orNone(pod['status']?.nominatedNodeName),
      readinessGates(pod),
    ];
  },
  conditions(pod) {
    const phase = pod['status']?.phase;
    return phase === 'Succeeded' ? succeeded : phase === 'Failed' ? failed : undefined;
  },
};

export const podTemplates: TableSketch = {
  columns: [
    nameColumn,
    column('Containers', 'Names of each container in the template.'),
    column('Images', 'Images referenced by each container in the template.'),
    column('Pod Labels', 'The labels for the pod template.'),
  ],
  cells: (template) => [
    nameOf(template),
    ...containerCells(template['template']?.spec),
    labelsText(template['template']?.metadata?.labels),
  ],
};
