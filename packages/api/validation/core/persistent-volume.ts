import { posix } from 'node:path';
import { FieldPath, forbidden, invalid, notSupported, required } from '@coxswain/machinery';
import { goEqual } from '../../go-equal.ts';
import { validateAccessModes, validateClassName, volumeModes } from '../claim-spec.ts';
import { validateCSIDriverName } from '../csi.ts';
import { validateDNS1123Label, validateDNS1123Subdomain } from '../formats.ts';
import { goDiff } from '../go-diff.ts';
import { goStruct } from '../go-print.ts';
import { immutable, semanticEqual } from '../immutable.ts';
import { dnsLabelName } from '../names.ts';
import { validateNoBacksteps } from '../pod/paths.ts';
import { stableLabels } from '../pod/scheduling/node-label-warnings.ts';
import { validateNodeSelector } from '../pod/scheduling/node-selector.ts';
import * as sources from '../pod/volumes/volume-sources.ts';
import { type SourceRule, sourceRule, validateSources } from '../pod/volumes/volume-sources.ts';
import { validateBasicQuantity, validatePositiveQuantity } from '../resource-names.ts';
import {
  addInvalid,
  blank,
  type Errors,
  type Json,
  keysOf,
  oneOf,
  requireText,
  sizeOf,
  sortedMap,
  specPath,
} from '../values.ts';

const rules: readonly SourceRule[] = [
  sourceRule('hostPath', sources.validateHostPath),
  sourceRule('gcePersistentDisk', sources.validateGCEPersistentDisk, 'gcePersistentDisk', 'persistentDisk'),
  sourceRule('awsElasticBlockStore', sources.validateAWSElasticBlockStore),
  sourceRule('glusterfs', validateGlusterfs),
  sourceRule('flocker', sources.validateFlocker),
  sourceRule('nfs', sources.validateNFS),
  sourceRule('rbd', sources.validateRBD),
  sourceRule('quobyte', sources.validateQuobyte),
  sourceRule('cephfs', sources.validateCephFS, 'cephFS'),
  sourceRule('iscsi', (errs, source, path) => sources.validateISCSI(errs, source, path, true)),
  sourceRule('cinder', (errs, source, path) => sources.validateCinder(errs, source, path, true)),
  sourceRule('fc', sources.validateFC),
  // upstream does not count it against the others
  { ...sourceRule('flexVolume', sources.validateFlexVolume), always: true },
  sourceRule('azureFile', validateAzureFile),
  sourceRule('vsphereVolume', sources.validateVsphereVolume),
  sourceRule('photonPersistentDisk', sources.validatePhotonPersistentDisk),
  sourceRule('portworxVolume', sources.validatePortworxVolume),
  sourceRule('azureDisk', sources.validateAzureDisk),
  sourceRule('scaleIO', sources.validateScaleIO),
  sourceRule('local', validateLocal),
  sourceRule('storageos', (errs, source, path) => sources.validateStorageOS(errs, source, path, true)),
  sourceRule('csi', validateCSI),
];
const sourceMembers = rules.map((rule) => rule.member);
const volumeSpec = 'io.k8s.api.core.v1.PersistentVolumeSpec';
const reclaimPolicy = 'persistentVolumeReclaimPolicy';
const reclaimPolicies = ['Delete', 'Recycle', 'Retain'];

/** ValidatePersistentVolume without the metadata. */
export function validatePersistentVolume(errs: Errors, volume: Json): void {
  const spec: Json = volume['spec'];
  validateAccessModes(errs, spec['accessModes'], specPath.child('accessModes'));
  validateCapacity(errs, spec['capacity'], specPath.child('capacity'));
  const policy: string = spec['persistentVolumeReclaimPolicy'] ?? '';
  if (policy !== '') oneOf(errs, specPath.child(reclaimPolicy), policy, reclaimPolicies);
  validateNodeAffinity(errs, spec['nodeAffinity']);
  validateSource(errs, spec, specPath);
  validateClassName(errs, spec['storageClassName'], specPath.child('storageClassName'));
  if (spec['volumeMode'] != null) {
    oneOf(errs, specPath.child('volumeMode'), spec['volumeMode'], volumeModes);
  }
  const attributes: string | undefined = spec['volumeAttributesClassName'];
  if (attributes == null) return;
  const attributesPath = specPath.child('volumeAttributesClassName');
  if (attributes === '') errs.push(required(attributesPath, 'an empty string is disallowed'));
  else validateClassName(errs, attributes, attributesPath);
  if (spec['csi'] == null) {
    errs.push(required(specPath.child('csi'), 'has to be specified when using volumeAttributesClassName'));
  }
}

