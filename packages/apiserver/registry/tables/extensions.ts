import type { KubeObject } from '@coxswain/machinery';
import { age, nameOf } from './format.ts';
import { ageColumn, column, nameColumn, type TableSketch } from './table.ts';

function availability(object: KubeObject): string {
  const conditions = (object['status']?.conditions ?? []) as {
    type: string;
    status: string;
    reason?: string;
  }[];
  const available = conditions.find((c) => c.type === 'Available');
  if (!available) return 'Unknown';
  return available.status === 'True' ? 'True' : `${available.status} (${available.reason ?? ''})`;
}

export const apiServices: TableSketch = {
  columns: [
    nameColumn,
    column('Service', 'The reference to the service that hosts this API endpoint.'),
    column('Available', 'Whether this service is available.'),
    ageColumn,
  ],
  cells(object, now) {
    const service = object['spec']?.service;
    return [
      nameOf(object),
      service ? `${service.namespace}/${service.name}` : 'Local',
      availability(object),
      age(object, now),
    ];
  },
};
