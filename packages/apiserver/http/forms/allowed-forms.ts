import type { RequestInfo } from '../request-info.ts';
import type { Format } from './negotiate.ts';

const tablelessSubresources = new Set(['binding', 'eviction', 'token']);

/** Whether resources are served as they are, or in a form of another kind: tables and metadata alone. */
export function allowsTransform(as: string, group: string, version: string, format: Format): boolean {
  if (as === '') return true;
  if (group !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return false;
  if (as === 'Table') return format !== 'protobuf';
  return as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList';
}

/** Reviews and other requests in the guise of objects have no columns. */
export function hasTable({ group, resource, subresource }: RequestInfo): boolean {
  if (subresource !== '') return !tablelessSubresources.has(subresource);
  if (group === 'authentication.k8s.io' || group === 'authorization.k8s.io') return false;
  return group !== '' || resource !== 'bindings';
}
