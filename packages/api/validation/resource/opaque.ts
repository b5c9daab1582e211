import { type FieldPath, invalid, required, tooLong, writeJson } from '@coxswain/machinery';
import { validateCSIDriverName } from '../csi.ts';
import { byteLength, type Errors, type Json } from '../values.ts';
import * as limits from './limits.ts';

/** The configuration of a driver: its parameters are any object, of bounded size when they are new. */
export function validateDeviceConfiguration(
  errs: Errors,
  config: Json,
  path: FieldPath,
  stored: boolean,
): void {
  const opaque: Json | undefined = config['opaque'];
  const place = path.child('opaque');
  if (opaque == null) {
    errs.push(required(place));
    return;
  }
  validateCSIDriverName(errs, opaque['driver'], place.child('driver'));
  validateRawObject(
    errs,
    opaque['parameters'],
    place.child('parameters'),
    stored,
    limits.opaqueParametersLength,
  );
}

/** Any JSON object, which must be there. */
export function validateRawObject(
  errs: Errors,
  value: unknown,
  path: FieldPath,
  stored: boolean,
  longest: number,
): void {
  if (value == null) errs.push(required(path));
  else if (!stored && byteLength(writeJson(value)) > longest) errs.push(tooLong(path, longest));
  else if (typeof value !== 'object' || Array.isArray(value)) {
    errs.push(invalid(path, '<value omitted>', 'must be a valid JSON object'));
  }
}
