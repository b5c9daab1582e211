import { type FieldPath, invalid, required } from '@coxswain/machinery';
import { validateCSIDriverName } from '../csi.ts';
import { validateDNS1123Label } from '../formats.ts';
import { immutable } from '../immutable.ts';
import { blank, type Errors, type Json, sizeOf, specPath } from '../values.ts';
import { validateCounters, validateDevice } from './device.ts';
import * as limits from './limits.ts';
import { validateSet } from './lists.ts';
import { validatePoolName } from './names.ts';
import { validateSliceNodes } from './nodes.ts';

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
  validateSliceNodes(errs, spec, specPath);
  if (spec['sharedCounters'] != null && spec['devices'] != null) {
    errs.push(invalid(specPath, '', 'only one of `sharedCounters` or `devices` is allowed'));
  }
  const devices: readonly Json[] = spec['devices'] ?? [];
  const before = new Map<string, Json>();
  for (const device of [...((old?.['devices'] ?? []) as Json[])].reverse())
    before.set(device['name'] ?? '', device);
  const extras = devices.some((device) => sizeOf(device['taints']) + sizeOf(device['consumesCounters']) > 0);
  const sets: readonly Json[] = spec['sharedCounters'] ?? [];
  validateSet(
    errs,
    devices,
    {
      most: extras ? limits.devicesWithExtras : limits.devicesOfSlice,
      check: (found, device, path) => {
        validateDevice(
          found,
          device,
          path,
          spec['perDeviceNodeSelection'] === true,
          before.get(device['name'] ?? ''),
        );
      },
      key: (device) => device['name'] ?? '',
    },
    specPath.child('devices'),
  );
  validateSet(
    errs,
    sets,
    { most: limits.counterSets, check: validateCounterSet, key: (set) => set['name'] ?? '' },
    specPath.child('sharedCounters'),
  );
}

function validateCounterSet(errs: Errors, set: Json, path: FieldPath): void {
  const name = path.child('name');
  if (blank(set['name'])) errs.push(required(name));
  else validateDNS1123Label(errs, set['name'], name);
  validateCounters(errs, set['counters'], path.child('counters'));
}

function validatePool(errs: Errors, pool: Json, path: FieldPath): void {
  validatePoolName(errs, pool['name'], path.child('name'));
  const { resourceSliceCount: count = 0, generation = 0 } = pool;
  if (count <= 0) errs.push(invalid(path.child('resourceSliceCount'), count, 'must be greater than zero'));
  if (generation >= 0) return;
  errs.push(invalid(path.child('generation'), generation, 'must be greater than or equal to zero'));
}
