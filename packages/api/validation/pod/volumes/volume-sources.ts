import { type FieldPath, forbidden, invalid, notSupported, required } from '@coxswain/machinery';
import { validateDNS1123Label } from '../../formats.ts';
import { type Errors, type Json, keysOf, oneOf, rangeMessage, requireText, sizeOf } from '../../values.ts';
import { validateLocalDescendingPath, validateNoBacksteps } from '../paths.ts';

/** The sources that pods and persistent volumes share; one small validator each. */

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

export function validateHostPath(errs: Errors, source: Json, path: FieldPath): void {
  if (!requireText(errs, path.child('path'), source['path'])) return;
  validateNoBacksteps(errs, source['path'], path.child('path'));
  if (source['type'] != null) oneOf(errs, path.child('type'), source['type'], hostPathTypes);
}

export function validateGitRepo(errs: Errors, source: Json, path: FieldPath): void {
  requireText(errs, path.child('repository'), source['repository']);
  validateLocalDescendingPath(errs, source['directory'] ?? '', path.child('directory'));
}

function validatePartitioned(name: string) {
  return (errs: Errors, source: Json, path: FieldPath): void => {
    requireText(errs, path.child(name), source[name]);
    const partition: number = source['partition'] ?? 0;
    if (partition < 0 || partition > 255) {
      errs.push(invalid(path.child('partition'), partition, rangeMessage(1, 255)));
    }
  };
}

export const validateGCEPersistentDisk = validatePartitioned('pdName');
export const validateAWSElasticBlockStore = validatePartitioned('volumeID');

export function validateNFS(errs: Errors, source: Json, path: FieldPath): void {
  requireText(errs, path.child('server'), source['server']);
  requireText(errs, path.child('path'), source['path']);
  const place: string = source['path'] ?? '';
  if (!place.startsWith('/')) errs.push(invalid(path.child('path'), place, 'must be an absolute path'));
}

const iqnFormat = /iqn\.\d{4}-\d{2}\.([A-Za-z0-9\-.]+)(:[^,;*&$|\s]+)$/;
const euiFormat = /^eui.[A-Za-z0-9]{16}$/;
const naaFormat = /^naa.[A-Za-z0-9]{32}$/;

function validateInitiator(errs: Errors, name: string, path: FieldPath, unknownPrefix: string): void {
  const format = name.startsWith('iqn')
    ? iqnFormat
    : name.startsWith('eui')
      ? euiFormat
      : name.startsWith('naa')
        ? naaFormat
        : undefined;
  if (format == null) errs.push(invalid(path, name, unknownPrefix));
  else if (!format.test(name)) errs.push(invalid(path, name, 'must be valid format'));
}

/** iSCSI in a pod; persistent volumes have other texts and require the secret's name. */
export function validateISCSI(errs: Errors, source: Json, path: FieldPath, persistent = false): void {
  const unknownPrefix = persistent
    ? 'must be valid format'
    : 'must be valid format starting with iqn, eui, or naa';
  requireText(errs, path.child('targetPortal'), source['targetPortal']);
  if (requireText(errs, path.child('iqn'), source['iqn'])) {
    validateInitiator(errs, source['iqn'], path.child('iqn'), unknownPrefix);
  }
  const lun: number = source['lun'] ?? 0;
  if (lun < 0 || lun > 255) errs.push(invalid(path.child('lun'), lun, rangeMessage(0, 255)));
  if ((source['chapAuthDiscovery'] || source['chapAuthSession']) && source['secretRef'] == null) {
    errs.push(required(path.child('secretRef')));
  }
  if (persistent && source['secretRef'] != null) {
    requireText(errs, path.child('secretRef', 'name'), source['secretRef'].name);
  }
  if (source['initiatorName'] != null) {
    validateInitiator(errs, source['initiatorName'], path.child('initiatorname'), unknownPrefix);
  }
}

export function validateFC(errs: Errors, source: Json, path: FieldPath): void {
  const { targetWWNs, wwids, lun } = source;
  if (sizeOf(targetWWNs) < 1 && sizeOf(wwids) < 1) {
    errs.push(required(path.child('targetWWNs'), 'must specify either targetWWNs or wwids, but not both'));
  }
  if (sizeOf(targetWWNs) === 0) return;
  if (sizeOf(wwids) !== 0) {
    errs.push(
      invalid(
        path.child('targetWWNs'),
        targetWWNs,
        'targetWWNs and wwids can not be specified simultaneously',
      ),
    );
  }
  if (lun == null) {
    errs.push(required(path.child('lun'), 'lun is required if targetWWNs is specified'));
  } else if (lun < 0 || lun > 255) {
    errs.push(invalid(path.child('lun'), lun, rangeMessage(0, 255)));
  }
}

const hostPort = /^(\[[^[\]]*\]|[^:[\]]*):[^:]*$/;

export function validateQuobyte(errs: Errors, source: Json, path: FieldPath): void {
  const pair = 'must be a host:port pair or multiple pairs separated by commas';
  const registry: string = source['registry'] ?? '';
  if (registry === '') errs.push(required(path.child('registry'), pair));
  else if ((source['tenant'] ?? '').length >= 65) {
    errs.push(required(path.child('tenant'), 'must be a UUID and may not exceed a length of 64 characters'));
  } else {
    for (const one of registry.split(',')) {
      if (!hostPort.test(one)) errs.push(invalid(path.child('registry'), registry, pair));
    }
  }
  requireText(errs, path.child('volume'), source['volume']);
}

