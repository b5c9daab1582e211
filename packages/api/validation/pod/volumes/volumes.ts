import {
  duplicate,
  type FieldPath,
  forbidden,
  goQuote,
  invalid,
  parseQuantity,
  required,
} from '@coxswain/machinery';
import { validateClaimSpec } from '../../claim-spec.ts';
import { validateCSIDriverName } from '../../csi.ts';
import { validateDNS1123Label } from '../../formats.ts';
import { dnsSubdomainName } from '../../names.ts';
import { validateTemplateObjectMeta } from '../../object-meta.ts';
import { addInvalid, blank, byteLength, type Errors, type Json, requireText } from '../../values.ts';
import { validatePullPolicy } from '../container/container-enums.ts';
import type { Leniency } from '../leniency.ts';
import { validateDownwardAPI } from './downward-api.ts';
import { validateKeyedVolume, validateProjected, validateProjectedLeniently } from './projected-volume.ts';
import * as sources from './volume-sources.ts';
import { type SourceRule, sourceRule, validateSources } from './volume-sources.ts';

/** What volume validation must know of the pod around it. */
export interface VolumeContext {
  /** The pod's own name; absent in templates, where the names of its claims are not known yet. */
  readonly podName: string | undefined;
  readonly leniency: Leniency;
}

const before: readonly SourceRule[] = [
  sourceRule('emptyDir', validateEmptyDir),
  sourceRule('hostPath', sources.validateHostPath),
  sourceRule('gitRepo', sources.validateGitRepo),
  sourceRule('gcePersistentDisk', sources.validateGCEPersistentDisk, 'gcePersistentDisk', 'persistentDisk'),
  sourceRule('awsElasticBlockStore', sources.validateAWSElasticBlockStore),
  sourceRule('secret', validateKeyedVolume('secretName')),
  sourceRule('nfs', sources.validateNFS),
  sourceRule('iscsi', sources.validateISCSI),
  sourceRule('glusterfs', sources.validateGlusterfs),
  sourceRule('flocker', sources.validateFlocker),
  sourceRule('persistentVolumeClaim', sources.validatePersistentClaim),
  sourceRule('rbd', sources.validateRBD),
  sourceRule('cinder', sources.validateCinder),
  sourceRule('cephfs', sources.validateCephFS, 'cephFS'),
  sourceRule('quobyte', sources.validateQuobyte),
  sourceRule('downwardAPI', validateDownwardAPI, 'downwarAPI'),
  sourceRule('fc', sources.validateFC),
  sourceRule('flexVolume', sources.validateFlexVolume),
  sourceRule('configMap', validateKeyedVolume('name')),
  sourceRule('azureFile', sources.validateAzureFile),
  sourceRule('vsphereVolume', sources.validateVsphereVolume),
  sourceRule('photonPersistentDisk', sources.validatePhotonPersistentDisk),
  sourceRule('portworxVolume', sources.validatePortworxVolume),
  sourceRule('azureDisk', sources.validateAzureDisk),
  sourceRule('storageos', sources.validateStorageOS),
  sourceRule('projected', validateProjected),
  sourceRule('scaleIO', sources.validateScaleIO),
  sourceRule('csi', validateCSI),
];

const withAnyTokenPath = before.map((rule) =>
  rule.member === 'projected' ? { ...rule, check: validateProjectedLeniently } : rule,
);

/** Volumes by name, for those that passed. */
export type VolumesByName = ReadonlyMap<string, Json>;

