import {
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  parseQuantity,
  required,
} from '@coxswain/machinery';
import { validateDNS1123Label } from './formats.ts';
import { pathSegmentName } from './names.ts';
import { validateContainerResourceName } from './resource-names.ts';
import {
  addInvalid,
  blank,
  type Errors,
  type Json,
  nonNegative,
  oneOf,
  requireText,
  specPath,
  statusPath,
} from './values.ts';

/** What an update tolerates because it was so before. */
interface Tolerated {
  /** 0 where it was 0 already; scaling to zero is off in this release. */
  readonly leastReplicas: number;
  readonly targetVersion: VersionRule;
  readonly metricVersion: VersionRule;
}

/** What the `apiVersion` of a reference must say. */
type VersionRule = 'any' | 'parses' | 'names a group';

/** ValidateHorizontalPodAutoscaler without the metadata. */
export function validateAutoscaler(errs: Errors, autoscaler: Json): void {
  const { kind } = autoscaler['spec']?.scaleTargetRef ?? {};
  validateSpec(errs, autoscaler['spec'] ?? {}, {
    leastReplicas: 1,
    targetVersion: versionRuleOf(kind),
    metricVersion: 'parses',
  });
}

/** ValidateHorizontalPodAutoscalerUpdate without the metadata. */
export function validateAutoscalerUpdate(errs: Errors, autoscaler: Json, old: Json): void {
  const spec: Json = autoscaler['spec'] ?? {};
  const before: Json = old['spec'] ?? {};
  const ref: Json = spec['scaleTargetRef'] ?? {};
  const refBefore: Json = before['scaleTargetRef'] ?? {};
  const sameTarget = ref['kind'] === refBefore['kind'] && ref['apiVersion'] === refBefore['apiVersion'];
  const objects = ((before['metrics'] ?? []) as readonly Json[]).filter(
    (metric) => metric['type'] === 'Object' && metric['object'] != null,
  );
  const wasWrong = objects.some(
    ({ object }) => versionProblem(object.describedObject ?? {}, 'parses') != null,
  );
  validateSpec(errs, spec, {
    leastReplicas: before['minReplicas'] === 0 ? 0 : 1,
    targetVersion: sameTarget ? 'any' : versionRuleOf(ref['kind']),
    metricVersion: wasWrong ? 'any' : 'parses',
  });
}

/** Of the core group nothing scales but replication controllers. */
function versionRuleOf(kind: string | undefined): VersionRule {
  return kind === 'ReplicationController' ? 'parses' : 'names a group';
}

function validateSpec(errs: Errors, spec: Json, tolerated: Tolerated): void {
  const min: number | undefined = spec['minReplicas'];
  const max: number = spec['maxReplicas'] ?? 0;
  const { leastReplicas } = tolerated;
  if (min != null && min < leastReplicas) {
    const message = `must be greater than or equal to ${leastReplicas}`;
    errs.push(invalid(specPath.child('minReplicas'), min, message));
  }
  const maxPath = specPath.child('maxReplicas');
  if (max === 0) errs.push(required(maxPath, 'must be set and greater than 0'));
  else if (max < 1) errs.push(invalid(maxPath, max, 'must be greater than 0'));
  if (max !== 0 && min != null && max < min) {
    errs.push(invalid(maxPath, max, 'must be greater than or equal to `minReplicas`'));
  }
  const ref: Json = spec['scaleTargetRef'] ?? {};
  validateObjectRef(errs, ref, specPath.child('scaleTargetRef'), tolerated.targetVersion);
  validateMetrics(errs, spec['metrics'] ?? [], specPath.child('metrics'), min, tolerated.metricVersion);
  const behavior: Json | undefined = spec['behavior'];
  for (const direction of ['scaleUp', 'scaleDown']) {
    const rules: Json | undefined = behavior?.[direction];
    if (rules != null) validateRules(errs, rules, specPath.child('behavior').child(direction));
  }
}

function validateObjectRef(errs: Errors, ref: Json, path: FieldPath, rule: VersionRule): void {
  for (const member of ['kind', 'name']) {
    const value: string | undefined = ref[member];
    if (requireText(errs, path.child(member), value)) {
      addInvalid(errs, path.child(member), value, pathSegmentName(value!, false));
    }
  }
  const problem = versionProblem(ref, rule);
  if (problem != null) errs.push(invalid(path.child('apiVersion'), ref['apiVersion'] ?? '', problem));
}

