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

/** A metav1.Status, such as a deletion gives. */
export const statuses: TableSketch = {
  columns: [
    column('Status', 'Status of the operation.'),
    column('Reason', 'A machine-readable description of why this operation is in the failure status.'),
    column('Message', 'A human-readable description of the status of this operation.'),
  ],
  cells: (object) => [object['status'] ?? '', object['reason'] ?? '', object['message'] ?? ''],
};