/** Where the data lies: in one place, and for a local volume on known nodes. */
function validateSource(errs: Errors, spec: Json, path: FieldPath): void {
  if (validateSources(errs, spec, rules, path) === 0) {
    errs.push(required(path, 'must specify a volume type'));
  }
  if (spec['local'] != null && spec['nodeAffinity'] == null) {
    errs.push(required(path.child('nodeAffinity'), 'Local volume requires node affinity'));
  }
  if (spec[reclaimPolicy] === 'Recycle' && isRoot(spec['hostPath']?.path ?? '')) {
    errs.push(forbidden(path.child(reclaimPolicy), "may not be 'recycle' for a hostPath mount of '/'"));
  }
}

/** Whether a path, cleaned of `.`, `..` and slashes too many, is that of the root. */
function isRoot(path: string): boolean {
  return path.startsWith('/') && posix.normalize(path) === '/';
}

const inline = 'in the context of inline volumes';

/** ValidatePersistentVolumeSpec of a volume that an attachment describes itself. */
export function validateInlineVolume(errs: Errors, spec: Json, path: FieldPath): void {
  const forbid = (member: string, is: boolean, detail = 'may not be specified'): void => {
    if (is) errs.push(forbidden(path.child(member), `${detail} ${inline}`));
  };
  forbid('claimRef', spec['claimRef'] != null);
  forbid('capacity', sizeOf(spec['capacity']) > 0);
  if (spec['csi'] == null) errs.push(required(path.child('csi'), `has to be specified ${inline}`));
  validateAccessModes(errs, spec['accessModes'], path.child('accessModes'));
  const policy: string = spec[reclaimPolicy] ?? '';
  forbid(reclaimPolicy, policy !== '' && policy !== 'Retain', 'may only be Retain');
  forbid('nodeAffinity', spec['nodeAffinity'] != null);
  validateSource(errs, spec, path);
  forbid('storageClassName', !blank(spec['storageClassName']));
  const mode: string | undefined = spec['volumeMode'];
  forbid(
    'volumeMode',
    mode != null && mode !== 'Filesystem',
    'may not specify volumeMode other than Filesystem',
  );
}

function validateCapacity(errs: Errors, capacity: Json | undefined, path: FieldPath): void {
  if (sizeOf(capacity) === 0) errs.push(required(path));
  if (capacity?.['storage'] == null || sizeOf(capacity) > 1) {
    errs.push(notSupported(path, sortedMap(capacity) ?? {}, ['storage']));
  }
  for (const name of keysOf(capacity)) {
    validateBasicQuantity(errs, capacity![name], path.key(name));
    validatePositiveQuantity(errs, capacity![name], path.key(name));
  }
}

function validateNodeAffinity(errs: Errors, affinity: Json | undefined): void {
  if (affinity == null) return;
  const path = specPath.child('nodeAffinity').child('required');
  if (affinity['required'] == null) errs.push(required(path, 'must specify required node constraints'));
  else validateNodeSelector(errs, affinity['required'], path);
}

function validateGlusterfs(errs: Errors, source: Json, path: FieldPath): void {
  sources.validateGlusterfs(errs, source, path);
  const namespace: string | undefined = source['endpointsNamespace'];
  if (namespace == null) return;
  const place = path.child('endpointsNamespace');
  if (namespace === '') {
    const message = 'if the endpointnamespace is set, it must be a valid namespace name';
    errs.push(invalid(place, namespace, message));
  } else {
    addInvalid(errs, place, namespace, dnsLabelName(namespace, false));
  }
}

