import { type FieldError, FieldPath, invalid, type ObjectMeta } from '@coxswain/machinery';
import type { PodLike, Violation } from './check.ts';
import { baselineChecks } from './checks.ts';
import { restrictedChecks } from './restricted-checks.ts';

/** A level of the pod security standards, and the release whose rules count. */
export interface LevelVersion {
  readonly level: 'privileged' | 'baseline' | 'restricted';
  readonly version: string;
}

export type PolicyMode = 'enforce' | 'audit' | 'warn';

const prefix = 'pod-security.kubernetes.io/';
const levels: readonly string[] = ['privileged', 'baseline', 'restricted'];
const versionFormat = /^(latest|v1\.(0|[1-9][0-9]*))$/;

/** What one mode's labels say; what they say wrongly is the strictest. */
function said(labels: ObjectMeta['labels'], mode: PolicyMode): LevelVersion {
  const level = labels?.[`${prefix}${mode}`] ?? 'privileged';
  const version = labels?.[`${prefix}${mode}-version`] ?? 'latest';
  return {
    level: levels.includes(level) ? (level as LevelVersion['level']) : 'restricted',
    version: versionFormat.test(version) ? version : 'latest',
  };
}

/** The policy of a namespace by its labels. Without a level to warn at, what is enforced is warned of too. */
export function policyOf(labels: ObjectMeta['labels'], mode: PolicyMode): LevelVersion {
  const own = said(labels, mode);
  const enforced = labels?.[`${prefix}enforce`];
  if (mode !== 'warn' || labels?.[`${prefix}warn`] !== undefined) return own;
  if (enforced === undefined || !levels.includes(enforced)) return own;
  const { level, version } = said(labels, 'enforce');
  return { level, version: labels?.[`${prefix}warn-version`] === undefined ? version : own.version };
}

/** What is wrong with the policy labels of a namespace. */
export function labelErrors(labels: ObjectMeta['labels']): FieldError[] {
  const path = FieldPath.root('metadata', 'labels');
  return (['enforce', 'audit', 'warn'] as const).flatMap((mode) => {
    const errors: FieldError[] = [];
    const [level, version] = [labels?.[`${prefix}${mode}`], labels?.[`${prefix}${mode}-version`]];
    if (level !== undefined && !levels.includes(level)) {
      const detail = 'must be one of privileged, baseline, restricted';
      errors.push(invalid(path.key(`${prefix}${mode}`), level, detail));
    }
    if (version !== undefined && !versionFormat.test(version)) {
      const detail = 'must be "latest" or "v1.x"';
      errors.push(invalid(path.key(`${prefix}${mode}-version`), version, detail));
    }
    return errors;
  });
}

function broken(policy: LevelVersion, pod: PodLike): Violation[] {
  if (policy.level === 'privileged') return [];
  const checks = policy.level === 'baseline' ? baselineChecks : restrictedChecks;
  return checks.flatMap((check) => check.run(pod) ?? []);
}

/** What the level forbids of a pod, in short; `''` when nothing. */
export function violationReasons(policy: LevelVersion, pod: PodLike): string {
  return broken(policy, pod)
    .map(({ reason }) => reason)
    .join(', ');
}

/** What the level forbids of a pod and who does it, as upstream's texts list it; `''` when nothing. */
export function violations(policy: LevelVersion, pod: PodLike): string {
  return broken(policy, pod)
    .map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`))
    .join(', ');
}

/** `PodSecurity "baseline:latest"` in texts. */
export function policyText(policy: LevelVersion): string {
  return `PodSecurity "${policy.level}:${policy.version}"`;
}
