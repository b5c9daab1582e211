import { FieldPath, invalid, isDNS1123Label, notSupported, required, tooLong } from '@coxswain/machinery';
import { validateDomainPrefixedPath } from '../formats.ts';
import { goStruct } from '../go-print.ts';
import { immutable, semanticEqual } from '../immutable.ts';
import { labelSelectorMatches, printedSelector, validateLabelSelector } from '../label-selector.ts';
import { validatePodTemplateSpec } from '../pod/pod-template.ts';
import {
  byteLength,
  type Errors,
  immutableMessage,
  type Json,
  nonNegative,
  sortedMap,
  specPath,
} from '../values.ts';
import { validateJobTemplateUpdate } from './job-template.ts';
import { validatePodFailurePolicy } from './pod-failure-policy.ts';
import { validateSuccessPolicy } from './success-policy.ts';

const maxIndexedParallelism = 100_000;
const maxFailedIndexes = 100_000;
// above this many completions the other limits are tighter
const manyCompletions = 100_000;
const limitWithMany = 10_000;
const longestManagedBy = 63;

/** ValidateJob without the metadata's generic part; an update keeps what was excused once. */
export function validateJob(errs: Errors, job: Json, old: Json | undefined): void {
  const spec: Json = job['spec'];
  validateGeneratedSelector(errs, job, old === undefined || hasPrefixedLabels(old));
  validateJobSpecWithSelector(errs, spec, old?.['spec']);
  if (spec['completionMode'] === 'Indexed' && (spec['completions'] ?? 0) > 0) {
    const host = `${job['metadata'].name}-${spec['completions'] - 1}`;
    if (isDNS1123Label(host).length > 0) {
      const message = `will not able to create pod with invalid DNS label: ${host}`;
      errs.push(invalid(FieldPath.root('metadata', 'name'), job['metadata'].name, message));
    }
  }
}

const uidLabel = 'batch.kubernetes.io/controller-uid';
const nameLabel = 'batch.kubernetes.io/job-name';

/** Jobs from before there were labels with a prefix do without them. */
function hasPrefixedLabels(job: Json): boolean {
  const labels: Json | undefined = job['spec'].template.metadata?.labels;
  return labels?.[nameLabel] !== undefined && labels[uidLabel] !== undefined;
}

/** What automatic selection adds must be what the template says. */
function validateGeneratedSelector(errs: Errors, job: Json, prefixed: boolean): void {
  const spec: Json = job['spec'];
  if (spec['manualSelector'] === true || spec['selector'] == null) return;
  const { uid, name } = job['metadata'];
  if (!uid) errs.push(required(FieldPath.root('metadata', 'uid')));
  const wanted: Record<string, string> = {
    'controller-uid': uid ?? '',
    'job-name': name ?? '',
    ...(prefixed ? { [uidLabel]: uid ?? '', [nameLabel]: name ?? '' } : {}),
  };
  const labels: Json | undefined = spec['template'].metadata?.labels;
  const path = specPath.child('template').child('metadata').child('labels');
  for (const key of Object.keys(wanted)) {
    const value: string | undefined = labels?.[key];
    const message = `must be '${wanted[key]}'`;
    if (value == null) errs.push(required(path.key(key), message));
    else if (value !== wanted[key]) errs.push(invalid(path.key(key), sortedMap(labels), message));
  }
  if (labelSelectorMatches(spec['selector'], wanted) === false) {
    const shown = printedSelector(spec['selector']);
    errs.push(invalid(specPath.child('selector'), shown, '`selector` not auto-generated'));
  }
}

function validateJobSpecWithSelector(errs: Errors, spec: Json, old: Json | undefined): void {
  validateJobSpec(errs, spec, specPath, old?.['template']);
  const selector: Json | undefined = spec['selector'] ?? undefined;
  if (selector == null) errs.push(required(specPath.child('selector')));
  else validateLabelSelector(errs, selector, specPath.child('selector'));
  const labels: Json | undefined = spec['template'].metadata?.labels;
  if (labelSelectorMatches(selector, labels ?? {}) === false) {
    const place = specPath.child('template', 'metadata', 'labels');
    errs.push(invalid(place, sortedMap(labels), '`selector` does not match template `labels`'));
  }
}

/**
 * validateJobSpec: a job's, or that of the jobs of a cron job.
 *
 * @param oldTemplate the stored template: an update keeps what that was excused from
 */
