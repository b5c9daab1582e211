import {
  duplicate,
  type FieldPath,
  invalid,
  isDNS1035Label,
  isDNS1123Subdomain,
  required,
} from '@coxswain/machinery';
import type { NameRule } from '../names.ts';
import { addInvalid, blank, type Errors, type Json, statusPath } from '../values.ts';

/** A storage version is named after the resource that it is of: `GROUP.RESOURCE`. */
export const storageVersionName: NameRule = (name) => {
  const dot = name.lastIndexOf('.');
  if (dot < 0) return ['name must be in the form of <group>.<resource>'];
  return [
    ...isDNS1123Subdomain(name.slice(0, dot)).map((message) => `the group segment ${message}`),
    ...isDNS1035Label(name.slice(dot + 1)).map((message) => `the resource segment ${message}`),
  ];
};

/** ValidateStorageVersion without the metadata. */
export function validateStorageVersion(errs: Errors, version: Json): void {
  const status: Json = version['status'] ?? {};
  const servers: readonly Json[] = status['storageVersions'] ?? [];
  servers.forEach((server, i) => {
    validateServer(errs, server, statusPath.child('storageVersions').index(i));
  });
  validateCommon(errs, status, servers);
  const conditions: readonly Json[] = status['conditions'] ?? [];
  const seen = new Set<string>();
  conditions.forEach((condition, i) => {
    const path = statusPath.child('conditions').index(i);
    const type: string = condition['type'] ?? '';
    if (seen.has(type)) errs.push(duplicate(path.child('type'), type));
    seen.add(type);
    for (const member of ['type', 'status', 'reason']) {
      if (blank(condition[member])) errs.push(required(path.child(member)));
    }
  });
}

function validateServer(errs: Errors, server: Json, path: FieldPath): void {
  const id: string = server['apiServerID'] ?? '';
  addInvalid(errs, path.child('apiServerID'), id, isDNS1123Subdomain(id));
  const encoding: string = server['encodingVersion'] ?? '';
  validateVersion(errs, encoding, path.child('encodingVersion'));
  const decodable: readonly string[] = server['decodableVersions'] ?? [];
  decodable.forEach((version, i) => {
    validateVersion(errs, version, path.child('decodableVersions').index(i));
  });
  if (!decodable.includes(encoding)) {
    const message = `decodableVersions must include encodingVersion ${encoding}`;
    errs.push(invalid(path.child('decodableVersions'), decodable, message));
  }
}

const versionForm = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

function validateVersion(errs: Errors, version: string, path: FieldPath): void {
  const parts = version.split('/');
  if (parts.length > 2) {
    errs.push(invalid(path, version, 'an apiVersion is an optional group, a slash and a version'));
    return;
  }
  const [group, name] = parts.length === 2 ? (parts as [string, string]) : ['', parts[0] as string];
  if (parts.length === 2) addInvalid(errs, path, version, isDNS1123Subdomain(group));
  if (!versionForm.test(name)) addInvalid(errs, path, version, isDNS1035Label(name));
}

/** All servers that write the same say so together. */
function validateCommon(errs: Errors, status: Json, servers: readonly Json[]): void {
  const path = statusPath.child('commonEncodingVersion');
  const common: string | undefined = status['commonEncodingVersion'];
  const versions = servers.map((server): string => server['encodingVersion'] ?? '');
  const first = versions[0];
  const agree = first !== undefined && versions.every((version) => version === first);
  if (!agree) {
    const message = 'should be nil if servers do not agree on the same encoding version';
    if (common != null && servers.length > 0) errs.push(invalid(path, common, message));
    return;
  }
  if (common === first) return;
  const message = `should equal to the common encoding version ${first}`;
  errs.push(invalid(path, common ?? 'null', message));
}
