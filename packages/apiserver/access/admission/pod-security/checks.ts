import { type Check, containerList, each, joinQuote, plural, type Setters, setters } from './check.ts';

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

const sysctls = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
];

const appArmorAnnotation = 'container.apparmor.security.beta.kubernetes.io/';
const seLinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'];

const appArmorProfile: Check = {
  id: 'appArmorProfile',
  run: ({ spec, metadata }) => {
    const found = setters(spec, (context) => forbiddenType(context?.['appArmorProfile']));
    for (const [key, value] of Object.entries(metadata?.annotations ?? {})) {
      if (!key.startsWith(appArmorAnnotation) || isGoodAppArmor(value)) continue;
      found.names.push(`annotation "${key}"`);
      found.values.add(value);
    }
    return found.names.length === 0
      ? undefined
      : {
          reason: plural('forbidden AppArmor profile', found.values.size),
          detail: `${found.names.join(' and ')} must not set AppArmor profile type to ${joinQuote([...found.values].sort())}`,
        };
  },
};

function isGoodAppArmor(value: string): boolean {
  return value === '' || value === 'runtime/default' || value.startsWith('localhost/');
}

/** A profile's type when it is one that nobody may set. */
export function forbiddenType(profile: { type?: string } | undefined): string | undefined {
  const type = profile?.type;
  return type === undefined || type === 'RuntimeDefault' || type === 'Localhost' ? undefined : type;
}

const capabilitiesBaseline: Check = {
  id: 'capabilities_baseline',
  run: ({ spec }) => {
    const added = new Set<string>();
    const bad = each(spec, (container) => {
      const list: string[] = container['securityContext']?.['capabilities']?.['add'] ?? [];
      const forbidden = list.filter((name) => !capabilities.includes(name));
      for (const name of forbidden) added.add(name);
      return forbidden.length > 0;
    });
    return bad.length === 0
      ? undefined
      : {
          reason: 'non-default capabilities',
          detail: `${containerList(bad)} must not include ${joinQuote([...added].sort())} in securityContext.capabilities.add`,
        };
  },
};

const hostNamespaces: Check = {
  id: 'hostNamespaces',
  run: ({ spec }) => {
    const set = ['hostNetwork', 'hostPID', 'hostIPC'].filter((field) => spec[field]);
    return set.length === 0
      ? undefined
      : { reason: 'host namespaces', detail: set.map((field) => `${field}=true`).join(', ') };
  },
};

const hostPathVolumes: Check = {
  id: 'hostPathVolumes',
  run: ({ spec }) => {
    const names: string[] = (spec['volumes'] ?? []).flatMap((v: any) => (v['hostPath'] ? [v['name']] : []));
    return names.length === 0
      ? undefined
      : { reason: 'hostPath volumes', detail: `${plural('volume', names.length)} ${joinQuote(names)}` };
  },
};

const hostPorts: Check = {
  id: 'hostPorts',
  run: ({ spec }) => {
    const ports = new Set<string>();
    const bad = each(spec, (container) => {
      const used = (container['ports'] ?? []).filter((port: any) => port['hostPort']);
      for (const port of used) ports.add(String(port['hostPort']));
      return used.length > 0;
    });
    if (bad.length === 0) return undefined;
    const verb = bad.length === 1 ? 'uses' : 'use';
    return {
      reason: plural('hostPort', ports.size),
      detail: `${containerList(bad)} ${verb} ${plural('hostPort', ports.size)} ${[...ports].sort().join(', ')}`,
    };
  },
};

