import { type FieldError, FieldPath, invalid, type ObjectMeta } from '@coxswain/machinery';
import type { PodLike } from './check.ts';
import { brokenRules } from './evaluator.ts';

/** A level of the pod security standards, and the release whose rules count. */
export interface LevelVersion {
  readonly level: 'privileged' | 'baseline' | 'restricted';
  /** `latest` or `v1.x`. */
  readonly version: string;
}

export type PolicyMode = 'enforce' | 'audit' | 'warn';

/** What each mode holds pods to. */
export type Policy = Readonly<Record<PolicyMode, LevelVersion>>;

/** A namespace's policy and what is wrong with its labels. */
export interface ReadPolicy {
  readonly policy: Policy;
  readonly errors: readonly FieldError[];
}

const prefix = 'pod-security.kubernetes.io/';
const levels: readonly string[] = ['privileged', 'baseline', 'restricted'];
const versionFormat = /^(latest|v1\.([0-9]|[1-9][0-9]*))$/;
const nothing: LevelVersion = { level: 'privileged', version: 'latest' };

/** That of a server that is not told otherwise. */
export const openPolicy: Policy = { enforce: nothing, audit: nothing, warn: nothing };

/** Whether a text is a level. */
export function isLevel(text: string): text is LevelVersion['level'] {
  return levels.includes(text);
}

/** Whether a text is a version. */
export function isVersion(text: string): boolean {
  return versionFormat.test(text);
}

export const levelFault = 'must be one of privileged, baseline, restricted';
export const versionFault = 'must be "latest" or "v1.x"';

/**
 * The policy that a namespace's labels ask for, and `defaults` where they are silent. A level that is none is the
 * strictest to enforce, and no reason to warn or to write down. Who enforces a level and does not say what to warn
 * of is warned of it.
 */
export function readPolicy(labels: ObjectMeta['labels'], defaults: Policy): ReadPolicy {
  if (labels === undefined) return { policy: defaults, errors: [] };
  const errors: FieldError[] = [];
  const read = (mode: PolicyMode, otherwise: LevelVersion, failed: LevelVersion['level']): LevelVersion => {
    let { level, version } = otherwise;
    const [saidLevel, saidVersion] = [labels[`${prefix}${mode}`], labels[`${prefix}${mode}-version`]];
    if (saidLevel !== undefined) {
      const known = isLevel(saidLevel);
      level = known ? saidLevel : failed;
      if (!known) errors.push(labelError(mode, saidLevel, levelFault));
    }
    if (saidVersion !== undefined) {
      const known = isVersion(saidVersion);
      version = known ? saidVersion : 'latest';
      if (!known) errors.push(labelError(`${mode}-version`, saidVersion, versionFault));
    }
    return { level, version };
  };
  const enforce = read('enforce', defaults.enforce, 'restricted');
  const audit = read('audit', defaults.audit, 'privileged');
  const enforced = labels[`${prefix}enforce`];
  const warned = labels[`${prefix}warn`] === undefined && enforced !== undefined && isLevel(enforced);
  const warn = read('warn', warned ? enforce : defaults.warn, 'privileged');
  return { policy: { enforce, audit, warn }, errors };
}

function labelError(label: string, value: string, detail: string): FieldError {
  return invalid(FieldPath.root('metadata', 'labels').key(`${prefix}${label}`), value, detail);
}

/** Whether no mode asks anything. */
export function isOpen(...modes: readonly LevelVersion[]): boolean {
  return modes.every(({ level }) => level === 'privileged');
}

/** Whether `a` asks less than `b`, or the same. */
export function isRelaxed(a: LevelVersion, b: LevelVersion): boolean {
  return a.version === b.version && levels.indexOf(a.level) <= levels.indexOf(b.level);
}

/** What the level forbids of a pod, in short; `''` when nothing. */
export function violationReasons(policy: LevelVersion, pod: PodLike): string {
  return brokenRules(policy, pod)
    .map(({ reason }) => reason)
    .join(', ');
}

/** What the level forbids of a pod and who does it, as upstream's texts list it; `''` when nothing. */
export function violations(policy: LevelVersion, pod: PodLike): string {
  return brokenRules(policy, pod)
    .map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`))
    .join(', ');
}

/** `baseline:latest`. */
export function policyName({ level, version }: LevelVersion): string {
  return `${level}:${version}`;
}

/** `PodSecurity "baseline:latest"` in texts. */
export function policyText(policy: LevelVersion): string {
  return `PodSecurity "${policyName(policy)}"`;
}
