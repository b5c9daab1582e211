import { describeContainers } from './containers.ts';
import { labelsMultiline } from './format.ts';
import type { Lines } from './lines.ts';
import { nodeSelectorLines, tolerationLines } from './scheduling.ts';
import { describeVolumes } from './volumes.ts';

/** `Pod Template:` of a workload. */
export function describeTemplate(lines: Lines, template: any): void {
  lines.add(0, 'Pod Template:');
  if (template === undefined || template === null) {
    lines.add(1, '<unset>');
    return;
  }
  const { metadata = {}, spec = {} } = template;
  labelsMultiline(lines, 1, 'Labels', metadata.labels);
  if (Object.keys(metadata.annotations ?? {}).length > 0) {
    labelsMultiline(lines, 1, 'Annotations', metadata.annotations);
  }
  if (spec.serviceAccountName) lines.add(1, `Service Account:\t${spec.serviceAccountName}`);
  if ((spec.initContainers ?? []).length > 0)
    describeContainers(lines, 1, 'Init Containers', spec.initContainers);
  describeContainers(lines, 1, 'Containers', spec.containers ?? []);
  describeVolumes(lines, 1, spec.volumes ?? []);
  topologyLines(lines, 1, spec.topologySpreadConstraints ?? []);
  if (spec.priorityClassName) lines.add(1, `Priority Class Name:\t${spec.priorityClassName}`);
  nodeSelectorLines(lines, 1, spec.nodeSelector);
  tolerationLines(lines, 1, spec.tolerations);
}

/** `Topology Spread Constraints:`, when there are any. */
export function topologyLines(lines: Lines, level: number, constraints: readonly any[]): void {
  constraints.forEach((each, i) => {
    const text = `${each.topologyKey}:${each.whenUnsatisfiable} when max skew ${each.maxSkew} is exceeded`;
    const labels = Object.entries(each.labelSelector?.matchLabels ?? {}).map(
      ([key, value]) => `${key}=${value}`,
    );
    const tail = each.labelSelector === undefined ? '' : ` for selector ${labels.join(',')}`;
    lines.add(level, `${i === 0 ? 'Topology Spread Constraints:' : ''}\t${text}${tail}`);
  });
}
