import type { KubeObject } from '@coxswain/machinery';
import { age, nameOf } from './format.ts';
import { ageColumn, column, field, nameColumn, type TableSketch } from './table.ts';

function claimState(claim: KubeObject): string {
  const deleted = claim.metadata.deletionTimestamp !== undefined;
  const states = deleted ? ['deleted'] : [];
  const { allocation, reservedFor = [] } = claim['status'] ?? {};
  if (!allocation) {
    if (!deleted) states.push('pending');
  } else {
    states.push('allocated');
    if (reservedFor.length > 0) states.push('reserved');
  }
  return states.join(',');
}

export const resourceClaims: TableSketch = {
  columns: [
    nameColumn,
    column('State', 'A summary of the current state (allocated, pending, reserved, etc.).'),
    ageColumn,
  ],
  cells: (object, now) => [nameOf(object), claimState(object), age(object, now)],
};

const sliceSpec = 'resource.v1.ResourceSliceSpec';

export const resourceSlices: TableSketch = {
  columns: [
    nameColumn,
    column('Node', field(sliceSpec, 'nodeName')),
    column('Driver', field(sliceSpec, 'driver')),
    column('Pool', field('resource.v1.ResourcePool', 'name')),
    ageColumn,
  ],
  cells: (object, now) => [
    nameOf(object),
    object['spec']?.nodeName ?? '',
    object['spec']?.driver ?? '',
    object['spec']?.pool?.name ?? '',
    age(object, now),
  ],
};

const taint = 'resource.v1alpha3.DeviceTaint';

export const deviceTaintRules: TableSketch = {
  columns: [
    nameColumn,
    column('Effect', field(taint, 'effect')),
    column('Key', field(taint, 'key')),
    column('Value', field(taint, 'value')),
    ageColumn,
  ],
  cells(object, now) {
    const { effect = '', key = '', value = '' } = object['spec']?.taint ?? {};
    return [nameOf(object), effect, key, value, age(object, now)];
  },
};
