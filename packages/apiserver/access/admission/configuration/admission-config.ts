import type { PodSecurityConfig } from '../pod-security/configuration.ts';

/** What `--admission-control-config-file` says of plugins; absent parts are as upstream has them. */
export interface AdmissionConfig {
  readonly podSecurity?: PodSecurityConfig;
}
