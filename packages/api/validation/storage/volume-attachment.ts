import { FieldPath, forbidden, invalid, required, tooLong } from '@coxswain/machinery';
import { validateInlineVolume } from '../core/persistent-volume.ts';
import { validateCSIDriverName } from '../csi.ts';
import { goStruct } from '../go-print.ts';
import { semanticEqual } from '../immutable.ts';
import { dnsSubdomainName } from '../names.ts';
import {
  addInvalid,
  byteLength,
  type Errors,
  immutableMessage,
  type Json,
  keysOf,
  maxInt32,
  rangeMessage,
  requireText,
  specPath,
  statusPath,
} from '../values.ts';

const metadataSize = 256 * 1024;
const longestMessage = 1024;

/** ValidateVolumeAttachment of a new object, without the metadata. */
export function validateVolumeAttachment(errs: Errors, attachment: Json): void {
  validateAttachment(errs, attachment);
  const { attacher, source } = attachment['spec'] ?? {};
  validateCSIDriverName(errs, attacher, FieldPath.root('spec.attacher'));
  const volume: string | undefined = source?.persistentVolumeName;
  if (volume == null) return;
  addInvalid(
    errs,
    FieldPath.root('spec.source.persistentVolumeName'),
    volume,
    dnsSubdomainName(volume, false),
  );
}

function validateAttachment(errs: Errors, attachment: Json): void {
  const { attacher, nodeName = '', source } = attachment['spec'] ?? {};
  requireText(errs, specPath.child('attacher'), attacher);
  validateSource(errs, source ?? {}, specPath.child('source'));
  addInvalid(errs, specPath.child('nodeName'), nodeName, dnsSubdomainName(nodeName, false));
  const status: Json = attachment['status'] ?? {};
  const metadata: Json | undefined = status['attachmentMetadata'];
  let size = 0;
  for (const key of keysOf(metadata)) size += byteLength(key) + byteLength(metadata![key]);
  if (size > metadataSize) errs.push(tooLong(statusPath.child('attachmentMetadata'), metadataSize));
  for (const member of ['attachError', 'detachError']) {
    const path = statusPath.child(member);
    // upstream names the limit of the metadata
    if (byteLength(status[member]?.message ?? '') > longestMessage) {
      errs.push(tooLong(path.child('message'), metadataSize));
    }
    const code: number | undefined = status[member]?.errorCode;
    if (code != null && code < 0) {
      errs.push(invalid(path.child('errorCode'), code, rangeMessage(0, maxInt32)));
    }
  }
}

function validateSource(errs: Errors, source: Json, path: FieldPath): void {
  const { inlineVolumeSpec: inline, persistentVolumeName: name } = source;
  if (inline == null && name == null) {
    errs.push(required(path, 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'));
  } else if (inline != null && name != null) {
    errs.push(forbidden(path, 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'));
  } else if (inline != null) {
    validateInlineVolume(errs, inline, path.child('inlineVolumeSpec'));
  } else {
    requireText(
      errs,
      path.child('persistentVolumeName'),
      name,
      'must specify non empty persistentVolumeName',
    );
  }
}

/** ValidateVolumeAttachmentUpdate: the spec stays. */
export function validateVolumeAttachmentUpdate(errs: Errors, attachment: Json, old: Json): void {
  validateAttachment(errs, attachment);
  if (semanticEqual(attachment['spec'], old['spec'])) return;
  const shown = goStruct(attachment['spec'] ?? {}, 'io.k8s.api.storage.v1.VolumeAttachmentSpec');
  errs.push(invalid(specPath, shown, immutableMessage));
}
