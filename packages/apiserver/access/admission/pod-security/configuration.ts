import type { AdmissionAttributes } from '../../contract.ts';
import { openPolicy, type Policy } from './policy.ts';

/** What a server holds pods to besides what their namespaces ask (PodSecurityConfiguration). */
export interface PodSecurityConfig {
  /** Where a namespace's labels are silent. */
  readonly defaults: Policy;
  /** Who and what is held to nothing. */
  readonly usernames: ReadonlySet<string>;
  readonly runtimeClasses: ReadonlySet<string>;
  readonly namespaces: ReadonlySet<string>;
}

/** Why something is held to nothing. */
export type Exemption = 'namespace' | 'user' | 'runtimeClass';

export const defaultPodSecurity: PodSecurityConfig = {
  defaults: openPolicy,
  usernames: new Set(),
  runtimeClasses: new Set(),
  namespaces: new Set(),
};

/** Whether a request is held to nothing for where it goes or for who makes it. */
export function exemptionOf(config: PodSecurityConfig, a: AdmissionAttributes): Exemption | undefined {
  if (config.namespaces.has(a.namespace)) return 'namespace';
  return config.usernames.has(a.user.name) ? 'user' : undefined;
}