function validateAzureFile(errs: Errors, source: Json, path: FieldPath): void {
  sources.validateAzureFile(errs, source, path);
  if (source['secretNamespace'] === '') errs.push(required(path.child('secretNamespace')));
}

function validateLocal(errs: Errors, source: Json, path: FieldPath): void {
  if (!requireText(errs, path.child('path'), source['path'])) return;
  validateNoBacksteps(errs, source['path'], path.child('path'));
}

const secretRefs = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
];

function validateCSI(errs: Errors, source: Json, path: FieldPath): void {
  validateCSIDriverName(errs, source['driver'], path.child('driver'));
  requireText(errs, path.child('volumeHandle'), source['volumeHandle']);
  for (const member of secretRefs) {
    const ref: Json | undefined = source[member];
    if (ref == null) continue;
    const place = path.child(member);
    if (requireText(errs, place.child('name'), ref['name'])) {
      validateDNS1123Subdomain(errs, ref['name'], place.child('name'));
    }
    if (requireText(errs, place.child('namespace'), ref['namespace'])) {
      validateDNS1123Label(errs, ref['namespace'], place.child('namespace'));
    }
  }
}

function sourceOf(spec: Json): Json {
  const out: Json = {};
  for (const member of sourceMembers) if (spec[member] != null) out[member] = spec[member];
  return out;
}

/** ValidatePersistentVolumeUpdate: where the data lies stays. */
export function validatePersistentVolumeUpdate(errs: Errors, volume: Json, old: Json): void {
  const spec: Json = volume['spec'];
  const before: Json = old['spec'];
  validatePersistentVolume(errs, volume);
  const source = sourceOf(spec);
  const oldSource = sourceOf(before);
  if (before['csi'] != null && before['csi'].controllerExpandSecretRef == null && source['csi'] != null) {
    const { controllerExpandSecretRef: _, ...rest } = source['csi'];
    source['csi'] = rest;
  }
  if (!goEqual(source, oldSource, volumeSpec)) {
    const message = 'spec.persistentvolumesource is immutable after creation';
    const difference = goDiff(oldSource, source, volumeSpec, 'PersistentVolumeSource');
    errs.push(forbidden(specPath.child('persistentvolumesource'), `${message}\n${difference}`));
  }
  immutable(errs, FieldPath.root('volumeMode'), spec['volumeMode'], before['volumeMode']);
  if (before['nodeAffinity'] != null && !isSameAffinity(spec['nodeAffinity'], before['nodeAffinity'])) {
    const message = 'field is immutable, except for updating from beta label to GA';
    const shown = goStruct(spec['nodeAffinity'], 'io.k8s.api.core.v1.VolumeNodeAffinity') ?? 'null';
    errs.push(invalid(FieldPath.root('nodeAffinity'), shown, message));
  }
  if (before['volumeAttributesClassName'] != null && spec['volumeAttributesClassName'] == null) {
    const message = 'update from non-nil value to nil is forbidden';
    errs.push(forbidden(specPath.child('volumeAttributesClassName'), message));
  }
}

/** Whether the affinity stays but for labels that have lost their beta. */
function isSameAffinity(now: Json | undefined, before: Json): boolean {
  if (semanticEqual(now, before)) return true;
  const upgraded = structuredClone(before);
  const terms: readonly Json[] = upgraded['required']?.nodeSelectorTerms ?? [];
  terms.forEach((term, i) => {
    for (const member of ['matchExpressions', 'matchFields']) {
      const list: readonly Json[] = term[member] ?? [];
      const newer: readonly Json[] = now?.['required']?.nodeSelectorTerms?.[i]?.[member] ?? [];
      list.forEach((requirement, j) => {
        const key: string = requirement['key'];
        if (stableLabels[key] !== undefined && stableLabels[key] === newer[j]?.['key']) {
          requirement['key'] = stableLabels[key];
        }
      });
    }
  });
  return semanticEqual(now, upgraded);
}
