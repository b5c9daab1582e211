import { type FieldPath, invalid, isConfigMapKey, isRelaxedEnvVarName, notFound } from '@coxswain/machinery';
import { validateDNS1123Label } from '../../formats.ts';
import { dnsSubdomainName } from '../../names.ts';
import { addInvalid, blank, type Errors, type Json, requireText, sizeOf } from '../../values.ts';
import { validateNoBacksteps } from '../paths.ts';
import { validateFieldRef, validateResourceFieldRef } from '../volumes/downward-api.ts';
import { visitContainers } from './visit-containers.ts';

/** Environment variables. */
export function validateEnv(errs: Errors, vars: readonly Json[] | undefined, path: FieldPath): void {
  if (vars == null) return;
  for (let i = 0; i < vars.length; i++) {
    const variable = vars[i]!;
    const place = path.index(i);
    const name: string | undefined = variable['name'];
    if (requireText(errs, place.child('name'), name)) {
      addInvalid(errs, place.child('name'), name, isRelaxedEnvVarName(name!));
    }
    if (variable['valueFrom'] != null) validateValueFrom(errs, variable, place.child('valueFrom'));
  }
}

function validateValueFrom(errs: Errors, variable: Json, path: FieldPath): void {
  const from: Json = variable['valueFrom'];
  if (from['fieldRef'] != null) validateFieldRef(errs, from['fieldRef'], path.child('fieldRef'), 'env');
  if (from['resourceFieldRef'] != null) {
    validateResourceFieldRef(errs, from['resourceFieldRef'], path.child('resourceFieldRef'), 'env');
  }
  for (const member of ['configMapKeyRef', 'secretKeyRef']) {
    if (from[member] != null) validateKeySelector(errs, from[member], path.child(member));
  }
  if (from['fileKeyRef'] != null) {
    validateFileKeySelector(errs, from['fileKeyRef'], path.child('fileKeyRef'));
  }
  const count = sizeOf(from);
  if (count === 0) {
    const message =
      'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    errs.push(invalid(path, '', message));
  } else if (!blank(variable['value'])) {
    errs.push(invalid(path, '', 'may not be specified when `value` is not empty'));
  } else if (count > 1) {
    errs.push(invalid(path, '', 'may not have more than one field specified at a time'));
  }
}

function validateKeySelector(errs: Errors, selector: Json, path: FieldPath): void {
  const name: string = selector['name'] ?? '';
  addInvalid(errs, path.child('name'), name, dnsSubdomainName(name, false));
  const key: string | undefined = selector['key'];
  if (requireText(errs, path.child('key'), key))
    addInvalid(errs, path.child('key'), key, isConfigMapKey(key!));
}

function validateFileKeySelector(errs: Errors, selector: Json, path: FieldPath): void {
  const { volumeName, path: file, key } = selector;
  if (requireText(errs, path.child('key'), key)) {
    addInvalid(errs, path.child('key'), key, isRelaxedEnvVarName(key));
  }
  if (requireText(errs, path.child('volumeName'), volumeName)) {
    validateDNS1123Label(errs, volumeName, path.child('volumeName'));
  }
  if (requireText(errs, path.child('path'), file)) validateNoBacksteps(errs, file, path.child('path'));
}

/** The files that variables come from are made in the pod itself: by an init container, in an empty directory. */
export function validateFileVolumes(errs: Errors, spec: Json, path: FieldPath): void {
  visitContainers(spec, path, (container, place) => {
    const variables: readonly Json[] = container['env'] ?? [];
    variables.forEach(({ valueFrom }, i) => {
      if (valueFrom?.fileKeyRef == null) return;
      const name: string = valueFrom.fileKeyRef.volumeName ?? '';
      const volumes: readonly Json[] = spec['volumes'] ?? [];
      // of volumes of one name the last counts
      const volume = volumes.findLast((v) => (v['name'] ?? '') === name);
      const at = place.child('env').index(i).child('valueFrom').child('fileKeyRef').child('volumeName');
      if (volume === undefined) errs.push(notFound(at, name));
      else if (volume['emptyDir'] == null) {
        errs.push(invalid(at, name, 'referenced volume must be of type emptyDir'));
      }
    });
  });
}

/** Sources of whole environments. */
export function validateEnvFrom(errs: Errors, sources: readonly Json[] | undefined, path: FieldPath): void {
  if (sources == null) return;
  for (let i = 0; i < sources.length; i++) {
    const source = sources[i]!;
    const place = path.index(i);
    const prefix: string | undefined = source['prefix'];
    if (!blank(prefix)) addInvalid(errs, place.child('prefix'), prefix, isRelaxedEnvVarName(prefix!));
    let count = 0;
    for (const member of ['configMapRef', 'secretRef']) {
      const ref: Json | undefined = source[member];
      if (ref == null) continue;
      count++;
      const namePath = place.child(member).child('name');
      if (requireText(errs, namePath, ref['name'])) {
        addInvalid(errs, namePath, ref['name'], dnsSubdomainName(ref['name'], true));
      }
    }
    if (count === 0) errs.push(invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
    else if (count > 1) errs.push(invalid(path, '', 'may not have more than one field specified at a time'));
  }
}
