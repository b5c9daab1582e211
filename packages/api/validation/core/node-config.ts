import { type FieldPath, forbidden, invalid, isConfigMapKey, required } from '@coxswain/machinery';
import { dnsLabelName, dnsSubdomainName } from '../names.ts';
import { addInvalid, type Errors, type Json, requireText } from '../values.ts';

/** Whether the version of what configures a node may be said, or must be. */
type VersionRule = (errs: Errors, path: FieldPath, member: string, value: string) => void;

/** In the spec it follows from the object that is named. */
export const wantedInSpec: VersionRule = (errs, path, member, value) => {
  if (value !== '') errs.push(forbidden(path, `${member} must not be set in spec`));
};

/** In the status it says what was used. */
export const wantedInStatus: VersionRule = (errs, path, member, value) => {
  if (value === '') errs.push(required(path, `${member} must be set in status`));
};

/** The source of a node's configuration, which nothing reads any more. */
export function validateConfigSource(
  errs: Errors,
  source: Json | undefined,
  path: FieldPath,
  version: VersionRule,
): void {
  if (source == null) return;
  const map: Json | undefined = source['configMap'];
  if (map == null) {
    errs.push(invalid(path, { ConfigMap: null }, 'exactly one reference subfield must be non-nil'));
    return;
  }
  const place = path.child('configMap');
  for (const member of ['uid', 'resourceVersion']) {
    version(errs, place.child(member), member, map[member] ?? '');
  }
  const check = (member: string, messagesOf: (value: string) => readonly string[]): void => {
    const value: string | undefined = map[member];
    if (!requireText(errs, place.child(member), value, `${member} must be set`)) return;
    addInvalid(errs, place.child(member), value, messagesOf(value!));
  };
  check('namespace', (value) => dnsLabelName(value, false));
  check('name', (value) => dnsSubdomainName(value, false));
  check('kubeletConfigKey', isConfigMapKey);
}