/** ValidateVolumes; gives the good ones by name for the mounts to look up. */
export function validateVolumes(
  errs: Errors,
  volumes: readonly Json[] | undefined,
  path: FieldPath,
  context: VolumeContext,
): VolumesByName {
  const byName = new Map<string, Json>();
  if (volumes == null) return byName;
  const { podName } = context;
  const created = new Set<string>();
  if (!blank(podName)) {
    for (const volume of volumes) if (volume['ephemeral']) created.add(`${podName}-${volume['name']}`);
  }
  for (let i = 0; i < volumes.length; i++) {
    const volume = volumes[i]!;
    const place = path.index(i);
    const found = errs.length;
    validateVolumeSource(errs, volume, place, context);
    if (requireText(errs, place.child('name'), volume['name'])) {
      validateDNS1123Label(errs, volume['name'], place.child('name'));
    }
    if (byName.has(volume['name'])) errs.push(duplicate(place.child('name'), volume['name']));
    if (errs.length === found) byName.set(volume['name'], volume);
    const claim: string | undefined = volume['persistentVolumeClaim']?.claimName;
    if (claim != null && created.has(claim)) {
      errs.push(
        invalid(
          place.child('persistentVolumeClaim').child('claimName'),
          claim,
          'must not reference a PVC that gets created for an ephemeral volume',
        ),
      );
    }
  }
  return byName;
}

const onlyOne = 'may not specify more than 1 volume type';
const iscsiTooLong =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';

function validateVolumeSource(errs: Errors, volume: Json, path: FieldPath, context: VolumeContext): void {
  let count = validateSources(errs, volume, context.leniency.tokenPaths ? withAnyTokenPath : before, path);
  const { iscsi, ephemeral, image } = volume;
  if (
    iscsi?.initiatorName != null &&
    byteLength(`${volume['name'] ?? ''}:${iscsi.targetPortal ?? ''}`) > 64
  ) {
    errs.push(invalid(path.child('name'), volume['name'] ?? '', iscsiTooLong));
  }
  if (ephemeral != null) {
    if (count > 0) errs.push(forbidden(path.child('ephemeral'), onlyOne));
    else validateEphemeral(errs, volume, path, context);
    count++;
  }
  if (image != null) {
    if (count > 0) errs.push(forbidden(path.child('image'), onlyOne));
    else {
      if (!context.leniency.imageWithoutReference) {
        requireText(errs, path.child('image').child('reference'), image.reference);
      }
      validatePullPolicy(errs, image.pullPolicy, path.child('image').child('pullPolicy'));
    }
    count++;
  }
  if (count === 0) errs.push(required(path, 'must specify a volume type'));
}

function validateEmptyDir(errs: Errors, source: Json, path: FieldPath): void {
  const limit: string | undefined = source['sizeLimit'];
  if (limit != null && parseQuantity(limit).compare(parseQuantity('0')) < 0) {
    errs.push(forbidden(path.child('sizeLimit'), 'SizeLimit field must be a valid resource quantity'));
  }
}

function validateCSI(errs: Errors, source: Json, path: FieldPath): void {
  validateCSIDriverName(errs, source['driver'], path.child('driver'));
  const ref: Json | undefined = source['nodePublishSecretRef'];
  if (ref == null) return;
  if (requireText(errs, path.child('nodePublishSecretRef', 'name'), ref['name'])) {
    addInvalid(errs, path.child('name'), ref['name'], dnsSubdomainName(ref['name'], false));
  }
}

function validateEphemeral(errs: Errors, volume: Json, path: FieldPath, context: VolumeContext): void {
  const place = path.child('ephemeral').child('volumeClaimTemplate');
  const template: Json | undefined = volume['ephemeral'].volumeClaimTemplate;
  if (template == null) {
    errs.push(required(place));
  } else {
    validateTemplateObjectMeta(errs, template['metadata'], place.child('metadata'));
    validateClaimSpec(errs, template['spec'] ?? {}, place.child('spec'));
  }
  const name: string = volume['name'] ?? '';
  if (blank(context.podName) || name === '') return;
  const claim = `${context.podName}-${name}`;
  for (const message of dnsSubdomainName(claim, false)) {
    errs.push(invalid(path.child('name'), name, `PVC name ${goQuote(claim)}: ${message}`));
  }
}
