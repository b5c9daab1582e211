import { type KubeObject, parseApiVersion } from '@coxswain/machinery';
import { decodeValue } from '../decode/decode-json.ts';
import { typeOfKind } from '../facts.ts';
import { coreToEventsEvent, eventsToCoreEvent } from './event.ts';
import { autoscalerToV1, autoscalerToV2 } from './horizontal-pod-autoscaler.ts';
import { flattenDevices, nestDevices } from './resource-claim.ts';

type Conversion = (object: KubeObject) => Record<string, unknown>;

/** A kind is not known in the version that was asked for. */
export class ConvertError extends Error {
  override readonly name = 'ConvertError';
  readonly code = 'ERR_CONVERT';
}

/** Conversions that do more than rename the version, by kind and the versions that they lead from and to. */
const conversions: ReadonlyMap<string, Conversion> = new Map([
  ['HorizontalPodAutoscaler autoscaling/v2 autoscaling/v1', autoscalerToV1],
  ['HorizontalPodAutoscaler autoscaling/v1 autoscaling/v2', autoscalerToV2],
  ['Event v1 events.k8s.io/v1', coreToEventsEvent],
  ['Event events.k8s.io/v1 v1', eventsToCoreEvent],
  ...['ResourceClaim', 'ResourceClaimTemplate', 'ResourceSlice'].flatMap((kind): [string, Conversion][] =>
    ['v1', 'v1beta2'].flatMap((version): [string, Conversion][] => [
      [`${kind} resource.k8s.io/v1beta1 resource.k8s.io/${version}`, nestDevices],
      [`${kind} resource.k8s.io/${version} resource.k8s.io/v1beta1`, flattenDevices],
    ]),
  ),
]);

/**
 * Gives an object in another served version of its kind, as upstream writes it there; the object itself when it
 * is in that version. The argument is not changed.
 *
 * @throws ConvertError when the kind is not served in that version
 */
export function convert(object: KubeObject, toVersion: string): KubeObject {
  if (object.apiVersion === toVersion) return object;
  const type = typeOfKind({ ...parseApiVersion(toVersion), kind: object.kind });
  if (type === undefined) {
    throw new ConvertError(
      `convert ${object.kind} from "${object.apiVersion}" to "${toVersion}": no such kind there`,
    );
  }
  const conversion = conversions.get(`${object.kind} ${object.apiVersion} ${toVersion}`);
  const converted = { ...(conversion?.(object) ?? object), apiVersion: toVersion };
  return decodeValue(converted, type, { strict: false }).object as KubeObject;
}
