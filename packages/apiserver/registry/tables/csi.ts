import { age, nameOf, orNone } from './format.ts';
import { ageColumn, column, field, nameColumn, type TableSketch } from './table.ts';

const driverSpec = 'storage.v1.CSIDriverSpec';

export const csiDrivers: TableSketch = {
  columns: [
    nameColumn,
    column('AttachRequired', field(driverSpec, 'attachRequired'), 'boolean'),
    column('PodInfoOnMount', field(driverSpec, 'podInfoOnMount'), 'boolean'),
    column('StorageCapacity', field(driverSpec, 'storageCapacity'), 'boolean'),
    column('TokenRequests', field(driverSpec, 'tokenRequests')),
    column('RequiresRepublish', field(driverSpec, 'requiresRepublish'), 'boolean'),
    column('Modes', field(driverSpec, 'volumeLifecycleModes')),
    ageColumn,
  ],
  cells(object, now) {
    const spec = object['spec'] ?? {};
    const audiences = (spec.tokenRequests ?? []).map((request: { audience: string }) => request.audience);
    return [
      nameOf(object),
      spec.attachRequired ?? true,
      spec.podInfoOnMount ?? false,
      spec.storageCapacity ?? false,
      spec.tokenRequests ? audiences.join(',') : '<unset>',
      spec.requiresRepublish ?? false,
      orNone((spec.volumeLifecycleModes ?? []).join(',')),
      age(object, now),
    ];
  },
};

export const csiNodes: TableSketch = {
  columns: [
    nameColumn,
    column('Drivers', 'Drivers indicates the number of CSI drivers registered on the node', 'integer'),
    ageColumn,
  ],
  cells: (object, now) => [nameOf(object), (object['spec']?.drivers ?? []).length, age(object, now)],
};

const capacity = 'storage.v1.CSIStorageCapacity';

export const csiStorageCapacities: TableSketch = {
  columns: [
    nameColumn,
    column('StorageClassName', field(capacity, 'storageClassName')),
    column('Capacity', field(capacity, 'capacity')),
  ],
  cells: (object) => [nameOf(object), object['storageClassName'] ?? '', object['capacity'] ?? '<unset>'],
};
