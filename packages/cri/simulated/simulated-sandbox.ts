import type { PodSandbox, PodSandboxConfig, PodSandboxStatus } from '../sandbox.ts';

/** A sandbox of the simulated runtime. */
export interface SimulatedSandbox {
  readonly id: string;
  readonly config: PodSandboxConfig;
  /** Nanoseconds since 1970. */
  readonly createdAt: number;
  readonly runtimeHandler: string;
  /** Absent in the host's network, and once it was stopped. */
  ip: string | undefined;
  ready: boolean;
}

export function listedSandbox(sandbox: SimulatedSandbox): PodSandbox {
  return {
    id: sandbox.id,
    metadata: sandbox.config.metadata,
    state: sandbox.ready ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY',
    createdAt: sandbox.createdAt,
    labels: sandbox.config.labels,
    annotations: sandbox.config.annotations,
    runtimeHandler: sandbox.runtimeHandler,
  };
}

export function inHostNetwork(config: PodSandboxConfig): boolean {
  return config.linux.securityContext.namespaceOptions.network === 'NODE';
}

export function statusOfSandbox(sandbox: SimulatedSandbox): PodSandboxStatus {
  return {
    ...listedSandbox(sandbox),
    ips: sandbox.ip === undefined ? [] : [sandbox.ip],
    hostNetwork: inHostNetwork(sandbox.config),
  };
}
