import { compareVersions } from './compare-versions.ts';

/** Where a version stands in discovery: higher before lower. */
export interface Priority {
  readonly group: number;
  readonly version: number;
}

/** Upstream's groups. */
const groups: Readonly<Record<string, number>> = {
  '': 18_000,
  // No APIService stands above it: it is always the first.
  'apiregistration.k8s.io': 20_001,
  apps: 17_800,
  'events.k8s.io': 17_750,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  'admissionregistration.k8s.io': 16_700,
  'apiextensions.k8s.io': 16_700,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
  'resource.k8s.io': 16_200,
  'flowcontrol.apiserver.k8s.io': 16_100,
  'internal.apiserver.k8s.io': 16_000,
  'storagemigration.k8s.io': 15_800,
};

/** Versions that do not stand where their name says. */
const versions: Readonly<Record<string, number>> = {
  v1: 1,
  'autoscaling/v2': 30,
  'flowcontrol.apiserver.k8s.io/v1': 21,
  'resource.k8s.io/v1': 21,
  'resource.k8s.io/v1beta2': 15,
  'resource.k8s.io/v1alpha3': 1,
  'coordination.k8s.io/v1beta1': 13,
  'coordination.k8s.io/v1alpha2': 12,
  'networking.k8s.io/v1beta1': 12,
  'admissionregistration.k8s.io/v1beta1': 12,
  'admissionregistration.k8s.io/v1alpha1': 9,
  'internal.apiserver.k8s.io/v1alpha1': 9,
};

/** The priorities of a version that is built in. */
export function builtInPriority(group: string, version: string): Priority {
  const known = versions[group === '' ? version : `${group}/${version}`];
  const byStability = version.includes('alpha') ? 1 : version.includes('beta') ? 9 : 15;
  return { group: groups[group] ?? 15_000, version: known ?? byStability };
}

/** The priorities of every version of every custom resource. */
export const customPriority: Priority = { group: 1_000, version: 100 };

/** A group version that discovery tells of. */
export interface PlacedVersion {
  readonly group: string;
  readonly version: string;
  readonly priority: Priority;
}

/** One group of discovery. */
export interface PlacedGroup {
  readonly group: string;
  /** The preferred one first. */
  readonly versions: readonly string[];
}

/** Groups by the highest priority that one of their versions claims, versions by their own. Pure. */
export function inDiscoveryOrder(placed: readonly PlacedVersion[]): readonly PlacedGroup[] {
  const found = new Map<string, PlacedVersion[]>();
  for (const one of [...placed].sort(byGroup)) {
    const versions = found.get(one.group);
    if (versions === undefined) found.set(one.group, [one]);
    else versions.push(one);
  }
  return [...found].map(([group, versions]) => ({
    group,
    versions: versions.sort(byVersion).map((one) => one.version),
  }));
}

function byGroup(a: PlacedVersion, b: PlacedVersion): number {
  if (a.priority.group !== b.priority.group) return b.priority.group - a.priority.group;
  const [x, y] = [`${a.version}.${a.group}`, `${b.version}.${b.group}`];
  return x < y ? -1 : x > y ? 1 : 0;
}

function byVersion(a: PlacedVersion, b: PlacedVersion): number {
  return b.priority.version - a.priority.version || compareVersions(a.version, b.version);
}
