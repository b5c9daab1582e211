import { deepEqual, FieldPath, forbidden, invalid, notSupported, required } from '@coxswain/machinery';
import { validateAccessModes, validateClassName, volumeModes } from '../claim-spec.ts';
import { validateCSIDriverName } from '../csi.ts';
import { validateDNS1123Label, validateDNS1123Subdomain } from '../formats.ts';
import { goStruct } from '../go-print.ts';
import { immutable, semanticEqual } from '../immutable.ts';
import { dnsLabelName } from '../names.ts';
import { validateNodeSelector } from '../pod/node-selector.ts';
import { validateNoBacksteps } from '../pod/paths.ts';
import * as sources from '../pod/volume-sources.ts';
import { type SourceRule, sourceRule, validateSources } from '../pod/volume-sources.ts';
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
  sourceRule('flexVolume', sources.validateFlexVolume),
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
const reclaimPolicies = ['Delete', 'Recycle', 'Retain'];

/** ValidatePersistentVolumeSpec. */
export function validatePersistentVolume(errs: Errors, volume: Json): void {
  const spec: Json = volume['spec'];
  validateAccessModes(errs, spec['accessModes'], specPath.child('accessModes'));
  validateCapacity(errs, spec['capacity']);
  const policy: string = spec['persistentVolumeReclaimPolicy'] ?? '';
  const policyPath = specPath.child('persistentVolumeReclaimPolicy');
  if (policy !== '') oneOf(errs, policyPath, policy, reclaimPolicies);
  validateNodeAffinity(errs, spec['nodeAffinity']);
  if (validateSources(errs, spec, rules, specPath) === 0) {
    errs.push(required(specPath, 'must specify a volume type'));
  }
  if (spec['local'] != null && spec['nodeAffinity'] == null) {
    errs.push(required(specPath.child('nodeAffinity'), 'Local volume requires node affinity'));
  }
  if (policy === 'Recycle' && /^\/+$/.test(spec['hostPath']?.path ?? '')) {
    errs.push(forbidden(policyPath, "may not be 'recycle' for a hostPath mount of '/'"));
  }
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

function validateCapacity(errs: Errors, capacity: Json | undefined): void {
  const path = specPath.child('capacity');
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
  if (!deepEqual(source, oldSource)) {
    const message = 'spec.persistentvolumesource is immutable after creation';
    const difference = `-\t${JSON.stringify(oldSource)}\n+\t${JSON.stringify(source)}\n`;
    errs.push(forbidden(specPath.child('persistentvolumesource'), `${message}\n${difference}`));
  }
  immutable(errs, FieldPath.root('volumeMode'), spec['volumeMode'], before['volumeMode']);
  if (before['nodeAffinity'] != null) {
    const message = 'field is immutable, except for updating from beta label to GA';
    if (!semanticEqual(spec['nodeAffinity'], before['nodeAffinity'])) {
      const shown = goStruct(spec['nodeAffinity'], 'io.k8s.api.core.v1.VolumeNodeAffinity') ?? 'null';
      errs.push(invalid(FieldPath.root('nodeAffinity'), shown, message));
    }
  }
  if (!blank(before['volumeAttributesClassName']) && spec['volumeAttributesClassName'] == null) {
    const message = 'update from non-nil value to nil is forbidden';
    errs.push(forbidden(specPath.child('volumeAttributesClassName'), message));
  }
}
