import { convert } from '@coxswain/api';
import type { KubeObject } from '@coxswain/machinery';
import type { ServedResource } from './resource-registry.ts';

/** An object of the request's version in the version that is stored. */
export function toStored(resource: ServedResource, object: KubeObject): KubeObject {
  if (resource.custom !== undefined) return resource.custom.toStored(object);
  return resource.direct ? object : convert(object, resource.stored.apiVersion);
}

/** A stored object in the version of the request. */
export function fromStored(resource: ServedResource, object: KubeObject): KubeObject {
  if (resource.custom !== undefined) return resource.custom.fromStored(object);
  return resource.direct ? object : convert(object, resource.apiVersion);
}

/** What is stored as an update sees it: what custom resources were stored with may be of an older schema. */
export function liveObject(resource: ServedResource, object: KubeObject): KubeObject {
  return resource.custom === undefined ? object : resource.custom.live(object);
}
