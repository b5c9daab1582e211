import { FieldPath, goQuote, parseQuantity } from '@coxswain/machinery';
import { blank, type Json, keysOf } from '../values.ts';
import { visitContainers } from './container/visit-containers.ts';
import { deprecatedNodeLabels, nodeTermWarnings } from './scheduling/node-label-warnings.ts';

/** What a pod may say but had better not: texts for the Warning header (GetWarningsForPod). */

const deprecatedAnnotations: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod':
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};

const deprecatedVolumes: readonly (readonly [member: string, message: string, shown?: string])[] = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+', 'storageOS'],
  ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

const seccompPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompContainer = 'container.seccomp.security.alpha.kubernetes.io/';
const appArmorContainer = 'container.apparmor.security.beta.kubernetes.io/';
const useSeccompProfile = 'non-functional in v1.27+; use the "seccompProfile" field instead';

/** @param path where the pod stands: the root for a pod itself, `spec.template` and the like for templates */
export function podWarnings(metadata: Json, spec: Json, path: FieldPath | undefined): string[] {
  const out: string[] = [];
  const at = (...names: string[]): FieldPath =>
    path === undefined ? FieldPath.root(...names) : path.child(...names);
  const warn = (place: FieldPath, message: string): void => void out.push(`${place}: ${message}`);
  schedulingWarnings(spec, at, warn);
  const annotations: Json = metadata['annotations'] ?? {};
  for (const key of Object.keys(deprecatedAnnotations)) {
    if (annotations[key] != null) warn(at('metadata', 'annotations').key(key), deprecatedAnnotations[key]!);
  }
  volumeWarnings(spec['volumes'] ?? [], at('spec', 'volumes'), warn);
  const annotationsPath = at('metadata', 'annotations');
  if (annotations[seccompPod] != null && spec['securityContext']?.seccompProfile == null) {
    warn(annotationsPath.key(seccompPod), useSeccompProfile);
  }
  duplicates(spec['hostAliases'] ?? [], 'ip', at('spec', 'hostAliases'), warn);
  duplicates(spec['imagePullSecrets'] ?? [], 'name', at('spec', 'imagePullSecrets'), warn);
  const secrets: readonly Json[] = spec['imagePullSecrets'] ?? [];
  secrets.forEach((secret, i) => {
    if (!blank(secret['name'])) return;
    warn(at('spec', 'imagePullSecrets').index(i).child('name'), 'invalid empty name ""');
  });
  fractions(spec['overhead'], at('spec', 'overhead'), warn);
  const specPath = at('spec');
  visitContainers(spec, specPath, (container, place) => {
    const resources: Json = container['resources'] ?? {};
    const seccomp = `${seccompContainer}${container['name']}`;
    if (annotations[seccomp] != null && container['securityContext']?.seccompProfile == null) {
      warn(annotationsPath.key(seccomp), useSeccompProfile);
    }
    const armor = `${appArmorContainer}${container['name']}`;
    const hasProfile =
      container['securityContext']?.appArmorProfile != null ||
      spec['securityContext']?.appArmorProfile != null;
    // a pod's own annotation becomes the field
    if (path !== undefined && annotations[armor] != null && !hasProfile) {
      warn(annotationsPath.key(armor), 'deprecated since v1.30; use the "appArmorProfile" field instead');
    }
    for (const name of ['memory', 'ephemeral-storage']) {
      for (const list of ['limits', 'requests']) {
        const value: string | undefined = resources[list]?.[name];
        if (value != null) fractions({ [name]: value }, place.child('resources', list), warn);
      }
    }
    environmentWarnings(container['env'] ?? [], place.child('env'), warn);
  });
  portWarnings(spec, specPath, warn);
  if (spec['terminationGracePeriodSeconds'] < 0) {
    const message = 'must be >= 0; negative values are invalid and will be treated as 1';
    warn(at('spec', 'terminationGracePeriodSeconds'), message);
  }
  affinityWarnings(spec['affinity'], at, warn);
  return out;
}

type At = (...names: string[]) => FieldPath;
type Warn = (place: FieldPath, message: string) => void;

const hard = 'requiredDuringSchedulingIgnoredDuringExecution';
const soft = 'preferredDuringSchedulingIgnoredDuringExecution';
const matchesNone = 'a null labelSelector results in matching no pod';

function schedulingWarnings(spec: Json, at: At, warn: Warn): void {
  for (const key of keysOf(spec['nodeSelector'])) {
    if (deprecatedNodeLabels[key] != null)
      warn(at('spec', 'nodeSelector').key(key), deprecatedNodeLabels[key]);
  }
  const affinity: Json = spec['affinity']?.nodeAffinity ?? {};
  const required: readonly Json[] = affinity[hard]?.nodeSelectorTerms ?? [];
  required.forEach((term, i) => {
    nodeTermWarnings(term, at('spec', 'affinity', 'nodeAffinity', hard, 'nodeSelectorTerms').index(i), warn);
  });
  const preferred: readonly Json[] = affinity[soft] ?? [];
  preferred.forEach((term, i) => {
    const place = at('spec', 'affinity', 'nodeAffinity', soft).index(i).child('preference');
    nodeTermWarnings(term['preference'] ?? {}, place, warn);
  });
  const constraints: readonly Json[] = spec['topologySpreadConstraints'] ?? [];
  constraints.forEach((constraint, i) => {
    const place = at('spec', 'topologySpreadConstraints').index(i);
    const key: string = constraint['topologyKey'];
    if (deprecatedNodeLabels[key] != null)
      warn(place.child('topologyKey'), `${key} is ${deprecatedNodeLabels[key]}`);
    if (constraint['labelSelector'] == null) warn(place.child('labelSelector'), matchesNone);
  });
}

