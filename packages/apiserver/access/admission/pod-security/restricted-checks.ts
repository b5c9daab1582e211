import { type Check, containerList, each, joinQuote, plural, setters } from './check.ts';
import { baselineChecks, forbiddenType } from './checks.ts';

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

const isWindows = (spec: Readonly<Record<string, any>>): boolean => spec['os']?.['name'] === 'windows';

const allowPrivilegeEscalation: Check = {
  id: 'allowPrivilegeEscalation',
  run: ({ spec }) => {
    if (isWindows(spec)) return undefined;
    const bad = each(spec, (c) => c['securityContext']?.['allowPrivilegeEscalation'] !== false);
    return bad.length === 0
      ? undefined
      : {
          reason: 'allowPrivilegeEscalation != false',
          detail: `${containerList(bad)} must set securityContext.allowPrivilegeEscalation=false`,
        };
  },
};

const capabilitiesRestricted: Check = {
  id: 'capabilities_restricted',
  run: ({ spec }) => {
    if (isWindows(spec)) return undefined;
    const added = new Set<string>();
    const keeping = each(spec, (c) => !c['securityContext']?.['capabilities']?.['drop']?.includes('ALL'));
    const adding = each(spec, (c) => {
      const list: string[] = c['securityContext']?.['capabilities']?.['add'] ?? [];
      const forbidden = list.filter((name) => name !== 'NET_BIND_SERVICE');
      for (const name of forbidden) added.add(name);
      return forbidden.length > 0;
    });
    const details = [
      ...(keeping.length === 0
        ? []
        : [`${containerList(keeping)} must set securityContext.capabilities.drop=["ALL"]`]),
      ...(adding.length === 0
        ? []
        : [
            `${containerList(adding)} must not include ${joinQuote([...added].sort())} in securityContext.capabilities.add`,
          ]),
    ];
    return details.length === 0
      ? undefined
      : { reason: 'unrestricted capabilities', detail: details.join('; ') };
  },
};

const restrictedVolumes: Check = {
  id: 'restrictedVolumes',
  run: ({ spec }) => {
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
    return {
      reason: 'restricted volume types',
      detail: `${plural('volume', bad.length)} ${joinQuote(bad)} ${verb} ${plural('restricted volume type', types.size)} ${joinQuote([...types].sort())}`,
    };
  },
};

const runAsNonRoot: Check = {
  id: 'runAsNonRoot',
  run: ({ spec }) => {
    const reason = 'runAsNonRoot != true';
    const explicit = setters(spec, (context) => (context?.['runAsNonRoot'] === false ? 'false' : undefined));
    if (explicit.names.length > 0) {
      return {
        reason,
        detail: `${explicit.names.join(' and ')} must not set securityContext.runAsNonRoot=false`,
      };
    }
    if (spec['securityContext']?.['runAsNonRoot'] === true) return undefined;
    const silent = each(spec, (c) => c['securityContext']?.['runAsNonRoot'] === undefined);
    return silent.length === 0
      ? undefined
      : { reason, detail: `pod or ${containerList(silent)} must set securityContext.runAsNonRoot=true` };
  },
};

const runAsUser: Check = {
  id: 'runAsUser',
  run: ({ spec }) => {
    const found = setters(spec, (context) => (context?.['runAsUser'] === 0 ? '0' : undefined));
    return found.names.length === 0
      ? undefined
      : { reason: 'runAsUser=0', detail: `${found.names.join(' and ')} must not set runAsUser=0` };
  },
};

const seccompRestricted: Check = {
  id: 'seccompProfile_restricted',
  run: ({ spec }) => {
    if (isWindows(spec)) return undefined;
    const reason = 'seccompProfile';
    const explicit = setters(spec, (context) => forbiddenType(context?.['seccompProfile']));
    if (explicit.names.length > 0) {
      const types = joinQuote([...explicit.values].sort());
      return {
        reason,
        detail: `${explicit.names.join(' and ')} must not set securityContext.seccompProfile.type to ${types}`,
      };
    }
    if (spec['securityContext']?.['seccompProfile'] !== undefined) return undefined;
    const silent = each(spec, (c) => c['securityContext']?.['seccompProfile'] === undefined);
    return silent.length === 0
      ? undefined
      : {
          reason,
          detail: `pod or ${containerList(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
        };
  },
};

/** Baseline checks that a stricter one takes the place of. */
const overridden = ['capabilities_baseline', 'hostPathVolumes', 'seccompProfile_baseline'];

/** The checks of level `restricted`: what is left of baseline, then its own. */
export const restrictedChecks: readonly Check[] = [
  ...baselineChecks.filter((check) => !overridden.includes(check.id)),
  allowPrivilegeEscalation,
  capabilitiesRestricted,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccompRestricted,
];
