import type { DnsConfig, PodSandboxConfig } from '@coxswain/cri';
import { cpuAndMemory } from '../cm/linux-resources.ts';
import type { Pod } from '../types.ts';
import { sandboxLabels } from './labels.ts';
import { namespacesOf, seccompOf } from './security-context.ts';

/** What the node gives a pod's sandbox. */
export interface SandboxSurroundings {
  readonly hostname: string;
  readonly dns: DnsConfig;
  readonly logDirectory: string;
  readonly cgroupParent: string;
  readonly seccompRoot: string;
}

/** Upstream's generatePodSandboxConfig. */
export function sandboxConfig(pod: Pod, attempt: number, node: SandboxSurroundings): PodSandboxConfig {
  const { metadata, spec } = pod;
  const shared = spec.securityContext;
  const privileged = [...spec.containers, ...(spec.initContainers ?? [])].some(
    (c) => c.securityContext?.privileged === true,
  );
  const sysctls = Object.fromEntries((shared?.sysctls ?? []).map((s) => [s.name, s.value]));
  return {
    metadata: {
      name: metadata.name ?? '',
      namespace: metadata.namespace ?? '',
      uid: metadata.uid ?? '',
      attempt,
    },
    // On the host's network the name is the host's own, which a sandbox cannot set.
    hostname: spec.hostNetwork ? '' : node.hostname,
    logDirectory: node.logDirectory,
    dnsConfig: node.dns,
    portMappings: spec.hostNetwork ? [] : portMappings(pod),
    labels: sandboxLabels(pod),
    annotations: { ...metadata.annotations },
    linux: {
      cgroupParent: node.cgroupParent,
      sysctls,
      securityContext: {
        namespaceOptions: namespacesOf(pod),
        privileged,
        // The infrastructure container itself is always confined.
        seccomp: seccompOf({ type: 'RuntimeDefault' }, node.seccompRoot),
        ...(shared?.runAsUser === undefined ? {} : { runAsUser: { value: shared.runAsUser } }),
        ...(shared?.runAsGroup === undefined ? {} : { runAsGroup: { value: shared.runAsGroup } }),
        supplementalGroups: [
          ...(shared?.fsGroup === undefined ? [] : [shared.fsGroup]),
          ...(shared?.supplementalGroups ?? []),
        ],
      },
      ...(spec.overhead === undefined ? {} : { overhead: cpuAndMemory({ limits: spec.overhead }) }),
    },
  };
}

function portMappings(pod: Pod): PodSandboxConfig['portMappings'] {
  const sidecars = (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always');
  return [...pod.spec.containers, ...sidecars]
    .flatMap((c) => c.ports ?? [])
    .filter((p) => (p.hostPort ?? 0) > 0)
    .map((p) => ({
      protocol: (p.protocol ?? 'TCP') as 'TCP' | 'UDP' | 'SCTP',
      containerPort: p.containerPort,
      hostPort: p.hostPort ?? 0,
      hostIp: p.hostIP ?? '',
    }));
}