function versionProblem(ref: Json, rule: VersionRule): string | undefined {
  if (rule === 'any') return undefined;
  const apiVersion: string = ref['apiVersion'] ?? '';
  const parts = apiVersion.split('/');
  if (parts.length > 2) return `unexpected GroupVersion string: ${apiVersion}`;
  const group = parts.length === 2 ? parts[0] : '';
  return rule === 'names a group' && group === '' ? 'apiVersion must specify API group' : undefined;
}

const sourceTypes = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];
const sources: readonly (readonly [
  member: string,
  type: string,
  check: (errs: Errors, source: Json, path: FieldPath, versions: VersionRule) => void,
])[] = [
  ['object', 'Object', validateObjectSource],
  ['external', 'External', validateExternalSource],
  ['pods', 'Pods', validatePodsSource],
  ['resource', 'Resource', validateResourceSource],
  ['containerResource', 'ContainerResource', validateContainerResourceSource],
];

function validateMetrics(
  errs: Errors,
  metrics: readonly Json[],
  path: FieldPath,
  min: number | undefined,
  versions: VersionRule,
): void {
  metrics.forEach((metric, i) => {
    validateMetric(errs, metric, path.index(i), versions);
  });
  const scalesToZero = metrics.some((m) => m['type'] === 'Object' || m['type'] === 'External');
  if (min !== 0 || scalesToZero) return;
  const message = 'must specify at least one Object or External metric to support scaling to zero replicas';
  errs.push(forbidden(path, message));
}

function validateMetric(errs: Errors, metric: Json, path: FieldPath, versions: VersionRule): void {
  const type: string = metric['type'] ?? '';
  const typePath = path.child('type');
  if (type === '') errs.push(required(typePath, 'must specify a metric source type'));
  oneOf(errs, typePath, type, sourceTypes);
  const present = sources.filter(([member]) => metric[member] != null);
  const first = present[0];
  if (first != null) first[2](errs, metric[first[0]], path.child(first[0]), versions);
  const expected = sources.find(([, name]) => name === type);
  if (expected == null) errs.push(notSupported(typePath, type, sourceTypes));
  else if (metric[expected[0]] == null) {
    errs.push(required(path.child(expected[0]), 'must populate information for the given metric source'));
  }
  if (present.length === 1) return;
  for (const [member] of present) {
    if (member === expected?.[0]) continue;
    errs.push(forbidden(path.child(member), 'must populate the given metric source only'));
  }
}

function validateObjectSource(errs: Errors, source: Json, path: FieldPath, versions: VersionRule): void {
  const target: Json = source['target'] ?? {};
  validateObjectRef(errs, source['describedObject'] ?? {}, path.child('describedObject'), versions);
  validateIdentifier(errs, source['metric'] ?? {}, path.child('metric'));
  validateTarget(errs, target, path.child('target'));
  if (target['value'] == null && target['averageValue'] == null) {
    const message = 'must set either a target value or averageValue';
    errs.push(required(path.child('target').child('averageValue'), message));
  }
}

function validateExternalSource(errs: Errors, source: Json, path: FieldPath): void {
  const target: Json = source['target'] ?? {};
  validateIdentifier(errs, source['metric'] ?? {}, path.child('metric'));
  validateTarget(errs, target, path.child('target'));
  const place = path.child('target');
  if (target['value'] == null && target['averageValue'] == null) {
    const message = 'must set either a target value for metric or a per-pod target';
    errs.push(required(place.child('averageValue'), message));
  }
  if (target['value'] != null && target['averageValue'] != null) {
    const message = 'may not set both a target value for metric and a per-pod target';
    errs.push(forbidden(place.child('value'), message));
  }
}

function validatePodsSource(errs: Errors, source: Json, path: FieldPath): void {
  validateIdentifier(errs, source['metric'] ?? {}, path.child('metric'));
  validateTarget(errs, source['target'] ?? {}, path.child('target'));
  if (source['target']?.averageValue == null) {
    const message = 'must specify a positive target averageValue';
    errs.push(required(path.child('target').child('averageValue'), message));
  }
}

function validateContainerResourceSource(errs: Errors, source: Json, path: FieldPath): void {
  const { name, container } = source;
  if (blank(name)) errs.push(required(path.child('name'), 'must specify a resource name'));
  else validateContainerResourceName(errs, name, path.child('name'));
  if (blank(container)) errs.push(required(path.child('container'), 'must specify a container'));
  else validateDNS1123Label(errs, container, path.child('container'));
  validateUtilization(errs, source['target'] ?? {}, path.child('target'));
}

