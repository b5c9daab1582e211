import { convert } from '@coxswain/api';
import { canonicalQuantity, type KubeObject } from '@coxswain/machinery';
import { age, nameOf } from './format.ts';
import { ageColumn, column, field, nameColumn, type TableSketch } from './table.ts';

const hpaSpec = 'autoscaling.v2.HorizontalPodAutoscalerSpec';
const unknown = '<unknown>';
const shownMetrics = 2;

interface Value {
  readonly averageValue?: string;
  readonly value?: string;
  readonly averageUtilization?: number;
}

interface Metric {
  readonly type: string;
  readonly [source: string]: any;
}

/** One that is not there prints as Go prints a nil one. */
function quantity(text: string | undefined): string {
  return text === undefined || text === null ? '<nil>' : canonicalQuantity(String(text));
}

function percent(value: number | undefined): string | undefined {
  return value === undefined || value === null ? undefined : `${value}%`;
}

function resourceText(name: string, target: Value, current: Value | undefined): string {
  if (target.averageValue !== undefined) {
    const now = current === undefined ? unknown : quantity(current.averageValue);
    return `${name}: ${now}/${quantity(target.averageValue)}`;
  }
  return `${name}: ${percent(current?.averageUtilization) ?? unknown}/${percent(target.averageUtilization) ?? '<auto>'}`;
}

function valueText(target: Value, current: Value | undefined): string {
  if (target.averageValue !== undefined) {
    const now = current?.averageValue === undefined ? unknown : quantity(current.averageValue);
    return `${now}/${quantity(target.averageValue)} (avg)`;
  }
  return `${current === undefined ? unknown : quantity(current.value)}/${quantity(target.value)}`;
}

function metricText(metric: Metric, status: Metric | undefined): string {
  switch (metric.type) {
    case 'External':
      return valueText(metric['external'].target, status?.['external']?.current);
    case 'Object':
      return valueText(metric['object'].target, status?.['object']?.current);
    case 'Pods': {
      const current: Value | undefined = status?.['pods']?.current;
      const now = current === undefined ? unknown : quantity(current.averageValue);
      return `${now}/${quantity(metric['pods'].target.averageValue)}`;
    }
    case 'Resource':
      return resourceText(metric['resource'].name, metric['resource'].target, status?.['resource']?.current);
    case 'ContainerResource': {
      const source = metric['containerResource'];
      return resourceText(source.name, source.target, status?.['containerResource']?.current);
    }
    default:
      return '<unknown type>';
  }
}

function metricsText(hpa: KubeObject): string {
  const metrics = (hpa['spec']?.metrics ?? []) as Metric[];
  if (metrics.length === 0) return '<none>';
  const statuses = (hpa['status']?.currentMetrics ?? []) as Metric[];
  const texts = metrics.map((metric, i) => metricText(metric, statuses[i]));
  const shown = texts.slice(0, shownMetrics).join(', ');
  return texts.length > shownMetrics ? `${shown} + ${texts.length - shownMetrics} more...` : shown;
}

export const horizontalPodAutoscalers: TableSketch = {
  columns: [
    nameColumn,
    column('Reference', field(hpaSpec, 'scaleTargetRef')),
    column('Targets', field(hpaSpec, 'metrics')),
    column('MinPods', field(hpaSpec, 'minReplicas')),
    column('MaxPods', field(hpaSpec, 'maxReplicas')),
    column('Replicas', field('autoscaling.v2.HorizontalPodAutoscalerStatus', 'currentReplicas')),
    ageColumn,
  ],
  cells(object, now) {
    const hpa = object.apiVersion === 'autoscaling/v1' ? convert(object, 'autoscaling/v2') : object;
    const { spec = {}, status = {} } = hpa;
    return [
      nameOf(object),
      `${spec.scaleTargetRef?.kind}/${spec.scaleTargetRef?.name}`,
      metricsText(hpa),
      spec.minReplicas === undefined ? '<unset>' : String(spec.minReplicas),
      spec.maxReplicas ?? 0,
      status.currentReplicas ?? 0,
      age(object, now),
    ];
  },
};

/** The scale of any resource. */
export const scales: TableSketch = {
  columns: [
    nameColumn,
    column('Desired', field('autoscaling.v1.ScaleSpec', 'replicas'), 'integer'),
    column('Available', field('autoscaling.v1.ScaleStatus', 'replicas'), 'integer'),
    ageColumn,
  ],
  cells: (object, now) => [
    nameOf(object),
    object['spec']?.replicas ?? 0,
    object['status']?.replicas ?? 0,
    age(object, now),
  ],
};

/** The scale of a custom resource; what Go leaves out as zero is not shown. */
export const customScales: TableSketch = {
  columns: [
    nameColumn,
    column('Desired', 'Number of desired replicas', 'integer'),
    column('Available', 'Number of actual replicas', 'integer'),
    { ...ageColumn, type: 'date' },
  ],
  cells: (object, now) => [
    nameOf(object),
    object['spec']?.replicas ?? null,
    object['status']?.replicas ?? null,
    age(object, now),
  ],
};
