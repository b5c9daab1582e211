import { type FieldPath, invalid, required } from '@coxswain/machinery';
import { JsonSyntaxError } from '../../decode/json-parser.ts';
import {
  isSerializedObject,
  mismatch,
  parseSerialized,
  parseSerializedList,
  type SerializedStruct,
} from '../serialized-list.ts';
import { type Errors, type Json, metadataPath } from '../values.ts';

const taintsAnnotation = 'scheduler.alpha.kubernetes.io/taints';
const avoidAnnotation = 'scheduler.alpha.kubernetes.io/preferAvoidPods';
const path = metadataPath.child('annotations');

const taint: SerializedStruct = {
  name: 'Taint',
  members: {
    key: ['key', 'Key', 'string'],
    value: ['value', 'Value', 'string'],
    effect: ['effect', 'Effect', 'core.TaintEffect'],
    timeadded: ['timeAdded', 'TimeAdded', 'string'],
  },
};

/** ValidateNodeSpecificAnnotations: what was once said in annotations must still be well said. */
export function validateNodeAnnotations(
  errs: Errors,
  annotations: Readonly<Record<string, string>> | undefined,
  validateTaints: (errs: Errors, taints: readonly Json[], path: FieldPath) => void,
): void {
  const taints = annotations?.[taintsAnnotation];
  if (taints) {
    const parsed = parseSerializedList(taints, taint);
    if (typeof parsed === 'string') errs.push(invalid(path, taintsAnnotation, parsed));
    else validateTaints(errs, parsed, path.child(taintsAnnotation));
  }
  const avoided = annotations?.[avoidAnnotation];
  if (avoided) validateAvoidedPods(errs, avoided);
}

/** ValidateAvoidPodsInNodeAnnotations. */
function validateAvoidedPods(errs: Errors, text: string): void {
  const entries = avoidedPods(parseSerialized(text));
  if (typeof entries === 'string') {
    errs.push(invalid(path.child('AvoidPods'), avoidAnnotation, entries));
    return;
  }
  entries.forEach((entry, i) => {
    const place = path.child(avoidAnnotation).index(i).child('PodSignature');
    const controller: Json | undefined = entry?.['podSignature']?.podController;
    if (controller == null) errs.push(required(place));
    else if (controller['controller'] !== true) {
      errs.push(
        invalid(place.child('PodController').child('Controller'), false, 'must point to a controller'),
      );
    }
  });
}

/** The entries, or what Go says is wrong. */
function avoidedPods(value: unknown): readonly (Json | null)[] | string {
  if (value instanceof JsonSyntaxError) return value.message;
  if (value === null) return [];
  if (!isSerializedObject(value)) return mismatch(value, 'Go value of type v1.AvoidPods');
  const entries: unknown = value['preferAvoidPods'] ?? [];
  if (Array.isArray(entries)) return entries;
  return mismatch(entries, 'Go struct field AvoidPods.preferAvoidPods of type []v1.PreferAvoidPodsEntry');
}
