import type { Image, LinuxContainerSecurityContext, NamespaceOption, SecurityProfile } from '@coxswain/cri';
import { formatPod } from '../pods/pod-names.ts';
import type { Container, Pod, SecurityContext } from '../types.ts';
import { SyncError } from './sync-error.ts';

const defaultMaskedPaths = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];
const defaultReadonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/** The namespaces that the pod's containers share, with each other and with the node. */
export function namespacesOf(pod: Pod, targetId?: string): NamespaceOption {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace } = pod.spec;
  const pid = hostPID ? 'NODE' : targetId ? 'TARGET' : shareProcessNamespace ? 'POD' : 'CONTAINER';
  return {
    network: hostNetwork ? 'NODE' : 'POD',
    pid,
    ipc: hostIPC ? 'NODE' : 'POD',
    ...(pid === 'TARGET' && targetId ? { targetId } : {}),
  };
}

/** The container's own security context over what the pod's says for all. */
function effectiveSecurityContext(pod: Pod, container: Container): SecurityContext {
  const shared = pod.spec.securityContext ?? {};
  const { runAsUser, runAsGroup, runAsNonRoot, seLinuxOptions, seccompProfile, appArmorProfile } = shared;
  const fromPod = { runAsUser, runAsGroup, runAsNonRoot, seLinuxOptions, seccompProfile, appArmorProfile };
  const defined = Object.fromEntries(Object.entries(fromPod).filter(([, v]) => v !== undefined));
  return { ...defined, ...container.securityContext } as SecurityContext;
}

/** Throws a `SyncError` when the container would run as root though it must not. */
export function verifyRunAsNonRoot(pod: Pod, container: Container, image: Image): void {
  const context = effectiveSecurityContext(pod, container);
  if (context.runAsNonRoot !== true) return;
  const where = `(pod: "${formatPod(pod)}", container: ${container.name})`;
  const refuse = (text: string): never => {
    throw new SyncError('CreateContainerConfigError', `${text} ${where}`);
  };
  if (context.runAsUser !== undefined) {
    if (context.runAsUser === 0) refuse("container's runAsUser breaks non-root policy");
    return;
  }
  if (image.uid === undefined && image.username !== '') {
    refuse(
      `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root`,
    );
  }
  if ((image.uid ?? 0) === 0) refuse('container has runAsNonRoot and image will run as root');
}

/** What the runtime is told about a container's privileges. */
export function runtimeSecurityContext(
  pod: Pod,
  container: Container,
  image: Image,
  volumeGroups: readonly number[],
  seccompRoot: string,
  targetId?: string,
): LinuxContainerSecurityContext {
  const context = effectiveSecurityContext(pod, container);
  const shared = pod.spec.securityContext;
  const unmasked = context.procMount === 'Unmasked';
  const { seLinuxOptions: selinux, appArmorProfile: armor } = context;
  return {
    capabilities: {
      addCapabilities: context.capabilities?.add ?? [],
      dropCapabilities: context.capabilities?.drop ?? [],
    },
    privileged: context.privileged ?? false,
    namespaceOptions: namespacesOf(pod, targetId),
    ...(selinux === undefined
      ? {}
      : {
          selinuxOptions: {
            user: selinux.user ?? '',
            role: selinux.role ?? '',
            type: selinux.type ?? '',
            level: selinux.level ?? '',
          },
        }),
    ...runAs(context, image),
    ...(context.runAsGroup === undefined ? {} : { runAsGroup: { value: context.runAsGroup } }),
    readonlyRootfs: context.readOnlyRootFilesystem ?? false,
    supplementalGroups: [
      ...(shared?.supplementalGroups ?? []),
      ...(shared?.fsGroup === undefined ? [] : [shared.fsGroup]),
      ...volumeGroups,
    ],
    supplementalGroupsPolicy: shared?.supplementalGroupsPolicy === 'Strict' ? 'Strict' : 'Merge',
    noNewPrivs: context.allowPrivilegeEscalation === false,
    maskedPaths: unmasked ? [] : defaultMaskedPaths,
    readonlyPaths: unmasked ? [] : defaultReadonlyPaths,
    seccomp: seccompOf(context.seccompProfile, seccompRoot),
    ...(armor === undefined
      ? {}
      : {
          apparmor: {
            profileType: armor.type as SecurityProfile['profileType'],
            localhostRef: armor.localhostProfile ?? '',
          },
          apparmorProfile: armorName(armor.type, armor.localhostProfile ?? ''),
        }),
  };
}

function runAs(
  context: SecurityContext,
  image: Image,
): Pick<LinuxContainerSecurityContext, 'runAsUser' | 'runAsUsername'> {
  if (context.runAsUser !== undefined) return { runAsUser: { value: context.runAsUser } };
  if (image.uid !== undefined) return { runAsUser: { value: image.uid } };
  return image.username === '' ? {} : { runAsUsername: image.username };
}

/** A pod's or container's seccomp profile for the runtime; none means unconfined. */
export function seccompOf(
  profile: { readonly type?: string; readonly localhostProfile?: string } | undefined,
  seccompRoot: string,
): SecurityProfile {
  if (profile?.type === 'RuntimeDefault') return { profileType: 'RuntimeDefault', localhostRef: '' };
  if (profile?.type === 'Localhost') {
    return { profileType: 'Localhost', localhostRef: `${seccompRoot}/${profile.localhostProfile ?? ''}` };
  }
  return { profileType: 'Unconfined', localhostRef: '' };
}

function armorName(type: string, profile: string): string {
  if (type === 'RuntimeDefault') return 'runtime/default';
  return type === 'Localhost' ? `localhost/${profile}` : 'unconfined';
}
