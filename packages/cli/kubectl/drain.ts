import { isNotFound, isTooManyRequests, type KubeObject } from '@coxswain/machinery';
import { nodesOf, setSchedulable } from './cordon.ts';
import { Failure, Failures, throwAll } from './error-text.ts';
import { type DryRun, dryRunOf } from './print/printer.ts';
import type { Session } from './session.ts';
import { dryRunFlags, selectorFlags } from './shared-flags.ts';
import { kubectlCommand, type Verb } from './verb.ts';
import { waitGone } from './wait-gone.ts';

const verb: Verb = {
  usage: 'drain NODE',
  summary: 'Drain node in preparation for maintenance.',
  flags: {
    ...dryRunFlags,
    ...selectorFlags,
    'chunk-size': { type: 'int', default: '500', help: 'Objects to ask for at once' },
    'delete-emptydir-data': { type: 'bool', default: 'false', help: 'Go on where pods use emptyDir' },
    'disable-eviction': { type: 'bool', default: 'false', help: 'Delete instead of evicting' },
    force: { type: 'bool', default: 'false', help: 'Go on where pods have no controller' },
    'grace-period': { type: 'int', default: '-1', help: 'Seconds to go down in' },
    'ignore-daemonsets': { type: 'bool', default: 'false', help: 'Leave pods of daemon sets alone' },
    'pod-selector': { type: 'string', help: 'Label selector of the pods' },
    'skip-wait-for-delete-timeout': {
      type: 'int',
      default: '0',
      help: 'Do not wait for pods that go for longer',
    },
    timeout: { type: 'duration', default: '0s', help: 'Longest wait; 0: as long as it takes' },
  },
  run,
};

export const drain = kubectlCommand('drain', verb);

/** kubectl's: how long it waits before it asks again where a disruption budget forbids the eviction. */
const evictionRetryMs = 5_000;

async function run(session: Session): Promise<number> {
  const errors: unknown[] = [];
  const dryRun = dryRunOf(session);
  const nodes = await nodesOf(session, errors);
  throwAll(errors);
  for (const node of nodes) await setSchedulable(session, node, true, dryRun);
  for (const node of nodes) {
    await evictPods(session, node.name, dryRun);
    session.out(
      `node/${node.name} drained${dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)'}\n`,
    );
  }
  return 0;
}

async function evictPods(session: Session, node: string, dryRun: DryRun): Promise<void> {
  const { flags } = session;
  const rest = await session.rest();
  const mapping = await (await session.discovery()).resourceFor('pods');
  const query = { fieldSelector: `spec.nodeName=${node}`, labelSelector: flags.string('pod-selector') };
  const { items } = await rest.list({ mapping }, query);
  const { evicted, warnings, faults } = sortOut(session, items);
  if (faults.length > 0) {
    const why = faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`;
    session.err(`error: unable to drain node "${node}" due to error: ${why}, continuing command...\n`);
    session.err(`There are pending nodes to be drained:\n ${node}\n`);
    throw new Failures(faults.map((fault) => new Failure(fault)));
  }
  if (warnings.length > 0) session.err(`Warning: ${warnings.join('; ')}\n`);
  await Promise.all(evicted.map((pod) => evict(session, mapping, pod, dryRun)));
}

interface Sorted {
  readonly evicted: KubeObject[];
  readonly warnings: string[];
  readonly faults: string[];
}

/** Which pods go, which stay, and which forbid the whole. */
function sortOut({ flags }: Session, pods: readonly KubeObject[]): Sorted {
  const evicted: KubeObject[] = [];
  const groups = { daemon: [] as string[], local: [] as string[], bare: [] as string[] };
  for (const pod of pods) {
    const { annotations = {}, ownerReferences = [], deletionTimestamp, name, namespace } = pod.metadata;
    const label = `${namespace}/${name}`;
    const finished = ['Succeeded', 'Failed'].includes(pod['status']?.phase);
    const owner = ownerReferences.find((ref) => ref.controller);
    if (annotations['kubernetes.io/config.mirror'] !== undefined) continue;
    if (owner?.kind === 'DaemonSet' && !finished) {
      groups.daemon.push(label);
      continue;
    }
    // The first check that a pod fails is the one that is told.
    const usesLocal = (pod['spec']?.volumes ?? []).some((volume: any) => volume.emptyDir !== undefined);
    const counts = !finished && !deletionTimestamp;
    const stays = counts && usesLocal && !flags.bool('delete-emptydir-data');
    if (counts && usesLocal) groups.local.push(label);
    if (counts && !stays && owner === undefined) groups.bare.push(label);
    evicted.push(pod);
  }
  const faults: string[] = [];
  const warnings: string[] = [];
  const judge = (labels: string[], allowed: boolean, fault: string, warning: string): void => {
    if (labels.length === 0) return;
    if (!allowed) faults.push(`${fault}: ${labels.join(', ')}`);
    else if (warning !== '') warnings.push(`${warning}: ${labels.join(', ')}`);
  };
  judge(
    groups.daemon,
    flags.bool('ignore-daemonsets'),
    'cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)',
    'ignoring DaemonSet-managed Pods',
  );
  judge(
    groups.local,
    flags.bool('delete-emptydir-data'),
    'cannot delete Pods with local storage (use --delete-emptydir-data to override)',
    '',
  );
  judge(
    groups.bare,
    flags.bool('force'),
    // The doubled words are kubectl's.
    'cannot delete cannot delete Pods that declare no controller (use --force to override)',
    'deleting Pods that declare no controller',
  );
  return { evicted, warnings, faults };
}

async function evict(
  session: Session,
  mapping: Parameters<typeof waitGone>[1]['mapping'],
  pod: KubeObject,
  dryRun: DryRun,
): Promise<void> {
  const { flags } = session;
  const rest = await session.rest();
  const { name = '', namespace, uid } = pod.metadata;
  const info = { mapping, namespace, name };
  const grace = flags.int('grace-period') ?? -1;
  const deleteOptions = grace >= 0 ? { gracePeriodSeconds: grace } : {};
  if (dryRun === 'client') {
    session.out(`evicting pod ${namespace}/${name} (dry run)\n`);
    return;
  }
  session.err(`evicting pod ${namespace}/${name}${dryRun === 'server' ? ' (server dry run)' : ''}\n`);
  const timeout = flags.duration('timeout') ?? 0;
  const end = timeout > 0 ? session.clock.monotonic() + timeout : Number.POSITIVE_INFINITY;
  for (;;) {
    try {
      if (flags.bool('disable-eviction')) await rest.delete(info, deleteOptions);
      else {
        const body = {
          apiVersion: 'policy/v1',
          kind: 'Eviction',
          metadata: { name, namespace },
          deleteOptions,
        };
        const query = dryRun === 'server' ? { dryRun: 'All' } : {};
        await rest.createOnce({ ...info, subresource: 'eviction' }, body, query);
      }
      break;
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isTooManyRequests(error)) {
        throw new Failure(
          `error when evicting pods/"${name}" -n "${namespace}": ${(error as Error).message}`,
        );
      }
      session.err(
        `error when evicting pods/"${name}" -n "${namespace}" (will retry after 5s): ${error.message}\n`,
      );
      if (session.clock.monotonic() + evictionRetryMs > end) {
        throw new Failure(
          `error when evicting pods/"${name}" -n "${namespace}": global timeout reached: ${timeout / 1_000}s`,
        );
      }
      await rest.pause(evictionRetryMs);
    }
  }
  if (dryRun !== 'none') return;
  await waitGone(session, info, uid, timeout);
  session.out(`pod/${name} evicted\n`);
}
