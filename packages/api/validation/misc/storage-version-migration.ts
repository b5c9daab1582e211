import { invalid, required } from '@coxswain/machinery';
import { immutable } from '../immutable.ts';
import { blank, type Errors, immutableMessage, type Json, specPath, statusPath } from '../values.ts';

const resourcePath = specPath.child('resource');

/** ValidateStorageVersionMigration without the metadata. */
export function validateStorageVersionMigration(errs: Errors, migration: Json): void {
  if (!blank(migration['spec']?.resource?.resource)) return;
  errs.push(required(resourcePath.child('resource'), 'resource is required'));
}

/** ValidateStorageVersionMigrationUpdate: what is migrated stays. */
export function validateStorageVersionMigrationUpdate(errs: Errors, migration: Json, old: Json): void {
  validateStorageVersionMigration(errs, migration);
  immutable(errs, resourcePath, migration['spec']?.resource, old['spec']?.resource);
}

/** ValidateStorageVersionMigrationStatusUpdate: it runs, and then it has succeeded or failed, for good. */
export function validateStorageVersionMigrationStatus(errs: Errors, migration: Json, old: Json): void {
  const version: string = migration['status']?.resourceVersion ?? '';
  const before: string = old['status']?.resourceVersion ?? '';
  const versionPath = statusPath.child('resourceVersion');
  if (version !== '' && !/^\d+$/.test(version)) {
    errs.push(invalid(versionPath, version, 'resource version must be a valid integer'));
  }
  if (before !== '' && before !== version) errs.push(invalid(versionPath, version, immutableMessage));
  const conditions: readonly Json[] = migration['status']?.conditions ?? [];
  const wrong = (message: string): void => {
    errs.push(invalid(statusPath.child('conditions'), conditions, message));
  };
  const now = (type: string): boolean => isTrue(conditions, type);
  const was = (type: string): boolean => isTrue(old['status']?.conditions ?? [], type);
  if (now('Succeeded') && now('Failed')) {
    wrong('Both success and failed conditions cannot be true at the same time');
  }
  if (now('Running') && now('Succeeded')) {
    wrong('Running condition cannot be true when success condition is true');
  }
  if (now('Running') && now('Failed'))
    wrong('Running condition cannot be true when failed condition is true');
  if (was('Succeeded') && !now('Succeeded')) {
    wrong('Success condition cannot be set to false once it is true');
  }
  if (was('Failed') && !now('Failed')) wrong('Failed condition cannot be set to false once it is true');
}

function isTrue(conditions: readonly Json[], type: string): boolean {
  return conditions.some((condition) => condition['type'] === type && condition['status'] === 'True');
}