export function validateFlocker(errs: Errors, source: Json, path: FieldPath): void {
  const name: string = source['datasetName'] ?? '';
  const uuid: string = source['datasetUUID'] ?? '';
  if (name === '' && uuid === '') {
    errs.push(required(path, 'one of datasetName and datasetUUID is required'));
  }
  if (name !== '' && uuid !== '') {
    errs.push(invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'));
  }
  if (name.includes('/')) errs.push(invalid(path.child('datasetName'), name, "must not contain '/'"));
}

/** Sources of which upstream only wants some texts to be there. */
function requireTexts(...names: string[]) {
  return (errs: Errors, source: Json, path: FieldPath): void => {
    for (const name of names) requireText(errs, path.child(name), source[name]);
  };
}

export const validateGlusterfs = requireTexts('endpoints', 'path');
export const validatePersistentClaim = requireTexts('claimName');
export const validateVsphereVolume = requireTexts('volumePath');
export const validatePhotonPersistentDisk = requireTexts('pdID');
export const validatePortworxVolume = requireTexts('volumeID');
export const validateAzureFile = requireTexts('secretName', 'shareName');
export const validateScaleIO = requireTexts('gateway', 'system', 'volumeName');

export function validateRBD(errs: Errors, source: Json, path: FieldPath): void {
  if (sizeOf(source['monitors']) === 0) errs.push(required(path.child('monitors')));
  requireText(errs, path.child('image'), source['image']);
}

export function validateCephFS(errs: Errors, source: Json, path: FieldPath): void {
  if (sizeOf(source['monitors']) === 0) errs.push(required(path.child('monitors')));
}

/** A reference to a secret, by name in pods, by name and namespace in persistent volumes. */
function validateSecretRef(errs: Errors, ref: Json | undefined, path: FieldPath, persistent: boolean): void {
  if (ref == null) return;
  requireText(errs, path.child('secretRef', 'name'), ref['name']);
  if (persistent) requireText(errs, path.child('secretRef', 'namespace'), ref['namespace']);
}

export function validateCinder(errs: Errors, source: Json, path: FieldPath, persistent = false): void {
  requireText(errs, path.child('volumeID'), source['volumeID']);
  validateSecretRef(errs, source['secretRef'], path, persistent);
}

export function validateFlexVolume(errs: Errors, source: Json, path: FieldPath): void {
  requireText(errs, path.child('driver'), source['driver']);
  for (const key of keysOf(source['options'])) {
    const slash = key.indexOf('/');
    const normalized = `.${(slash < 0 ? key : key.slice(0, slash)).toLowerCase()}`;
    if (normalized.endsWith('.kubernetes.io') || normalized.endsWith('.k8s.io')) {
      const message = 'kubernetes.io and k8s.io namespaces are reserved';
      errs.push(invalid(path.child('options').key(key), key, message));
    }
  }
}

export function validateAzureDisk(errs: Errors, source: Json, path: FieldPath): void {
  requireText(errs, path.child('diskName'), source['diskName']);
  requireText(errs, path.child('diskURI'), source['diskURI']);
  const { cachingMode, kind } = source;
  const uri: string = source['diskURI'] ?? '';
  if (cachingMode != null) {
    oneOf(errs, path.child('cachingMode'), cachingMode, ['None', 'ReadOnly', 'ReadWrite']);
  }
  if (kind == null) return;
  oneOf(errs, path.child('kind'), kind, ['Dedicated', 'Managed', 'Shared']);
  if (kind === 'Managed' && !uri.startsWith('/subscriptions/')) {
    const form =
      '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
    errs.push(notSupported(path.child('diskURI'), uri, [form]));
  }
  if (kind !== 'Managed' && !uri.startsWith('https://')) {
    const form = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';
    errs.push(notSupported(path.child('diskURI'), uri, [form]));
  }
}

export function validateStorageOS(errs: Errors, source: Json, path: FieldPath, persistent = false): void {
  if (requireText(errs, path.child('volumeName'), source['volumeName'])) {
    validateDNS1123Label(errs, source['volumeName'], path.child('volumeName'));
  }
  if ((source['volumeNamespace'] ?? '') !== '') {
    validateDNS1123Label(errs, source['volumeNamespace'], path.child('volumeNamespace'));
  }
  validateSecretRef(errs, source['secretRef'], path, persistent);
}

/** One source of a table of sources: its member, the path upstream names it by, its check. */
export interface SourceRule {
  readonly member: string;
  /** Where the error about a second source points. */
  readonly shown: string;
  /** Where the errors inside point; upstream is not always consistent. */
  readonly inside: string;
  readonly check: (errs: Errors, source: Json, path: FieldPath) => void;
  /** Checked, and no mistake, also where there is another source. */
  readonly always?: boolean;
}

export function sourceRule(
  member: string,
  check: SourceRule['check'],
  shown = member,
  inside = member,
): SourceRule {
  return { member, check, shown, inside };
}

/** Exactly one source of the table may be set; returns how many were. */
export function validateSources(
  errs: Errors,
  holder: Json,
  rules: readonly SourceRule[],
  path: FieldPath,
): number {
  let count = 0;
  for (const rule of rules) {
    const source = holder[rule.member];
    if (source == null) continue;
    if (count > 0 && !rule.always) {
      errs.push(forbidden(path.child(rule.shown), 'may not specify more than 1 volume type'));
    } else rule.check(errs, source, path.child(rule.inside));
    count++;
  }
  return count;
}
