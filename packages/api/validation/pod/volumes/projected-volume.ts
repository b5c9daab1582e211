import { type FieldPath, forbidden, invalid, required } from '@coxswain/machinery';
import { type Errors, fileMode, type Json, requireText } from '../../values.ts';
import { validateLocalNonReservedPath } from '../paths.ts';
import { validateDownwardAPIFile } from './downward-api.ts';

/** A key of a config map or secret and the file it becomes. */
function validateKeyToPath(errs: Errors, item: Json, path: FieldPath): void {
  requireText(errs, path.child('key'), item['key']);
  requireText(errs, path.child('path'), item['path']);
  validateLocalNonReservedPath(errs, item['path'] ?? '', path.child('path'));
  fileMode(errs, path.child('mode'), item['mode']);
}

/** The keyed sources: secret and config map volumes differ in the member that names the object. */
export function validateKeyedVolume(nameField: string) {
  return (errs: Errors, source: Json, path: FieldPath): void => {
    requireText(errs, path.child(nameField), source[nameField]);
    fileMode(errs, path.child('defaultMode'), source['defaultMode']);
    const items: Json[] = source['items'] ?? [];
    items.forEach((item, i) => {
      validateKeyToPath(errs, item, path.child('items').index(i));
    });
  };
}

/** A projected volume: several sources, whose files may not collide. */
export function validateProjected(errs: Errors, projected: Json, path: FieldPath): void {
  validateSources(errs, projected, path, false);
}

/** The same for volumes of old, whose tokens could lie anywhere. */
export function validateProjectedLeniently(errs: Errors, projected: Json, path: FieldPath): void {
  validateSources(errs, projected, path, true);
}

function validateSources(errs: Errors, projected: Json, path: FieldPath, anyTokenPath: boolean): void {
  fileMode(errs, path.child('defaultMode'), projected['defaultMode']);
  const taken = new Set<string>();
  const sources: Json[] = projected['sources'] ?? [];
  sources.forEach((source, i) => {
    validateSource(errs, source, path, path.child('sources').index(i), taken, anyTokenPath);
  });
}

function validateSource(
  errs: Errors,
  source: Json,
  path: FieldPath,
  place: FieldPath,
  taken: Set<string>,
  anyTokenPath: boolean,
): void {
  let count = 0;
  const claim = (file: string | undefined, shown: string): void => {
    if (file == null || file === '') return;
    if (taken.has(file)) errs.push(invalid(path, shown, 'conflicting duplicate paths'));
    taken.add(file);
  };
  for (const member of ['secret', 'configMap']) {
    const keyed: Json | undefined = source[member];
    if (keyed == null) continue;
    count++;
    requireText(errs, place.child(member).child('name'), keyed['name']);
    const items: Json[] = keyed['items'] ?? [];
    items.forEach((item, i) => {
      validateKeyToPath(errs, item, place.child(member).child('items').index(i));
      claim(item['path'], keyed['name'] ?? '');
    });
  }
  if (source['downwardAPI'] != null) {
    count++;
    for (const file of source['downwardAPI'].items ?? []) {
      validateDownwardAPIFile(errs, file, place.child('downwardAPI'));
      claim(file.path, file.path);
    }
  }
  if (source['serviceAccountToken'] != null) {
    count++;
    validateToken(
      errs,
      source['serviceAccountToken'],
      path,
      place.child('serviceAccountToken'),
      anyTokenPath,
    );
  }
  if (count > 1) errs.push(forbidden(place, 'may not specify more than 1 volume type per source'));
}

function validateToken(errs: Errors, token: Json, path: FieldPath, place: FieldPath, anyPath: boolean): void {
  const seconds: number = token['expirationSeconds'] ?? 0;
  if (seconds < 600) {
    const message = 'may not specify a duration less than 10 minutes';
    errs.push(invalid(place.child('expirationSeconds'), seconds, message));
  }
  if (seconds > 2 ** 32) {
    const message = 'may not specify a duration larger than 2^32 seconds';
    errs.push(invalid(place.child('expirationSeconds'), seconds, message));
  }
  if ((token['path'] ?? '') === '') errs.push(required(path.child('path')));
  else if (!anyPath) validateLocalNonReservedPath(errs, token['path'], path.child('path'));
}
