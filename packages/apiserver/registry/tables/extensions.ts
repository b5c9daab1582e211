import type { KubeObject } from '@coxswain/machinery';
import { age, nameOf, orNone, someOf } from './format.ts';
import { ageColumn, column, field, nameColumn, type TableSketch } from './table.ts';

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

export const storageVersionMigrations: TableSketch = {
  columns: [{ ...nameColumn, format: '' }, column('Resource', 'Fully qualified resource to migrate')],
  cells(object) {
    const { group = '', resource = '' } = object['spec']?.resource ?? {};
    return [nameOf(object), `${resource}.${group}`];
  },
};

const versionStatus = 'apiserverinternal.v1alpha1.StorageVersionStatus';

export const storageVersions: TableSketch = {
  columns: [
    nameColumn,
    column('CommonEncodingVersion', field(versionStatus, 'commonEncodingVersion')),
    column('StorageVersions', field(versionStatus, 'storageVersions')),
    ageColumn,
  ],
  cells(object, now) {
    const { commonEncodingVersion = '<unset>', storageVersions: servers = [] } = object['status'] ?? {};
    const texts = (servers as { apiServerID?: string; encodingVersion?: string }[]).map(
      (server) => `${server.apiServerID ?? ''}=${server.encodingVersion ?? ''}`,
    );
    return [nameOf(object), commonEncodingVersion, orNone(someOf(texts, 3)), age(object, now)];
  },
};
