import { type FieldPath, invalid, required } from '@coxswain/machinery';
import { validateCSIDriverName } from '../csi.ts';
import { validateDNS1123Label } from '../formats.ts';
import { immutable } from '../immutable.ts';
import { type Errors, type Json, sizeOf, specPath } from '../values.ts';
import { validateDevice } from './device.ts';
import * as limits from './limits.ts';
import { validateMap, validateSet } from './lists.ts';
import { validatePoolName } from './names.ts';
import { validateNodes } from './nodes.ts';

/** ValidateResourceSlice without the metadata. */
export function validateResourceSlice(errs: Errors, slice: Json): void {
  validateSpec(errs, slice['spec'] ?? {}, undefined);
}

/** ValidateResourceSliceUpdate: whose slice it is stays. */
export function validateResourceSliceUpdate(errs: Errors, slice: Json, old: Json): void {
  validateSpec(errs, slice['spec'] ?? {}, old['spec'] ?? {});
}

function validateSpec(errs: Errors, spec: Json, old: Json | undefined): void {
  const pool: Json = spec['pool'] ?? {};
  const poolPath = specPath.child('pool');
  validateCSIDriverName(errs, spec['driver'], specPath.child('driver'));
  validatePool(errs, pool, poolPath);
  if (old !== undefined) {
    immutable(errs, poolPath.child('name'), pool['name'] ?? '', old['pool']?.name ?? '');
    immutable(errs, specPath.child('driver'), spec['driver'] ?? '', old['driver'] ?? '');
    immutable(errs, specPath.child('nodeName'), spec['nodeName'] ?? 'null', old['nodeName'] ?? 'null');
  }
  validateNodes(errs, spec, specPath, true);
  const devices: readonly Json[] = spec['devices'] ?? [];
  const extras = devices.some((device) => sizeOf(device['taints']) + sizeOf(device['consumesCounters']) > 0);
  const sets: readonly Json[] = spec['sharedCounters'] ?? [];
  validateSet(
    errs,
    devices,
    extras ? limits.devicesWithExtras : limits.devicesOfSlice,
    (found, device, path) => {
      validateDevice(found, device, path, spec['perDeviceNodeSelection'] === true);
    },
    (device) => device['name'] ?? '',
    specPath.child('devices'),
    'name',
  );
  validateSet(
    errs,
    sets,
    limits.counterSets,
    (found, set, path) => {
      validateDNS1123Label(found, set['name'], path.child('name'));
      if (sizeOf(set['counters']) === 0) found.push(required(path.child('counters')));
      else {
        validateMap(
          found,
          set['counters'],
          limits.countersOfSet,
          validateDNS1123Label,
          () => {},
          path.child('counters'),
        );
      }
    },
    (set) => set['name'] ?? '',
    specPath.child('sharedCounters'),
    'name',
  );
}

function validatePool(errs: Errors, pool: Json, path: FieldPath): void {
  validatePoolName(errs, pool['name'], path.child('name'));
  const { resourceSliceCount: count = 0, generation = 0 } = pool;
  if (count <= 0) errs.push(invalid(path.child('resourceSliceCount'), count, 'must be greater than zero'));
  if (generation >= 0) return;
  errs.push(invalid(path.child('generation'), generation, 'must be greater than or equal to zero'));
}
