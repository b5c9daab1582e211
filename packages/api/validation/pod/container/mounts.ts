import { type FieldPath, forbidden, invalid, notFound, required } from '@coxswain/machinery';
import { blank, type Errors, type Json, oneOf, requireText } from '../../values.ts';
import { hasBacksteps, validateLocalDescendingPath } from '../paths.ts';
import type { VolumesByName } from '../volumes/volumes.ts';

/** Volume mounts and block devices of one container. */
export function validateMountsAndDevices(
  errs: Errors,
  container: Json,
  volumes: VolumesByName,
  path: FieldPath,
): void {
  const mounts: readonly Json[] = container['volumeMounts'] ?? [];
  const devices: readonly Json[] = container['volumeDevices'] ?? [];
  if (mounts.length > 0)
    validateMounts(errs, mounts, devices, volumes, container, path.child('volumeMounts'));
  if (devices.length > 0) validateDevices(errs, devices, mounts, volumes, path.child('volumeDevices'));
}

function validateMounts(
  errs: Errors,
  mounts: readonly Json[],
  devices: readonly Json[],
  volumes: VolumesByName,
  container: Json,
  path: FieldPath,
): void {
  const taken = new Set<string>();
  const deviceNames = new Set(devices.map((d) => d['name']));
  const devicePaths = new Set(devices.map((d) => d['devicePath']));
  for (let i = 0; i < mounts.length; i++) {
    const mount = mounts[i]!;
    const place = path.index(i);
    const name: string = mount['name'] ?? '';
    const mountPath: string = mount['mountPath'] ?? '';
    if (name === '') errs.push(required(place.child('name')));
    if (!volumes.has(name)) errs.push(notFound(place.child('name'), name));
    if (mountPath === '') errs.push(required(place.child('mountPath')));
    if (taken.has(mountPath)) errs.push(invalid(place.child('mountPath'), mountPath, 'must be unique'));
    taken.add(mountPath);
    if (deviceNames.has(name)) {
      errs.push(invalid(place.child('name'), name, 'must not already exist in volumeDevices'));
    }
    if (devicePaths.has(mountPath)) {
      errs.push(
        invalid(place.child('mountPath'), mountPath, 'must not already exist as a path in volumeDevices'),
      );
    }
    validateSubPaths(errs, mount, path, place);
    if (mount['mountPropagation'] != null) {
      validatePropagation(errs, mount['mountPropagation'], container, path.child('mountPropagation'));
    }
    if (mount['recursiveReadOnly'] != null) {
      validateRecursiveReadOnly(errs, mount, path.child('recursiveReadOnly'));
    }
  }
}

/** Upstream names the list, not the mount, for what is wrong inside of a sub-path. */
function validateSubPaths(errs: Errors, mount: Json, path: FieldPath, place: FieldPath): void {
  const { subPath, subPathExpr } = mount;
  if (!blank(subPath)) validateLocalDescendingPath(errs, subPath, path.child('subPath'));
  if (blank(subPathExpr)) return;
  if (!blank(subPath)) {
    const message = 'subPathExpr and subPath are mutually exclusive';
    errs.push(invalid(place.child('subPathExpr'), subPathExpr, message));
  }
  validateLocalDescendingPath(errs, subPathExpr, path.child('subPathExpr'));
}

const propagations = ['Bidirectional', 'HostToContainer', 'None'];

function validatePropagation(errs: Errors, mode: string, container: Json, path: FieldPath): void {
  oneOf(errs, path, mode, propagations);
  if (mode === 'Bidirectional' && container['securityContext']?.privileged !== true) {
    errs.push(forbidden(path, 'Bidirectional mount propagation is available only to privileged containers'));
  }
}

function validateRecursiveReadOnly(errs: Errors, mount: Json, path: FieldPath): void {
  const mode: string = mount['recursiveReadOnly'];
  if (mode === 'Disabled') return;
  if (!oneOf(errs, path, mode, ['Disabled', 'Enabled', 'IfPossible'])) return;
  if (!mount['readOnly']) errs.push(forbidden(path, 'may only be specified when readOnly is true'));
  if ((mount['mountPropagation'] ?? 'None') !== 'None') {
    errs.push(forbidden(path, 'may only be specified when mountPropagation is None or not specified'));
  }
}

function validateDevices(
  errs: Errors,
  devices: readonly Json[],
  mounts: readonly Json[],
  volumes: VolumesByName,
  path: FieldPath,
): void {
  const names = new Set<string>();
  const paths = new Set<string>();
  const mountNames = new Set(mounts.map((m) => m['name']));
  const mountPaths = new Set(mounts.map((m) => m['mountPath']));
  for (let i = 0; i < devices.length; i++) {
    const place = path.index(i);
    const name: string = devices[i]!['name'] ?? '';
    const device: string = devices[i]!['devicePath'] ?? '';
    const volume = volumes.get(name);
    requireText(errs, place.child('name'), name);
    if (names.has(name)) errs.push(invalid(place.child('name'), name, 'must be unique'));
    if (volume == null) errs.push(notFound(place.child('name'), name));
    else if (volume['persistentVolumeClaim'] == null && volume['ephemeral'] == null) {
      const message = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
      errs.push(invalid(place.child('name'), name, message));
    }
    requireText(errs, place.child('devicePath'), device);
    if (paths.has(device)) errs.push(invalid(place.child('devicePath'), device, 'must be unique'));
    if (hasBacksteps(device)) {
      errs.push(invalid(place.child('devicePath'), device, "can not contain backsteps ('..')"));
    } else {
      paths.add(device);
    }
    if (mountNames.has(name)) {
      errs.push(invalid(place.child('name'), name, 'must not already exist in volumeMounts'));
    }
    if (mountPaths.has(device)) {
      const message = 'must not already exist as a path in volumeMounts';
      errs.push(invalid(place.child('devicePath'), device, message));
    }
    if (name !== '') names.add(name);
  }
}
