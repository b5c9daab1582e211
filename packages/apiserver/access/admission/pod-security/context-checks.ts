import { goQuote } from '@coxswain/machinery';
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

const capabilities = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];

const appArmorAnnotation = 'container.apparmor.security.beta.kubernetes.io/';

function appArmorProfile({ spec, metadata }: PodLike): Violation | undefined {
  const { names, values } = setters(spec, (context) => forbiddenType(context?.['appArmorProfile']));
  const annotations = Object.entries(metadata?.annotations ?? {})
    .filter(([key, value]) => key.startsWith(appArmorAnnotation) && !isGoodAppArmor(value))
    .map(([key, value]) => `${key}=${goQuote(value)}`)
    .sort();
  if (annotations.length > 0) names.push(plural('annotation', annotations.length));
  if (names.length === 0) return undefined;
  const forbidden = [...[...values].sort(), ...annotations];
  return {
    reason: plural('forbidden AppArmor profile', forbidden.length),
    detail: `${names.join(' and ')} must not set AppArmor profile type to ${joinQuote(forbidden)}`,
  };
}

function isGoodAppArmor(value: string): boolean {
  return value === '' || value === 'runtime/default' || value.startsWith('localhost/');
}

/** A profile's type when it is one that nobody may set. */
export function forbiddenType(profile: { type?: string } | undefined): string | undefined {
  if (profile === undefined) return undefined;
  const { type = '' } = profile;
  return type === 'RuntimeDefault' || type === 'Localhost' ? undefined : type;
}

function addedCapabilities({ spec }: PodLike): Violation | undefined {
  const added = new Set<string>();
  const bad = each(spec, (container) => {
    const list: string[] = container['securityContext']?.['capabilities']?.['add'] ?? [];
    const forbidden = list.filter((name) => !capabilities.includes(name));
    for (const name of forbidden) added.add(name);
    return forbidden.length > 0;
  });
  if (bad.length === 0) return undefined;
  const who = containerList(bad);
  return {
    reason: 'non-default capabilities',
    detail: `${who} must not include ${sortedQuote(added)} in securityContext.capabilities.add`,
  };
}

function privileged({ spec }: PodLike): Violation | undefined {
  const bad = each(spec, (container) => container['securityContext']?.['privileged'] === true);
  if (bad.length === 0) return undefined;
  return {
    reason: 'privileged',
    detail: `${containerList(bad)} must not set securityContext.privileged=true`,
  };
}

/** Every container has the masked `/proc`. */
export function procMount({ spec }: PodLike): Violation | undefined {
  const values = new Set<string>();
  const bad = each(spec, (container) => {
    const value = container['securityContext']?.['procMount'] ?? 'Default';
    if (value !== 'Default') values.add(value);
    return value !== 'Default';
  });
  if (bad.length === 0) return undefined;
  const who = containerList(bad);
  return {
    reason: 'procMount',
    detail: `${who} must not set securityContext.procMount to ${sortedQuote(values)}`,
  };
}

const seLinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

function seLinuxOptions(allowed: readonly string[]): Rule {
  return ({ spec }) => {
    const types = new Set<string>();
    const set = { user: false, role: false };
    const { names } = setters(spec, (context) => {
      const { type = '', user = '', role = '' } = context?.['seLinuxOptions'] ?? {};
      const badType = !allowed.includes(type);
      if (badType) types.add(type);
      set.user ||= user !== '';
      set.role ||= role !== '';
      return badType || user !== '' || role !== '' ? type : undefined;
    });
    if (names.length === 0) return undefined;
    const faults = [
      ...(types.size > 0 ? [`${plural('type', types.size)} ${sortedQuote(types)}`] : []),
      ...(set.user ? ['user may not be set'] : []),
      ...(set.role ? ['role may not be set'] : []),
    ].join('; ');
    const who = names.join(' and ');
    return {
      reason: 'seLinuxOptions',
      detail: `${who} set forbidden securityContext.seLinuxOptions: ${faults}`,
    };
  };
}

const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompOfContainer = 'container.seccomp.security.alpha.kubernetes.io/';

/** Before there was a field for it. */
function seccompAnnotations({ spec, metadata }: PodLike): Violation | undefined {
  const keys = [seccompOfPod, ...each(spec, () => true).map((name) => `${seccompOfContainer}${name}`)];
  const forbidden = new Set<string>();
  for (const key of keys) {
    const value = metadata?.annotations?.[key];
    if (value !== undefined && !isGoodSeccomp(value)) forbidden.add(`${key}=${goQuote(value)}`);
  }
  if (forbidden.size === 0) return undefined;
  const list = [...forbidden].sort().join(', ');
  return { reason: 'seccompProfile', detail: `forbidden ${plural('annotation', forbidden.size)} ${list}` };
}

function isGoodSeccomp(value: string): boolean {
  return value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/');
}

/** No container's profile is another than those that confine it. */
export function seccompProfile({ spec }: PodLike): Violation | undefined {
  const { names, values } = setters(spec, (context) => forbiddenType(context?.['seccompProfile']));
  if (names.length === 0) return undefined;
  const who = names.join(' and ');
  return {
    reason: 'seccompProfile',
    detail: `${who} must not set securityContext.seccompProfile.type to ${sortedQuote(values)}`,
  };
}

/** What each release held to be safe beside what the one before it did. */
const safeSysctls: readonly (readonly [since: number, names: readonly string[]])[] = [
  [
    0,
    [
      'kernel.shm_rmid_forced',
      'net.ipv4.ip_local_port_range',
      'net.ipv4.ip_unprivileged_port_start',
      'net.ipv4.ping_group_range',
      'net.ipv4.tcp_syncookies',
    ],
  ],
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [
    29,
    [
      'net.ipv4.tcp_fin_timeout',
      'net.ipv4.tcp_keepalive_intvl',
      'net.ipv4.tcp_keepalive_probes',
      'net.ipv4.tcp_keepalive_time',
    ],
  ],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
];

function sysctls(release: number): Rule {
  const safe = new Set(safeSysctls.flatMap(([since, names]) => (since <= release ? names : [])));
  return ({ spec }) => {
    const names: string[] = (spec['securityContext']?.['sysctls'] ?? []).map((s: any) => s['name']);
    const bad = names.filter((name) => !safe.has(name));
    return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
  };
}

/** What level `baseline` forbids in security contexts. */
export const contextChecks: readonly Check[] = [
  { id: 'appArmorProfile', versions: [{ since: 0, rule: appArmorProfile }] },
  { id: 'capabilities_baseline', versions: [{ since: 0, rule: addedCapabilities }] },
  { id: 'privileged', versions: [{ since: 0, rule: privileged }] },
  {
    id: 'procMount',
    versions: [
      { since: 0, rule: procMount },
      { since: 35, rule: (pod) => (hasOwnUsers(pod.spec) ? undefined : procMount(pod)) },
    ],
  },
  {
    id: 'seLinuxOptions',
    versions: [
      { since: 0, rule: seLinuxOptions(seLinuxTypes) },
      { since: 31, rule: seLinuxOptions([...seLinuxTypes, 'container_engine_t']) },
    ],
  },
  {
    id: 'seccompProfile_baseline',
    versions: [
      { since: 0, rule: seccompAnnotations },
      { since: 19, rule: seccompProfile },
    ],
  },
  { id: 'sysctls', versions: safeSysctls.map(([since]) => ({ since, rule: sysctls(since) })) },
];
