import type { Json } from '../validation/values.ts';

/**
 * DropDisabledPodFields: members whose feature is off in this release are not kept, unless they are stored already.
 *
 * @param old the stored spec; absent for a new one
 */
export function dropDisabledPodFields(spec: Json, old?: Json): void {
  if (!usesStopSignals(old)) dropStopSignals(spec);
  for (const member of ['clusterTrustBundle', 'podCertificate']) {
    if (projections(old).some((source) => source[member] != null)) continue;
    for (const source of projections(spec)) delete source[member];
  }
  for (const member of ['workloadRef', 'schedulingGroup']) if (old?.[member] == null) delete spec[member];
}

/** The same for what a status says. */
export function dropDisabledStatusFields(status: Json, old: Json): void {
  const claims = 'nodeAllocatableResourceClaimStatuses';
  if (old[claims] === undefined) delete status[claims];
  if (mountStatuses(old).some((mount) => mount['volumeStatus'] != null)) return;
  for (const mount of mountStatuses(status)) delete mount['volumeStatus'];
}

function containersOf(spec: Json | undefined): Json[] {
  return ['containers', 'initContainers', 'ephemeralContainers'].flatMap((list) => spec?.[list] ?? []);
}

function usesStopSignals(spec: Json | undefined): boolean {
  return spec !== undefined && containersOf(spec).some((c) => c['lifecycle']?.stopSignal != null);
}

function dropStopSignals(spec: Json): void {
  for (const list of ['containers', 'initContainers', 'ephemeralContainers']) {
    for (const container of spec[list] ?? []) {
      const { lifecycle } = container;
      if (lifecycle?.stopSignal == null) continue;
      delete lifecycle.stopSignal;
      if (lifecycle.postStart == null && lifecycle.preStop == null) delete container.lifecycle;
    }
  }
}

const none: readonly Json[] = [];

function projections(spec: Json | undefined): readonly Json[] {
  const volumes: readonly Json[] | undefined = spec?.['volumes'];
  if (volumes === undefined) return none;
  return volumes.flatMap((volume) => volume['projected']?.sources ?? none);
}

function mountStatuses(status: Json): readonly Json[] {
  return ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'].flatMap((list) =>
    (status[list] ?? none).flatMap((one: Json) => one['volumeMounts'] ?? none),
  );
}

/** The same for the templates of workloads, wherever the kind keeps its. */
export function dropDisabledTemplateFields(object: Json, old?: Json): void {
  const spec = templateSpec(object);
  if (spec !== undefined) dropDisabledPodFields(spec, old && templateSpec(old));
}

function templateSpec(object: Json): Json | undefined {
  const template: Json | undefined =
    object['spec']?.template ?? object['spec']?.jobTemplate?.spec?.template ?? object['template'];
  return typeof template?.['spec'] === 'object' ? template['spec'] : undefined;
}
