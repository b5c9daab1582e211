import type { KubeObject } from '@coxswain/machinery';
import { parseIndexes } from './indexes.ts';

interface ExitCodes {
  readonly containerName?: string;
  readonly operator: 'In' | 'NotIn';
  readonly values: readonly number[];
}

interface FailureRule {
  readonly action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count';
  readonly onExitCodes?: ExitCodes;
  readonly onPodConditions?: readonly { readonly type: string; readonly status?: string }[];
}

/** What the pod failure policy makes of a failed pod. */
export interface FailureVerdict {
  /** Absent when no rule matches. */
  readonly action?: FailureRule['action'];
  readonly counts: boolean;
  /** Why the whole job fails; absent when it does not. */
  readonly jobFailure?: string;
}

/** The verdict of the first rule that matches. Pure. Source: matchPodFailurePolicy. */
export function failureVerdict(job: KubeObject, pod: KubeObject): FailureVerdict {
  const rules: readonly FailureRule[] = job['spec'].podFailurePolicy?.rules ?? [];
  for (const [at, rule] of rules.entries()) {
    const why = ruleMatch(rule, pod);
    if (why === undefined) continue;
    if (rule.action === 'Ignore') return { action: 'Ignore', counts: false };
    if (rule.action !== 'FailJob') return { action: rule.action, counts: true };
    return { action: 'FailJob', counts: true, jobFailure: `${why} matching FailJob rule at index ${at}` };
  }
  return { counts: true };
}

function ruleMatch(rule: FailureRule, pod: KubeObject): string | undefined {
  const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
  if (rule.onExitCodes) {
    const found = failedContainer(rule.onExitCodes, pod);
    return found && `Container ${found.name} for pod ${name} failed with exit code ${found.exitCode}`;
  }
  for (const wanted of rule.onPodConditions ?? []) {
    const held: readonly Record<string, string>[] = pod['status']?.conditions ?? [];
    if (held.some((c) => c['type'] === wanted.type && c['status'] === (wanted.status ?? 'True'))) {
      return `Pod ${name} has condition ${wanted.type}`;
    }
  }
  return undefined;
}

function failedContainer(
  { containerName, operator, values }: ExitCodes,
  pod: KubeObject,
): { name: string; exitCode: number } | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = pod['status'] ?? {};
  for (const status of [...containerStatuses, ...initContainerStatuses]) {
    if (containerName && containerName !== status.name) continue;
    const exitCode: number | undefined = status.state?.terminated?.exitCode;
    if (exitCode === undefined || exitCode === 0) continue;
    if (values.includes(exitCode) === (operator === 'In')) return { name: status.name, exitCode };
  }
  return undefined;
}

interface SuccessRule {
  readonly succeededIndexes?: string;
  readonly succeededCount?: number;
}

/** Why the job has succeeded by its success policy; undefined when it has not. Pure. */
export function successByPolicy(job: KubeObject, succeeded: readonly number[]): string | undefined {
  const rules: readonly SuccessRule[] = job['spec'].successPolicy?.rules ?? [];
  const completions: number = job['spec'].completions ?? 0;
  for (const [at, { succeededIndexes, succeededCount }] of rules.entries()) {
    const named = succeededIndexes === undefined ? undefined : parseIndexes(succeededIndexes, completions);
    const matched = named === undefined ? succeeded : named.filter((index) => succeeded.includes(index));
    const wanted = succeededCount ?? named?.length;
    if (wanted !== undefined && matched.length >= wanted) return `Matched rules at index ${at}`;
  }
  return undefined;
}