export function validateJobSpec(errs: Errors, spec: Json, path: FieldPath, oldTemplate?: Json): void {
  for (const name of [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ]) {
    nonNegative(errs, path.child(name), spec[name]);
  }
  if (spec['maxFailedIndexes'] != null && spec['backoffLimitPerIndex'] == null) {
    errs.push(required(path.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified'));
  }
  const manager: string | undefined = spec['managedBy'];
  if (manager != null) {
    validateDomainPrefixedPath(errs, manager, path.child('managedBy'));
    if (byteLength(manager) > longestManagedBy) {
      errs.push(tooLong(path.child('managedBy'), longestManagedBy));
    }
  }
  validateCompletionMode(errs, spec, path);
  if (spec['podFailurePolicy'] != null) {
    validatePodFailurePolicy(errs, spec, path.child('podFailurePolicy'));
  }
  if (spec['successPolicy'] != null) validateSuccessPolicy(errs, spec, path.child('successPolicy'));
  validateReplacementPolicy(errs, spec, path.child('podReplacementPolicy'));
  validatePodTemplateSpec(errs, spec['template'], path.child('template'), oldTemplate);
  validateRestartPolicy(errs, spec, path.child('template', 'spec', 'restartPolicy'));
}

function validateCompletionMode(errs: Errors, spec: Json, path: FieldPath): void {
  const { completionMode: mode, completions, parallelism, maxFailedIndexes: failed } = spec;
  if (mode != null && mode !== 'NonIndexed' && mode !== 'Indexed') {
    errs.push(notSupported(path.child('completionMode'), mode, ['NonIndexed', 'Indexed']));
  }
  if (mode == null || mode === 'NonIndexed') {
    for (const name of ['backoffLimitPerIndex', 'maxFailedIndexes']) {
      if (spec[name] != null) {
        errs.push(invalid(path.child(name), spec[name], 'requires indexed completion mode'));
      }
    }
  }
  if (mode !== 'Indexed') return;
  if (completions == null) errs.push(required(path.child('completions'), 'when completion mode is Indexed'));
  const atMost = (name: string, limit: number | string, when = ''): void => {
    errs.push(invalid(path.child(name), spec[name], `must be less than or equal to ${limit}${when}`));
  };
  if (parallelism > maxIndexedParallelism) {
    atMost('parallelism', maxIndexedParallelism, ' when completion mode is Indexed');
  }
  if (completions != null && failed > completions) atMost('maxFailedIndexes', 'completions');
  if (failed > maxFailedIndexes) atMost('maxFailedIndexes', maxFailedIndexes);
  if (!(completions > manyCompletions) || spec['backoffLimitPerIndex'] == null) return;
  const when = ` when completions are above ${manyCompletions} and used with backoff limit per index`;
  if (failed == null) {
    const message = `must be specified when completions is above ${manyCompletions}`;
    errs.push(required(path.child('maxFailedIndexes'), message));
  }
  if (parallelism > limitWithMany) atMost('parallelism', limitWithMany, when);
  if (failed > limitWithMany) atMost('maxFailedIndexes', limitWithMany, when);
}

function validateReplacementPolicy(errs: Errors, spec: Json, path: FieldPath): void {
  const policy: string | undefined = spec['podReplacementPolicy'];
  const allowed = spec['podFailurePolicy'] != null ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  if (policy != null && !allowed.includes(policy)) errs.push(notSupported(path, policy, allowed));
}

function validateRestartPolicy(errs: Errors, spec: Json, path: FieldPath): void {
  const policy: string = spec['template'].spec?.restartPolicy ?? '';
  if (policy === '' || policy === 'Always') {
    errs.push(required(path, 'valid values: "OnFailure", "Never"'));
  } else if (policy !== 'OnFailure' && policy !== 'Never') {
    errs.push(notSupported(path, policy, ['OnFailure', 'Never']));
  } else if (spec['podFailurePolicy'] != null && policy !== 'Never') {
    errs.push(invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified'));
  }
}

const fixed = ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'];

/** ValidateJobUpdate: what a job runs and how it counts stays. */
export function validateJobUpdate(errs: Errors, job: Json, old: Json): void {
  const spec: Json = job['spec'];
  const before: Json = old['spec'];
  validateJobSpecWithSelector(errs, spec, before);
  validateCompletions(errs, spec, before);
  const selector = printedSelector(spec['selector'] ?? undefined);
  immutable(errs, specPath.child('selector'), selector, printedSelector(before['selector'] ?? undefined));
  validateJobTemplateUpdate(errs, spec['template'], old);
  for (const name of fixed) {
    if (semanticEqual(spec[name], before[name])) continue;
    errs.push(invalid(specPath.child(name), printedMember(name, spec[name]), immutableMessage));
  }
}

/** A member of the spec as the internal struct prints; a text where there is none. */
function printedMember(name: string, value: any): unknown {
  if (value == null) return 'null';
  if (name === 'podFailurePolicy') return goStruct(value, 'io.k8s.api.batch.v1.PodFailurePolicy');
  return name === 'successPolicy' ? goStruct(value, 'io.k8s.api.batch.v1.SuccessPolicy') : value;
}

/** Indexed jobs are elastic: completions change together with parallelism. */
function validateCompletions(errs: Errors, spec: Json, before: Json): void {
  const { completions, parallelism, completionMode } = spec;
  if (completionMode !== 'Indexed') {
    immutable(errs, specPath.child('completions'), completions, before['completions']);
  } else if (completions != null && completions !== before['completions'] && completions !== parallelism) {
    const message = 'can only be modified in tandem with spec.parallelism';
    errs.push(invalid(specPath.child('completions'), completions, message));
  }
}
