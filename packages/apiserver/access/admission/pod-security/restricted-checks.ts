import {
  type Check,
  containerList,
  each,
  hasOwnUsers,
  joinQuote,
  type PodLike,
  plural,
  type Rule,
  setters,
  sortedQuote,
  type Violation,
} from './check.ts';
import { forbiddenType, procMount, seccompProfile } from './context-checks.ts';

/** Volumes that do not reach past what the cluster keeps. */
const volumeTypes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

function allowPrivilegeEscalation({ spec }: PodLike): Violation | undefined {
  const bad = each(spec, (c) => c['securityContext']?.['allowPrivilegeEscalation'] !== false);
  if (bad.length === 0) return undefined;
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${containerList(bad)} must set securityContext.allowPrivilegeEscalation=false`,
  };
}

function droppedCapabilities({ spec }: PodLike): Violation | undefined {
  const added = new Set<string>();
  const keeping = each(spec, (c) => !c['securityContext']?.['capabilities']?.['drop']?.includes('ALL'));
  const adding = each(spec, (c) => {
    const list: string[] = c['securityContext']?.['capabilities']?.['add'] ?? [];
    const forbidden = list.filter((name) => name !== 'NET_BIND_SERVICE');
    for (const name of forbidden) added.add(name);
    return forbidden.length > 0;
  });
  const details: string[] = [];
  if (keeping.length > 0) {
    details.push(`${containerList(keeping)} must set securityContext.capabilities.drop=["ALL"]`);
  }
  if (adding.length > 0) {
    const who = containerList(adding);
    details.push(`${who} must not include ${sortedQuote(added)} in securityContext.capabilities.add`);
  }
  return details.length === 0
    ? undefined
    : { reason: 'unrestricted capabilities', detail: details.join('; ') };
}

function restrictedVolumes({ spec }: PodLike): Violation | undefined {
  const types = new Set<string>();
  const bad: string[] = [];
  for (const volume of spec['volumes'] ?? []) {
    const type = Object.keys(volume).find((key) => key !== 'name');
    if (type !== undefined && volumeTypes.includes(type)) continue;
    bad.push(volume['name']);
    types.add(type ?? 'unknown');
  }
  if (bad.length === 0) return undefined;
  const verb = bad.length === 1 ? 'uses' : 'use';
  const what = `${plural('restricted volume type', types.size)} ${sortedQuote(types)}`;
  return {
    reason: 'restricted volume types',
    detail: `${plural('volume', bad.length)} ${joinQuote(bad)} ${verb} ${what}`,
  };
}

function runAsNonRoot({ spec }: PodLike): Violation | undefined {
  const reason = 'runAsNonRoot != true';
  const explicit = setters(spec, (context) => (context?.['runAsNonRoot'] === false ? 'false' : undefined));
  if (explicit.names.length > 0) {
    const who = explicit.names.join(' and ');
    return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` };
  }
  if (spec['securityContext']?.['runAsNonRoot'] === true) return undefined;
  const silent = each(spec, (c) => c['securityContext']?.['runAsNonRoot'] === undefined);
  if (silent.length === 0) return undefined;
  return { reason, detail: `pod or ${containerList(silent)} must set securityContext.runAsNonRoot=true` };
}

function runAsUser({ spec }: PodLike): Violation | undefined {
  const { names } = setters(spec, (context) => (context?.['runAsUser'] === 0 ? '0' : undefined));
  if (names.length === 0) return undefined;
  return { reason: 'runAsUser=0', detail: `${names.join(' and ')} must not set runAsUser=0` };
}

function seccompRequired(pod: PodLike): Violation | undefined {
  const explicit = seccompProfile(pod);
  if (explicit !== undefined) return explicit;
  const { spec } = pod;
  const ofPod = spec['securityContext']?.['seccompProfile'];
  if (ofPod !== undefined && forbiddenType(ofPod) === undefined) return undefined;
  const silent = each(spec, (c) => c['securityContext']?.['seccompProfile'] === undefined);
  if (silent.length === 0) return undefined;
  const who = `pod or ${containerList(silent)}`;
  return {
    reason: 'seccompProfile',
    detail: `${who} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  };
}

/** What is asked of Linux alone. */
function unlessWindows(rule: Rule): Rule {
  return (pod) => (pod.spec['os']?.['name'] === 'windows' ? undefined : rule(pod));
}

function unlessOwnUsers(rule: Rule): Rule {
  return (pod) => (hasOwnUsers(pod.spec) ? undefined : rule(pod));
}

const capabilityOverrides = { overrides: ['capabilities_baseline'] };
const seccompOverrides = { overrides: ['seccompProfile_baseline'] };

/** What level `restricted` forbids beside what `baseline` does. */
export const restrictedChecks: readonly Check[] = [
  {
    id: 'allowPrivilegeEscalation',
    versions: [
      { since: 8, rule: allowPrivilegeEscalation },
      { since: 25, rule: unlessWindows(allowPrivilegeEscalation) },
    ],
  },
  {
    id: 'capabilities_restricted',
    versions: [
      { since: 22, rule: droppedCapabilities, ...capabilityOverrides },
      { since: 25, rule: unlessWindows(droppedCapabilities), ...capabilityOverrides },
    ],
  },
  { id: 'procMount_restricted', versions: [{ since: 35, rule: procMount, overrides: ['procMount'] }] },
  {
    id: 'restrictedVolumes',
    versions: [{ since: 0, rule: restrictedVolumes, overrides: ['hostPathVolumes'] }],
  },
  {
    id: 'runAsNonRoot',
    versions: [
      { since: 0, rule: runAsNonRoot },
      { since: 35, rule: unlessOwnUsers(runAsNonRoot) },
    ],
  },
  {
    id: 'runAsUser',
    versions: [
      { since: 23, rule: runAsUser },
      { since: 35, rule: unlessOwnUsers(runAsUser) },
    ],
  },
  {
    id: 'seccompProfile_restricted',
    versions: [
      { since: 19, rule: seccompRequired, ...seccompOverrides },
      { since: 25, rule: unlessWindows(seccompRequired), ...seccompOverrides },
    ],
  },
];