function validateResourceSource(errs: Errors, source: Json, path: FieldPath): void {
  if (blank(source['name'])) errs.push(required(path.child('name'), 'must specify a resource name'));
  validateUtilization(errs, source['target'] ?? {}, path.child('target'));
}

function validateUtilization(errs: Errors, target: Json, path: FieldPath): void {
  validateTarget(errs, target, path);
  const { averageUtilization, averageValue } = target;
  if (averageUtilization == null && averageValue == null) {
    const message = 'must set either a target raw value or a target utilization';
    errs.push(required(path.child('averageUtilization'), message));
  }
  if (averageUtilization != null && averageValue != null) {
    const message = 'may not set both a target raw value and a target utilization';
    errs.push(forbidden(path.child('averageValue'), message));
  }
}

function validateTarget(errs: Errors, target: Json, path: FieldPath): void {
  const type: string = target['type'] ?? '';
  if (type === '') errs.push(required(path.child('type'), 'must specify a metric target type'));
  if (!['Utilization', 'Value', 'AverageValue'].includes(type)) {
    errs.push(invalid(path.child('type'), type, 'must be either Utilization, Value, or AverageValue'));
  }
  for (const member of ['value', 'averageValue']) {
    const value: string | undefined = target[member];
    if (value == null || parseQuantity(value).compare(parseQuantity('0')) > 0) continue;
    errs.push(invalid(path.child(member), value, 'must be positive'));
  }
  const utilization: number | undefined = target['averageUtilization'];
  if (utilization != null && utilization < 1) {
    errs.push(invalid(path.child('averageUtilization'), utilization, 'must be greater than 0'));
  }
}

function validateIdentifier(errs: Errors, metric: Json, path: FieldPath): void {
  const name: string = metric['name'] ?? '';
  if (name === '') errs.push(required(path.child('name'), 'must specify a metric name'));
  else addInvalid(errs, path.child('name'), name, pathSegmentName(name, false));
}

// one hour, and half of it
const longestWindow = 3600;
const longestPeriod = 1800;

function validateRules(errs: Errors, rules: Json, path: FieldPath): void {
  const window: number | undefined = rules['stabilizationWindowSeconds'];
  const windowPath = path.child('stabilizationWindowSeconds');
  if (window != null && window < 0) {
    errs.push(invalid(windowPath, window, 'must be greater than or equal to zero'));
  }
  if (window != null && window > longestWindow) {
    errs.push(invalid(windowPath, window, `must be less than or equal to ${longestWindow}`));
  }
  if (rules['selectPolicy'] != null) {
    oneOf(errs, path.child('selectPolicy'), rules['selectPolicy'], ['Disabled', 'Max', 'Min']);
  }
  const policies: readonly Json[] = rules['policies'] ?? [];
  if (policies.length === 0) errs.push(required(path.child('policies'), 'must specify at least one Policy'));
  policies.forEach((policy, i) => {
    validatePolicy(errs, policy, path.child('policies').index(i));
  });
  const tolerance: string | undefined = rules['tolerance'];
  if (tolerance != null && parseQuantity(tolerance).compare(parseQuantity('0')) < 0) {
    errs.push(invalid(path.child('tolerance'), tolerance, 'must be greater than or equal to 0'));
  }
}

function validatePolicy(errs: Errors, policy: Json, path: FieldPath): void {
  oneOf(errs, path.child('type'), policy['type'] ?? '', ['Percent', 'Pods']);
  for (const member of ['value', 'periodSeconds']) {
    const value: number = policy[member] ?? 0;
    if (value <= 0) errs.push(invalid(path.child(member), value, 'must be greater than zero'));
  }
  if (policy['periodSeconds'] > longestPeriod) {
    const message = `must be less than or equal to ${longestPeriod}`;
    errs.push(invalid(path.child('periodSeconds'), policy['periodSeconds'], message));
  }
}

/** ValidateHorizontalPodAutoscalerStatusUpdate. */
export function validateAutoscalerStatus(errs: Errors, autoscaler: Json): void {
  for (const name of ['currentReplicas', 'desiredReplicas']) {
    nonNegative(errs, statusPath.child(name), autoscaler['status']?.[name]);
  }
}
