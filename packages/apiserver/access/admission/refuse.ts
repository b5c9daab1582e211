import { newForbidden, type StatusError } from '@coxswain/machinery';
import type { AdmissionAttributes } from '../contract.ts';

/** The name of the object that a refusal is about; a prefix where the name is yet to be generated. */
export function admittedName(a: AdmissionAttributes): string {
  if (a.name !== '') return a.name;
  const metadata = a.object?.metadata;
  return metadata?.name || metadata?.generateName || 'Unknown';
}

/** The 403 of an admission plugin. */
export function refuse(a: AdmissionAttributes, cause: string): StatusError {
  return newForbidden(a.resource, admittedName(a), cause);
}

/** Whether the request is for the resource of the group itself, `subresource` being the given one. */
export function isFor(a: AdmissionAttributes, group: string, resource: string, subresource = ''): boolean {
  return a.resource.group === group && a.resource.resource === resource && a.subresource === subresource;
}
