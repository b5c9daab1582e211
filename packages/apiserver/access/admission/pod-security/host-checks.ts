import {
  type Check,
  containerList,
  each,
  joinQuote,
  type PodLike,
  plural,
  setters,
  sortedQuote,
  type Violation,
} from './check.ts';

function hostNamespaces({ spec }: PodLike): Violation | undefined {
  const set = ['hostNetwork', 'hostPID', 'hostIPC'].filter((field) => spec[field]);
  if (set.length === 0) return undefined;
  return { reason: 'host namespaces', detail: set.map((field) => `${field}=true`).join(', ') };
}

function hostPathVolumes({ spec }: PodLike): Violation | undefined {
  const names: string[] = (spec['volumes'] ?? []).flatMap((v: any) => (v['hostPath'] ? [v['name']] : []));
  if (names.length === 0) return undefined;
  return { reason: 'hostPath volumes', detail: `${plural('volume', names.length)} ${joinQuote(names)}` };
}

function hostPorts({ spec }: PodLike): Violation | undefined {
  const ports = new Set<string>();
  const bad = each(spec, (container) => {
    const used = (container['ports'] ?? []).filter((port: any) => port['hostPort']);
    for (const port of used) ports.add(String(port['hostPort']));
    return used.length > 0;
  });
  if (bad.length === 0) return undefined;
  const verb = bad.length === 1 ? 'uses' : 'use';
  const list = [...ports].sort().join(', ');
  return {
    reason: 'hostPort',
    detail: `${containerList(bad)} ${verb} ${plural('hostPort', ports.size)} ${list}`,
  };
}

function hostsOfHandlers({ spec }: PodLike): Violation | undefined {
  const hosts = new Set<string>();
  const bad = each(spec, (container) => {
    const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
    const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
    const found = handlers.flatMap((h) => [h?.httpGet?.host, h?.tcpSocket?.host]).filter(Boolean);
    for (const host of found) hosts.add(host);
    return found.length > 0;
  });
  if (bad.length === 0) return undefined;
  const verb = bad.length === 1 ? 'uses' : 'use';
  const what = plural('probe or lifecycle host', hosts.size);
  return {
    reason: 'probe or lifecycle host',
    detail: `${containerList([...new Set(bad)].sort())} ${verb} ${what} ${sortedQuote(hosts)}`,
  };
}

function windowsHostProcess({ spec }: PodLike): Violation | undefined {
  const found = setters(spec, (context) =>
    context?.['windowsOptions']?.['hostProcess'] ? 'true' : undefined,
  );
  if (found.names.length === 0) return undefined;
  const who = found.names.join(' and ');
  return {
    reason: 'hostProcess',
    detail: `${who} must not set securityContext.windowsOptions.hostProcess=true`,
  };
}

/** What keeps pods of level `baseline` apart from their node. */
export const hostChecks: readonly Check[] = [
  { id: 'hostNamespaces', versions: [{ since: 0, rule: hostNamespaces }] },
  { id: 'hostPathVolumes', versions: [{ since: 0, rule: hostPathVolumes }] },
  { id: 'hostPorts', versions: [{ since: 0, rule: hostPorts }] },
  { id: 'hostProbesAndHostLifecycle', versions: [{ since: 34, rule: hostsOfHandlers }] },
  { id: 'windowsHostProcess', versions: [{ since: 0, rule: windowsHostProcess }] },
];
