import { humanDuration, type KubeObject } from '@coxswain/machinery';
import type { Session } from '../session.ts';
import type { DescribeContext, Describer } from './describer.ts';
import {
  annotationsMultiline,
  formatSelector,
  formatTimestamp,
  joinLabels,
  labelsMultiline,
} from './format.ts';
import type { Lines } from './lines.ts';
import { describeTemplate } from './pod-template.ts';

export const describeDeployment: Describer = async (lines, object, { session }) => {
  const { metadata, spec, status = {} } = object as any;
  lines.add(0, `Name:\t${metadata.name}`);
  lines.add(0, `Namespace:\t${metadata.namespace}`);
  lines.add(0, `CreationTimestamp:\t${formatTimestamp(metadata.creationTimestamp)}`);
  labelsMultiline(lines, 0, 'Labels', metadata.labels);
  annotationsMultiline(lines, metadata.annotations);
  lines.add(0, `Selector:\t${formatSelector(spec.selector)}`);
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, unavailableReplicas = 0 } = status;
  lines.add(
    0,
    `Replicas:\t${spec.replicas ?? 1} desired | ${updatedReplicas} updated | ${replicas} total | ${availableReplicas} available | ${unavailableReplicas} unavailable`,
  );
  lines.add(0, `StrategyType:\t${spec.strategy?.type ?? ''}`);
  lines.add(0, `MinReadySeconds:\t${spec.minReadySeconds ?? 0}`);
  const rolling = spec.strategy?.rollingUpdate;
  if (rolling) {
    lines.add(
      0,
      `RollingUpdateStrategy:\t${rolling.maxUnavailable} max unavailable, ${rolling.maxSurge} max surge`,
    );
  }
  describeTemplate(lines, spec.template);
  conditionLines(lines, status.conditions ?? []);
  const sets = await ownedSets(session, object);
  const newest = newestSet(object, sets);
  const old = sets.filter((set) => set !== newest && (set['spec'].replicas ?? 0) > 0);
  const none = sets.filter((set) => set !== newest);
  lines.add(0, `OldReplicaSets:\t${setsText(none.length > 0 && old.length === 0 ? none : old)}`);
  lines.add(0, `NewReplicaSet:\t${newest === undefined ? '<none>' : setsText([newest])}`);
};

function conditionLines(lines: Lines, conditions: readonly any[]): void {
  if (conditions.length === 0) return;
  lines.add(0, 'Conditions:');
  lines.add(1, 'Type\tStatus\tReason');
  lines.add(1, '----\t------\t------');
  for (const { type, status, reason = '' } of conditions) lines.add(1, `${type} \t${status}\t${reason}`);
}

async function ownedSets(session: Session, owner: KubeObject): Promise<KubeObject[]> {
  const mapping = { group: 'apps', version: 'v1', resource: 'replicasets' };
  const list = await (await session.rest()).list({ mapping, namespace: owner.metadata.namespace });
  return list.items
    .filter((set) => set.metadata.ownerReferences?.some((ref) => ref.uid === owner.metadata.uid))
    .sort((a, b) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1));
}

function newestSet(deployment: KubeObject, sets: readonly KubeObject[]): KubeObject | undefined {
  const key = 'deployment.kubernetes.io/revision';
  const revision = deployment.metadata.annotations?.[key];
  return sets.find((set) => set.metadata.annotations?.[key] === revision);
}

function setsText(sets: readonly KubeObject[]): string {
  const texts = sets.map((set) => {
    const { spec, status = {} } = set as any;
    return `${set.metadata.name} (${status.replicas ?? 0}/${spec.replicas ?? 0} replicas created)`;
  });
  return texts.join(', ') || '<none>';
}

export const describeReplicaSet: Describer = async (lines, object, context) => {
  const { metadata, spec, status = {} } = object as any;
  const isSet = object.kind === 'ReplicaSet';
  lines.add(0, `Name:\t${metadata.name}`);
  lines.add(0, `Namespace:\t${metadata.namespace}`);
  lines.add(0, `Selector:\t${isSet ? formatSelector(spec.selector) : joinLabels(spec.selector)}`);
  labelsMultiline(lines, 0, 'Labels', metadata.labels);
  annotationsMultiline(lines, metadata.annotations);
  const owner = metadata.ownerReferences?.find((each: any) => each.controller);
  if (owner) lines.add(0, `Controlled By:\t${owner.kind}/${owner.name}`);
  lines.add(0, `Replicas:\t${status.replicas ?? 0} current / ${spec.replicas ?? 0} desired`);
  await podStatusLine(lines, object, context);
  describeTemplate(lines, spec.template);
  conditionLines(lines, status.conditions ?? []);
};

export const describeStatefulSet: Describer = async (lines, object, context) => {
  const { metadata, spec, status = {} } = object as any;
  lines.add(0, `Name:\t${metadata.name}`);
  lines.add(0, `Namespace:\t${metadata.namespace}`);
  lines.add(0, `CreationTimestamp:\t${formatTimestamp(metadata.creationTimestamp)}`);
  lines.add(0, `Selector:\t${formatSelector(spec.selector)}`);
  labelsMultiline(lines, 0, 'Labels', metadata.labels);
  annotationsMultiline(lines, metadata.annotations);
  lines.add(0, `Replicas:\t${spec.replicas} desired | ${status.replicas ?? 0} total`);
  lines.add(0, `Update Strategy:\t${spec.updateStrategy?.type ?? ''}`);
  const partition = spec.updateStrategy?.rollingUpdate?.partition;
  if (partition !== undefined) lines.add(1, `Partition:\t${partition}`);
  await podStatusLine(lines, object, context);
  describeTemplate(lines, spec.template);
  claimLines(lines, spec.volumeClaimTemplates ?? []);
};

