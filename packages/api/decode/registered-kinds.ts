import { apiVersionOf, type GroupVersionKind } from '@coxswain/machinery';
import { typeOfKind } from '../facts.ts';
import { isRetired } from './retired-kinds.ts';
import { schemeOf } from './schemes.ts';

/** What every version of every group has. */
const options: ReadonlySet<string> = new Set([
  'CreateOptions',
  'DeleteOptions',
  'GetOptions',
  'ListOptions',
  'PatchOptions',
  'UpdateOptions',
  'WatchEvent',
]);

/** What every scheme has in `v1`, whatever else it knows. */
const unversioned: ReadonlySet<string> = new Set([
  'APIGroup',
  'APIGroupList',
  'APIResourceList',
  'APIVersions',
  'Status',
]);

/** Kinds that are in a scheme and that no path takes: options of connections, what webhooks are asked, what is kept. */
const unserved: Readonly<Record<string, readonly string[]>> = {
  v1: [
    'NodeProxyOptions',
    'PodAttachOptions',
    'PodExecOptions',
    'PodLogOptions',
    'PodPortForwardOptions',
    'PodProxyOptions',
    'PodStatusResult',
    'RangeAllocation',
    'SerializedReference',
    'ServiceProxyOptions',
  ],
  'admission.k8s.io/v1': ['AdmissionReview'],
  'admission.k8s.io/v1beta1': ['AdmissionReview'],
  'apiextensions.k8s.io/v1': ['ConversionReview'],
  'apiextensions.k8s.io/v1beta1': ['ConversionReview'],
  'imagepolicy.k8s.io/v1alpha1': ['ImageReview'],
};

/** Whether upstream's scheme of that name knows a kind, be it served or not. */
export function isRegistered(kind: GroupVersionKind, scheme: string): boolean {
  const apiVersion = apiVersionOf(kind);
  if (apiVersion === 'v1' && (unversioned.has(kind.kind) || options.has(kind.kind))) return true;
  if (schemeOf(kind.group) !== scheme) return false;
  if (unserved[apiVersion]?.includes(kind.kind) === true || isRetired(kind)) return true;
  return typeOfKind(options.has(kind.kind) ? { ...kind, kind: 'DeleteOptions' } : kind) !== undefined;
}
