import type { KubeObject } from '@coxswain/machinery';
import { age, nameOf } from './format.ts';
import { ageColumn, column, field, nameColumn, type TableSketch } from './table.ts';

function size(map: object | undefined | null): number {
  return Object.keys(map ?? {}).length;
}

export const configMaps: TableSketch = {
  columns: [nameColumn, column('Data', field('core.v1.ConfigMap', 'data')), ageColumn],
  cells: (object, now) => [
    nameOf(object),
    size(object['data']) + size(object['binaryData']),
    age(object, now),
  ],
};

export const secrets: TableSketch = {
  columns: [
    nameColumn,
    column('Type', field('core.v1.Secret', 'type')),
    column('Data', field('core.v1.Secret', 'data')),
    ageColumn,
  ],
  cells: (object, now) => [nameOf(object), object['type'] ?? '', size(object['data']), age(object, now)],
};

/** Name and age, for kinds whose printer shows no more. */
export const nameAndAge: TableSketch = {
  columns: [nameColumn, ageColumn],
  cells: (object, now) => [nameOf(object), age(object, now)],
};

export const namespaces: TableSketch = {
  columns: [nameColumn, column('Status', 'The status of the namespace'), ageColumn],
  cells: (object, now) => [nameOf(object), object['status']?.phase ?? '', age(object, now)],
};

function quotaTexts(quota: KubeObject): [requests: string, limits: string] {
  const { hard = {}, used = {} } = quota['status'] ?? {};
  const requests: string[] = [];
  const limits: string[] = [];
  for (const name of Object.keys(hard).sort()) {
    (name.startsWith('limits.') ? limits : requests).push(`${name}: ${used[name] ?? '0'}/${hard[name]}`);
  }
  return [requests.join(', '), limits.join(', ')];
}

export const resourceQuotas: TableSketch = {
  columns: [
    nameColumn,
    column('Request', 'Request represents a minimum amount of cpu/memory that a container may consume.'),
    column(
      'Limit',
      'Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.',
    ),
    ageColumn,
  ],
  cells: (object, now) => [nameOf(object), ...quotaTexts(object), age(object, now)],
};

const priorityClass = 'scheduling.v1.PriorityClass';

export const priorityClasses: TableSketch = {
  columns: [
    nameColumn,
    column('Value', field(priorityClass, 'value'), 'integer'),
    column('Global-Default', field(priorityClass, 'globalDefault'), 'boolean'),
    ageColumn,
    column('PreemptionPolicy', field(priorityClass, 'preemptionPolicy')),
  ],
  cells: (object, now) => [
    nameOf(object),
    object['value'] ?? 0,
    object['globalDefault'] ?? false,
    age(object, now),
    object['preemptionPolicy'] ?? '',
  ],
};

function orNotApplicable(value: unknown): string {
  return value === undefined || value === null ? 'N/A' : String(value);
}

export const podDisruptionBudgets: TableSketch = {
  columns: [
    nameColumn,
    column('Min Available', 'The minimum number of pods that must be available.'),
    column('Max Unavailable', 'The maximum number of pods that may be unavailable.'),
    column('Allowed Disruptions', 'Calculated number of pods that may be disrupted at this time.', 'integer'),
    ageColumn,
  ],
  cells: (object, now) => [
    nameOf(object),
    orNotApplicable(object['spec']?.minAvailable),
    orNotApplicable(object['spec']?.maxUnavailable),
    object['status']?.disruptionsAllowed ?? 0,
    age(object, now),
  ],
};
