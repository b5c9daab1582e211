import { isAbsolute } from 'node:path';
import type { Expression } from '@coxswain/cel';
import {
  duplicate,
  type FieldError,
  FieldPath,
  formatGoDuration,
  invalid,
  isDNS1123Subdomain,
  isRegularFile,
  notSupported,
  required,
} from '@coxswain/machinery';
import { compileMatchConditions } from '../webhook/match-conditions.ts';
import type { AuthorizationConfig, WebhookConfig } from './configuration.ts';

/** Every mode, sorted. */
export const authorizationModes: readonly string[] = [
  'ABAC',
  'AlwaysAllow',
  'AlwaysDeny',
  'Node',
  'RBAC',
  'Webhook',
];

const versions = ['v1', 'v1beta1'];
/** Upstream's bound. */
const maxTimeoutMs = 30_000;

/** What is wrong with a configuration, and the match conditions of its authorizers in order. */
export interface ValidatedAuthorization {
  readonly errors: readonly FieldError[];
  readonly conditions: readonly (readonly Expression[])[];
}

/** Validates a configuration as upstream does. */
export function validateAuthorization(config: AuthorizationConfig): ValidatedAuthorization {
  const root = FieldPath.root('authorizers');
  const errors: FieldError[] = [];
  if (config.authorizers.length === 0) {
    errors.push(required(root, 'at least one authorization mode must be defined'));
  }
  const [types, names] = [new Set<string>(), new Set<string>()];
  const conditions = config.authorizers.map(({ type = '', name = '', webhook }, i): readonly Expression[] => {
    const path = root.index(i);
    const fault = typeFault(type, types, path.child('type'));
    if (fault !== undefined) {
      errors.push(fault);
      return [];
    }
    types.add(type);
    errors.push(...nameFaults(name, names, path.child('name')));
    names.add(name);
    if (type === 'Webhook') {
      if (webhook !== undefined) return validateWebhook(webhook, path, errors);
      errors.push(required(path.child('webhook'), 'required when type=Webhook'));
    } else if (webhook !== undefined) {
      errors.push(invalid(path.child('webhook'), 'non-null', 'may only be specified when type=Webhook'));
    }
    return [];
  });
  return { errors, conditions };
}

function typeFault(type: string, seen: ReadonlySet<string>, path: FieldPath): FieldError | undefined {
  if (type === '') return required(path);
  if (!authorizationModes.includes(type)) return notSupported(path, type, authorizationModes);
  return seen.has(type) && type !== 'Webhook' ? duplicate(path, type) : undefined;
}

function nameFaults(name: string, seen: ReadonlySet<string>, path: FieldPath): readonly FieldError[] {
  if (name === '') return [required(path)];
  if (seen.has(name)) return [duplicate(path, name)];
  const faults = isDNS1123Subdomain(name);
  return faults.length === 0 ? [] : [invalid(path, name, `authorizer name is invalid: ${faults.join(', ')}`)];
}

// upstream leaves the step `webhook` out of these paths
function validateWebhook(
  webhook: WebhookConfig,
  path: FieldPath,
  errors: FieldError[],
): readonly Expression[] {
  const { timeout = 0, authorizedTTL = 0, unauthorizedTTL = 0 } = webhook;
  if (timeout === 0) errors.push(required(path.child('timeout')));
  else if (timeout > maxTimeoutMs || timeout < 0) {
    errors.push(invalid(path.child('timeout'), formatGoDuration(timeout), 'must be > 0s and <= 30s'));
  }
  for (const [name, ttl] of Object.entries({ authorizedTTL, unauthorizedTTL })) {
    if (ttl === 0) errors.push(required(path.child(name)));
    else if (ttl < 0) errors.push(invalid(path.child(name), formatGoDuration(ttl), 'must be > 0s'));
  }
  validateVersions(webhook, path, errors);
  const { failurePolicy = '' } = webhook;
  if (failurePolicy === '') errors.push(required(path.child('failurePolicy')));
  else if (failurePolicy !== 'NoOpinion' && failurePolicy !== 'Deny') {
    errors.push(notSupported(path.child('failurePolicy'), failurePolicy, ['NoOpinion', 'Deny']));
  }
  validateConnection(webhook.connectionInfo ?? {}, path.child('connectionInfo'), errors);
  return compileMatchConditions(webhook.matchConditions ?? [], path, errors);
}

function validateVersions(webhook: WebhookConfig, path: FieldPath, errors: FieldError[]): void {
  const { subjectAccessReviewVersion: version = '', matchConditions = [] } = webhook;
  const { matchConditionSubjectAccessReviewVersion: matchVersion = '' } = webhook;
  const at = path.child('subjectAccessReviewVersion');
  if (version === '') errors.push(required(at));
  else if (!versions.includes(version)) errors.push(notSupported(at, version, versions));
  const matchAt = path.child('matchConditionSubjectAccessReviewVersion');
  if (matchVersion === '') {
    if (matchConditions.length > 0) {
      errors.push(required(matchAt, 'required if match conditions are specified'));
    }
  } else if (matchVersion !== 'v1') errors.push(notSupported(matchAt, matchVersion, ['v1']));
}

function validateConnection(
  info: NonNullable<WebhookConfig['connectionInfo']>,
  path: FieldPath,
  errors: FieldError[],
): void {
  const { type = '', kubeConfigFile: file } = info;
  const at = path.child('kubeConfigFile');
  if (type === '') errors.push(required(path.child('type')));
  else if (type === 'InClusterConfig') {
    if (file !== undefined) errors.push(invalid(at, file, 'can only be set when type=KubeConfigFile'));
  } else if (type !== 'KubeConfigFile') {
    // Upstream prints the structure that has no names of its own for JSON.
    const shown = { Type: type, KubeConfigFile: file ?? null };
    errors.push(notSupported(path.child('type'), shown, ['InClusterConfig', 'KubeConfigFile']));
  } else if (file === undefined || file === '') errors.push(required(at));
  else if (!isAbsolute(file)) errors.push(invalid(at, file, 'must be an absolute path'));
  else {
    const fault = fileFault(file);
    if (fault !== undefined) errors.push(invalid(at, file, fault));
  }
}

function fileFault(path: string): string | undefined {
  try {
    return isRegularFile(path) ? undefined : 'must be a regular file';
  } catch (error) {
    return `error loading file: ${(error as Error).message}`;
  }
}
