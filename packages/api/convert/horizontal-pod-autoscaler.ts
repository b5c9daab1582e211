import type { KubeObject } from '@coxswain/machinery';
import {
  metricSpecFromV1,
  metricSpecToV1,
  metricStatusFromV1,
  metricStatusToV1,
} from './autoscaler-metrics.ts';

type Members = Record<string, any>;

const metricsAnnotation = 'autoscaling.alpha.kubernetes.io/metrics';
const statusesAnnotation = 'autoscaling.alpha.kubernetes.io/current-metrics';
const conditionsAnnotation = 'autoscaling.alpha.kubernetes.io/conditions';
const behaviorAnnotation = 'autoscaling.alpha.kubernetes.io/behavior';
const roundTrip = [metricsAnnotation, statusesAnnotation, conditionsAnnotation, behaviorAnnotation];

/**
 * What autoscaling/v1 keeps of the newer versions is of no meaning there: upstream drops it where it reads and where
 * it writes them.
 */
export function withoutRoundTrip(annotations: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => !roundTrip.includes(name)));
}

/** Average CPU utilization is the one metric that autoscaling/v1 has a field for. */
function isCpuUtilization(metric: Members): boolean {
  return (
    metric['type'] === 'Resource' &&
    metric['resource']?.name === 'cpu' &&
    metric['resource'].target?.averageUtilization !== undefined
  );
}

/** What autoscaling/v1 has no field for goes into annotations, as JSON. */
export function autoscalerToV1(object: KubeObject): Members {
  const { metrics, behavior, ...spec } = (object['spec'] ?? {}) as Members;
  const { currentMetrics, conditions, ...status } = (object['status'] ?? {}) as Members;
  const others = ((metrics ?? []) as Members[]).filter((m) => !isCpuUtilization(m));
  const isCpu = (m: Members): boolean => m['type'] === 'Resource' && m['resource']?.name === 'cpu';
  const cpu: number | undefined = ((metrics ?? []) as Members[]).find(isCpu)?.['resource'].target
    ?.averageUtilization;
  const currentCpu: number | undefined = ((currentMetrics ?? []) as Members[])
    .filter(isCpu)
    .map((m) => m['resource'].current?.averageUtilization)
    .findLast((utilization) => utilization !== undefined);
  const annotations: Record<string, string> = {
    ...withoutRoundTrip(object.metadata.annotations ?? {}),
    ...asAnnotation(metricsAnnotation, others.map(metricSpecToV1)),
    ...asAnnotation(statusesAnnotation, ((currentMetrics ?? []) as Members[]).map(metricStatusToV1)),
    ...asAnnotation(conditionsAnnotation, ((conditions ?? []) as Members[]).map(conditionOf)),
    ...(behavior ? { [behaviorAnnotation]: JSON.stringify(internalBehavior(behavior)) } : {}),
  };
  return {
    ...object,
    metadata: { ...object.metadata, annotations },
    spec: {
      ...spec,
      ...(cpu === undefined ? {} : { targetCPUUtilizationPercentage: cpu }),
    },
    status: {
      ...status,
      ...(currentCpu === undefined ? {} : { currentCPUUtilizationPercentage: currentCpu }),
    },
  };
}

function asAnnotation(name: string, values: readonly unknown[]): Record<string, string> {
  return values.length === 0 ? {} : { [name]: JSON.stringify(values) };
}

function conditionOf(condition: Members): Members {
  const { type, status, lastTransitionTime = null, reason, message } = condition;
  return { type, status, lastTransitionTime, ...(reason ? { reason } : {}), ...(message ? { message } : {}) };
}

export function autoscalerToV2(object: KubeObject): Members {
  const annotations = object.metadata.annotations ?? {};
  const { targetCPUUtilizationPercentage: cpu, ...spec } = (object['spec'] ?? {}) as Members;
  const { currentCPUUtilizationPercentage: currentCpu, ...status } = (object['status'] ?? {}) as Members;
  const others = fromAnnotation(annotations[metricsAnnotation]);
  const statuses = fromAnnotation(annotations[statusesAnnotation]);
  const conditions = fromAnnotation(annotations[conditionsAnnotation]);
  const behavior = parse(annotations[behaviorAnnotation]);
  const metrics = (Array.isArray(others) ? others : []).map(metricSpecFromV1);
  if (cpu !== undefined) {
    const target = { type: 'Utilization', averageUtilization: cpu };
    metrics.push({ type: 'Resource', resource: { name: 'cpu', target } });
  }
  const currentMetrics = Array.isArray(statuses)
    ? statuses.map(metricStatusFromV1)
    : currentCpu === undefined
      ? undefined
      : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: currentCpu } } }];
  return {
    ...object,
    metadata: { ...object.metadata, annotations: withoutRoundTrip(annotations) },
    spec: {
      ...spec,
      ...(metrics.length === 0 ? {} : { metrics }),
      ...(isMembers(behavior) ? { behavior: versionedBehavior(behavior) } : {}),
    },
    status: {
      ...status,
      ...(currentMetrics === undefined ? {} : { currentMetrics }),
      ...(conditions === undefined ? {} : { conditions }),
    },
  };
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Undefined when the annotation is absent or is no list of objects: upstream ignores it then. */
function fromAnnotation(text: string | undefined): Members[] | undefined {
  const value = parse(text);
  return Array.isArray(value) && value.every(isMembers) ? value : undefined;
}

function parse(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

/** The annotation holds the unversioned Go struct, which has no JSON names. */
function internalBehavior(behavior: Members): Members {
  return { ScaleUp: internalRules(behavior['scaleUp']), ScaleDown: internalRules(behavior['scaleDown']) };
}

function internalRules(rules: Members | undefined): Members | null {
  if (rules === undefined || rules === null) return null;
  return {
    StabilizationWindowSeconds: rules['stabilizationWindowSeconds'] ?? null,
    SelectPolicy: rules['selectPolicy'] ?? null,
    Policies:
      rules['policies']?.map((p: Members) => ({
        Type: p['type'],
        Value: p['value'],
        PeriodSeconds: p['periodSeconds'],
      })) ?? null,
    Tolerance: rules['tolerance'] ?? null,
  };
}

function versionedBehavior(behavior: Members): Members {
  const scaleUp = versionedRules(behavior['ScaleUp']);
  const scaleDown = versionedRules(behavior['ScaleDown']);
  return { ...(scaleUp ? { scaleUp } : {}), ...(scaleDown ? { scaleDown } : {}) };
}

function versionedRules(rules: Members | null | undefined): Members | undefined {
  if (!isMembers(rules)) return undefined;
  return {
    stabilizationWindowSeconds: rules['StabilizationWindowSeconds'] ?? null,
    selectPolicy: rules['SelectPolicy'] ?? null,
    policies:
      rules['Policies']?.map((p: Members) => ({
        type: p['Type'],
        value: p['Value'],
        periodSeconds: p['PeriodSeconds'],
      })) ?? null,
    tolerance: rules['Tolerance'] ?? null,
  };
}