const hostProbes: Check = {
  id: 'hostProbesAndhostLifecycle',
  run: ({ spec }) => {
    const hosts = new Set<string>();
    const bad = each(spec, (container) => {
      const handlers = [
        container['livenessProbe'],
        container['readinessProbe'],
        container['startupProbe'],
        container['lifecycle']?.['postStart'],
        container['lifecycle']?.['preStop'],
      ];
      const found = handlers
        .flatMap((h) => [h?.['httpGet']?.['host'], h?.['tcpSocket']?.['host']])
        .filter(Boolean);
      for (const host of found) hosts.add(host);
      return found.length > 0;
    });
    if (bad.length === 0) return undefined;
    const verb = bad.length === 1 ? 'uses' : 'use';
    return {
      reason: 'probe or lifecycle host',
      detail: `${containerList(bad)} ${verb} probe or lifecycle ${plural('host', hosts.size)} ${joinQuote([...hosts].sort())}`,
    };
  },
};

const privileged: Check = {
  id: 'privileged',
  run: ({ spec }) => {
    const bad = each(spec, (container) => container['securityContext']?.['privileged'] === true);
    return bad.length === 0
      ? undefined
      : {
          reason: 'privileged',
          detail: `${containerList(bad)} must not set securityContext.privileged=true`,
        };
  },
};

const procMount: Check = {
  id: 'procMount',
  run: ({ spec }) => {
    const values = new Set<string>();
    const bad = each(spec, (container) => {
      const value = container['securityContext']?.['procMount'] ?? 'Default';
      if (value !== 'Default') values.add(value);
      return value !== 'Default';
    });
    return bad.length === 0
      ? undefined
      : {
          reason: 'procMount',
          detail: `${containerList(bad)} must not set securityContext.procMount to ${joinQuote([...values].sort())}`,
        };
  },
};

const seLinuxOptions: Check = {
  id: 'seLinuxOptions',
  run: ({ spec }) => {
    const types = new Set<string>();
    const kinds = new Set<string>();
    const found: Setters = setters(spec, (context) => {
      const { type = '', user, role } = context?.['seLinuxOptions'] ?? {};
      const badType = !seLinuxTypes.includes(type);
      if (badType) types.add(type);
      if (user) kinds.add('user may not be set');
      if (role) kinds.add('role may not be set');
      return badType || user || role ? 'bad' : undefined;
    });
    if (found.names.length === 0) return undefined;
    const typeText =
      types.size === 0 ? [] : [`${plural('type', types.size)} ${joinQuote([...types].sort())}`];
    const data = [...typeText, ...[...kinds].sort().reverse()].join('; ');
    return {
      reason: 'seLinuxOptions',
      detail: `${found.names.join(' and ')} set forbidden securityContext.seLinuxOptions: ${data}`,
    };
  },
};

const seccompBaseline: Check = {
  id: 'seccompProfile_baseline',
  run: ({ spec }) => {
    const found = setters(spec, (context) => forbiddenType(context?.['seccompProfile']));
    return found.names.length === 0
      ? undefined
      : {
          reason: 'seccompProfile',
          detail: `${found.names.join(' and ')} must not set securityContext.seccompProfile.type to ${joinQuote([...found.values].sort())}`,
        };
  },
};

const forbiddenSysctls: Check = {
  id: 'sysctls',
  run: ({ spec }) => {
    const names: string[] = (spec['securityContext']?.['sysctls'] ?? []).map((s: any) => s['name']);
    const bad = names.filter((name) => !sysctls.includes(name));
    return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
  },
};

const windowsHostProcess: Check = {
  id: 'windowsHostProcess',
  run: ({ spec }) => {
    const found = setters(spec, (context) =>
      context?.['windowsOptions']?.['hostProcess'] ? 'true' : undefined,
    );
    return found.names.length === 0
      ? undefined
      : {
          reason: 'hostProcess',
          detail: `${found.names.join(' and ')} must not set securityContext.windowsOptions.hostProcess=true`,
        };
  },
};

/** The checks of level `baseline`, in the order in which faults are told. */
export const baselineChecks: readonly Check[] = [
  appArmorProfile,
  capabilitiesBaseline,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbes,
  privileged,
  procMount,
  seLinuxOptions,
  seccompBaseline,
  forbiddenSysctls,
  windowsHostProcess,
];