function volumeWarnings(volumes: readonly Json[], path: FieldPath, warn: Warn): void {
  const tokens = new Set<string>();
  volumes.forEach((volume, i) => {
    for (const [member, message, shown = member] of deprecatedVolumes) {
      if (volume[member] != null) warn(path.index(i).child(shown), message);
    }
    const storage: string | undefined =
      volume['ephemeral']?.volumeClaimTemplate?.spec?.resources?.requests?.storage;
    const place = path.index(i).child('ephemeral').child('volumeClaimTemplate').child('spec');
    if (storage != null) fractions({ storage }, place.child('resources').child('requests'), warn);
    for (const source of volume['projected']?.sources ?? []) {
      if (source.serviceAccountToken) tokens.add(source.serviceAccountToken.path);
    }
  });
  if (tokens.size === 0) return;
  volumes.forEach((volume, i) => {
    for (const source of volume['projected']?.sources ?? []) {
      for (const [member, shown] of projectedItems) {
        const items: readonly Json[] = source[member]?.items ?? [];
        items.forEach((item, j) => {
          if (!tokens.has(item['path'])) return;
          const place = path.index(i).child('projected', 'sources', shown).index(j);
          warn(place, `has duplicated path with ServiceAccountToken ${goQuote(item['path'])}`);
        });
      }
    }
  });
}

const projectedItems = [
  ['configMap', 'configMap'],
  ['secret', 'secrets'],
  ['downwardAPI', 'downwardAPI'],
] as const;

function duplicates(list: readonly Json[], member: string, path: FieldPath, warn: Warn): void {
  const seen = new Set<string>();
  list.forEach((item, i) => {
    const value: string = item[member] ?? '';
    if (seen.has(value)) warn(path.index(i).child(member), `duplicate ${member} ${goQuote(value)}`);
    seen.add(value);
  });
}

/** Bytes come whole. */
function fractions(resources: Json | undefined, path: FieldPath, warn: Warn): void {
  for (const name of ['memory', 'ephemeral-storage', 'storage']) {
    const value: string | undefined = resources?.[name];
    if (value == null || !/[mun.e]/.test(value)) continue;
    if (parseQuantity(value).milliValue() % 1000n === 0n) continue;
    warn(path.key(name), `fractional byte value ${goQuote(value)} is invalid, must be an integer`);
  }
}

function environmentWarnings(variables: readonly Json[], path: FieldPath, warn: Warn): void {
  const seen = new Set<string>();
  variables.forEach(({ name, value = '', valueFrom }, i) => {
    const reference = `$(${name})`;
    const hides = valueFrom != null || value === reference || !value.includes(reference);
    if (seen.has(name) && hides) {
      const message = `hides previous definition of ${goQuote(name)}, which may be dropped when using apply`;
      warn(path.index(i), message);
    }
    seen.add(name);
  });
}

interface KnownPort {
  readonly place: FieldPath;
  readonly hostIP: string;
  readonly hostPort: number;
}

function portWarnings(spec: Json, path: FieldPath, warn: Warn): void {
  const known = new Map<string, KnownPort[]>();
  visitContainers(spec, path, (container, place) => {
    const ports: readonly Json[] = container['ports'] ?? [];
    ports.forEach((port, i) => {
      const at = place.child('ports').index(i);
      const { name = '', hostPort = 0, containerPort = 0, protocol = '', hostIP = '' } = port;
      if (hostIP !== '' && hostPort === 0) {
        const shown = `{Name:${name} HostPort:0 ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;
        warn(at, `hostIP set without hostPort: ${shown}`);
      }
      const key = `${containerPort}/${protocol}`;
      const others = known.get(key) ?? [];
      for (const other of others) {
        if (hostIP === other.hostIP && hostPort === other.hostPort) {
          warn(at, `duplicate port definition with ${other.place}`);
        } else if (hostPort === 0 || other.hostPort === 0) {
          warn(at, `overlapping port definition with ${other.place}`);
        } else if (hostPort === other.hostPort && (hostIP === '') !== (other.hostIP === '')) {
          warn(at, `dangerously ambiguous port definition with ${other.place}`);
        }
      }
      known.set(key, [...others, { place: at, hostIP, hostPort }]);
    });
  });
}

function affinityWarnings(affinity: Json | undefined, at: At, warn: Warn): void {
  for (const side of ['podAffinity', 'podAntiAffinity']) {
    const required: readonly Json[] = affinity?.[side]?.[hard] ?? [];
    required.forEach((term, i) => {
      if (term['labelSelector'] != null) return;
      warn(at('spec', 'affinity', side, hard).index(i).child('labelSelector'), matchesNone);
    });
    const preferred: readonly Json[] = affinity?.[side]?.[soft] ?? [];
    preferred.forEach((term, i) => {
      if (term['podAffinityTerm']?.labelSelector != null) return;
      const place = at('spec', 'affinity', side, soft).index(i).child('podAffinityTerm', 'labelSelector');
      warn(place, matchesNone);
    });
  }
}
