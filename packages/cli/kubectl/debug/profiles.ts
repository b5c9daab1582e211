import { Failure } from '../error-text.ts';

/** A pod or a container as JSON, changed in place. */
type Spec = any;

/** What is debugged: a pod by a container added to it, a pod by a copy of it, or a node. */
export type DebugStyle = 'ephemeral' | 'copy' | 'node';

interface Subject {
  readonly pod: Spec;
  readonly container: Spec;
  readonly style: DebugStyle;
}

type Profile = (subject: Subject) => void;

const profiles: Readonly<Record<string, Profile>> = {
  legacy: ({ pod, container, style }) => {
    if (style !== 'node') return;
    mountRoot(pod, container);
    useHostNamespaces(pod);
  },
  general: ({ pod, container, style }) => {
    if (style === 'node') {
      mountRoot(pod, container);
      clearSecurity(pod, container);
      useHostNamespaces(pod);
      return;
    }
    addCapabilities(container, 'SYS_PTRACE');
    if (style === 'copy') shareProcesses(pod);
  },
  baseline: ({ pod, container, style }) => {
    clearSecurity(pod, container);
    if (style === 'copy') shareProcesses(pod);
  },
  restricted: ({ pod, container, style }) => {
    clearSecurity(pod, container);
    container.securityContext = {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    };
    if (style === 'copy') shareProcesses(pod);
  },
  netadmin: ({ pod, container, style }) => {
    addCapabilities(container, 'NET_ADMIN', 'NET_RAW');
    if (style === 'node') useHostNamespaces(pod);
    if (style === 'copy') shareProcesses(pod);
  },
  sysadmin: ({ pod, container, style }) => {
    container.securityContext = { ...container.securityContext, privileged: true };
    if (style === 'node') {
      mountRoot(pod, container);
      useHostNamespaces(pod);
    }
    if (style === 'copy') shareProcesses(pod);
  },
};

/** The profile of a name: what a debugging container is allowed. Throws `Failure` when there is none. */
export function profileOf(name: string): Profile {
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile === undefined) throw new Failure(`unknown profile: ${name}`);
  return profile;
}

function mountRoot({ spec }: Spec, container: Spec): void {
  spec.volumes = [...(spec.volumes ?? []), { name: 'host-root', hostPath: { path: '/' } }];
  container.volumeMounts = [...(container.volumeMounts ?? []), { mountPath: '/host', name: 'host-root' }];
}

function useHostNamespaces({ spec }: Spec): void {
  spec.hostNetwork = true;
  spec.hostPID = true;
  spec.hostIPC = true;
}

function clearSecurity(_: Spec, container: Spec): void {
  delete container.securityContext;
}

function shareProcesses({ spec }: Spec): void {
  spec.shareProcessNamespace ??= true;
}

function addCapabilities(container: Spec, ...names: string[]): void {
  const { capabilities = {}, ...others } = container.securityContext ?? {};
  const add = [...new Set([...(capabilities.add ?? []), ...names])];
  container.securityContext = { ...others, capabilities: { ...capabilities, add } };
}