function claimLines(lines: Lines, templates: readonly any[]): void {
  if (templates.length === 0) {
    lines.add(0, 'Volume Claims:\t<none>');
    return;
  }
  lines.add(0, 'Volume Claims:');
  for (const { metadata, spec = {} } of templates) {
    lines.add(1, `Name:\t${metadata.name}`);
    lines.add(1, `StorageClass:\t${spec.storageClassName ?? ''}`);
    lines.add(1, `Labels:\t${joinLabels(metadata.labels)}`);
    lines.add(1, `Annotations:\t${joinLabels(metadata.annotations)}`);
    lines.add(1, `Capacity:\t${spec.resources?.requests?.storage ?? '<default>'}`);
    lines.add(1, `Access Modes:\t[${(spec.accessModes ?? []).join(' ')}]`);
  }
}

export const describeDaemonSet: Describer = async (lines, object, context) => {
  const { metadata, spec, status = {} } = object as any;
  lines.add(0, `Name:\t${metadata.name}`);
  lines.add(0, `Selector:\t${formatSelector(spec.selector)}`);
  lines.add(0, `Node-Selector:\t${joinLabels(spec.template?.spec?.nodeSelector)}`);
  labelsMultiline(lines, 0, 'Labels', metadata.labels);
  annotationsMultiline(lines, metadata.annotations);
  lines.add(0, `Desired Number of Nodes Scheduled: ${status.desiredNumberScheduled ?? 0}`);
  lines.add(0, `Current Number of Nodes Scheduled: ${status.currentNumberScheduled ?? 0}`);
  lines.add(0, `Number of Nodes Scheduled with Up-to-date Pods: ${status.updatedNumberScheduled ?? 0}`);
  lines.add(0, `Number of Nodes Scheduled with Available Pods: ${status.numberAvailable ?? 0}`);
  lines.add(0, `Number of Nodes Misscheduled: ${status.numberMisscheduled ?? 0}`);
  await podStatusLine(lines, object, context);
  describeTemplate(lines, spec.template);
};

export const describeJob: Describer = (lines, object) => {
  const { metadata, spec, status = {} } = object as any;
  lines.add(0, `Name:\t${metadata.name}`);
  lines.add(0, `Namespace:\t${metadata.namespace}`);
  lines.add(0, `Selector:\t${formatSelector(spec.selector)}`);
  labelsMultiline(lines, 0, 'Labels', metadata.labels);
  annotationsMultiline(lines, metadata.annotations);
  const owner = metadata.ownerReferences?.find((each: any) => each.controller);
  if (owner) lines.add(0, `Controlled By:\t${owner.kind}/${owner.name}`);
  lines.add(0, `Parallelism:\t${spec.parallelism ?? '<unset>'}`);
  lines.add(0, `Completions:\t${spec.completions ?? '<unset>'}`);
  lines.add(0, `Completion Mode:\t${spec.completionMode ?? 'NonIndexed'}`);
  lines.add(0, `Suspend:\t${spec.suspend ?? false}`);
  lines.add(0, `Backoff Limit:\t${spec.backoffLimit ?? 6}`);
  if (spec.ttlSecondsAfterFinished !== undefined) {
    lines.add(0, `TTL Seconds After Finished:\t${spec.ttlSecondsAfterFinished}`);
  }
  if (status.startTime) lines.add(0, `Start Time:\t${formatTimestamp(status.startTime)}`);
  if (status.completionTime) lines.add(0, `Completed At:\t${formatTimestamp(status.completionTime)}`);
  if (status.startTime && status.completionTime) {
    lines.add(
      0,
      `Duration:\t${humanDuration(Date.parse(status.completionTime) - Date.parse(status.startTime))}`,
    );
  }
  if (spec.activeDeadlineSeconds !== undefined) {
    lines.add(0, `Active Deadline Seconds:\t${spec.activeDeadlineSeconds}s`);
  }
  const { active = 0, succeeded = 0, failed = 0, ready } = status;
  const tail = `${succeeded} Succeeded / ${failed} Failed`;
  lines.add(0, `Pods Statuses:\t${active} Active${ready === undefined ? '' : ` (${ready} Ready)`} / ${tail}`);
  if (spec.completionMode === 'Indexed')
    lines.add(0, `Completed Indexes:\t${status.completedIndexes || '<none>'}`);
  describeTemplate(lines, spec.template);
};

/** Counts the pods that the object controls by their phase. */
async function podStatusLine(lines: Lines, object: KubeObject, { session }: DescribeContext): Promise<void> {
  const mapping = { group: '', version: 'v1', resource: 'pods' };
  const { items } = await (await session.rest()).list({ mapping, namespace: object.metadata.namespace });
  const own = items.filter((pod) =>
    pod.metadata.ownerReferences?.some((ref) => ref.controller && ref.uid === object.metadata.uid),
  );
  const count = (phase: string): number => own.filter((pod) => pod['status']?.phase === phase).length;
  lines.add(
    0,
    `Pods Status:\t${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`,
  );
}
