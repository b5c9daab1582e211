import { type FieldPath, invalid, required } from '@coxswain/machinery';
import { validateDNS1123Label } from '../formats.ts';
import { goStruct } from '../go-print.ts';
import { semanticEqual } from '../immutable.ts';
import { validateTemplateObjectMeta } from '../object-meta.ts';
import { type Errors, immutableMessage, type Json, specPath } from '../values.ts';
import { validateDeviceRequest } from './device-request.ts';
import * as limits from './limits.ts';
import { itself, validateSet, validateSlice } from './lists.ts';
import { validateFullyQualifiedName } from './names.ts';
import { validateDeviceConfiguration } from './opaque.ts';

/** The requests of a claim by name, each with the names of its alternatives. */
export type RequestNames = ReadonlyMap<string, ReadonlySet<string>>;

/** The names that a claim's constraints, configurations and results may refer to. */
export function requestNamesOf(claim: Json): RequestNames {
  const out = new Map<string, ReadonlySet<string>>();
  for (const request of (claim['spec']?.devices?.requests ?? []) as Json[]) {
    const alternatives: readonly Json[] = request['firstAvailable'] ?? [];
    out.set(request['name'] ?? '', new Set(alternatives.map((one) => one['name'] ?? '')));
  }
  return out;
}

/** The name of a request, or of a request and one of its alternatives. */
export function validateRequestRef(errs: Errors, name: string, path: FieldPath, names: RequestNames): void {
  const message =
    "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
  const parts = name.split('/');
  if (parts.length > 2) {
    errs.push(invalid(path, name, message));
    return;
  }
  const before = errs.length;
  for (const part of parts) validateDNS1123Label(errs, part, path);
  if (errs.length > before) return;
  const [request, alternative] = parts as [string, string | undefined];
  const alternatives = names.get(request);
  const known = alternatives !== undefined && (alternative === undefined || alternatives.has(alternative));
  if (!known) errs.push(invalid(path, name, message));
}

/** ValidateResourceClaim without the metadata. */
export function validateResourceClaim(errs: Errors, claim: Json): void {
  validateClaimSpec(errs, claim['spec'] ?? {}, specPath, false);
}

function validateClaimSpec(errs: Errors, spec: Json, path: FieldPath, stored: boolean): void {
  const devices: Json = spec['devices'] ?? {};
  const place = path.child('devices');
  const names = requestNamesOf({ spec });
  const checkRef = (found: Errors, name: string, at: FieldPath): void => {
    validateRequestRef(found, name, at, names);
  };
  validateSet(
    errs,
    devices['requests'] as readonly Json[] | undefined,
    limits.deviceRequests,
    validateDeviceRequest,
    (request) => request['name'] ?? '',
    place.child('requests'),
    'name',
  );
  validateSlice(
    errs,
    devices['constraints'] as readonly Json[] | undefined,
    limits.deviceConstraints,
    (found, constraint, at) => {
      const { requests, matchAttribute, distinctAttribute } = constraint;
      validateSet(found, requests, limits.deviceRequests, checkRef, itself, at.child('requests'));
      if (matchAttribute != null) {
        validateFullyQualifiedName(found, matchAttribute, at.child('matchAttribute'));
      } else if (distinctAttribute != null) {
        validateFullyQualifiedName(found, distinctAttribute, at.child('distinctAttribute'));
      } else {
        found.push(required(at, 'one of `matchAttribute` or `distinctAttribute` is required'));
      }
    },
    place.child('constraints'),
  );
  validateSlice(
    errs,
    devices['config'] as readonly Json[] | undefined,
    limits.deviceConfigs,
    (found, config, at) => {
      validateSet(found, config['requests'], limits.deviceRequests, checkRef, itself, at.child('requests'));
      validateDeviceConfiguration(found, config, at, stored);
    },
    place.child('config'),
  );
}

/** ValidateResourceClaimUpdate: what is claimed stays. */
export function validateResourceClaimUpdate(errs: Errors, claim: Json, old: Json): void {
  if (!semanticEqual(claim['spec'], old['spec'])) {
    const shown = goStruct(claim['spec'] ?? {}, 'io.k8s.api.resource.v1.ResourceClaimSpec');
    errs.push(invalid(specPath, shown, immutableMessage));
  }
  validateClaimSpec(errs, claim['spec'] ?? {}, specPath, true);
}

/** ValidateResourceClaimTemplate without the metadata. */
export function validateResourceClaimTemplate(errs: Errors, template: Json): void {
  validateTemplateSpec(errs, template['spec'] ?? {}, false);
}

function validateTemplateSpec(errs: Errors, spec: Json, stored: boolean): void {
  validateTemplateObjectMeta(errs, spec['metadata'], specPath.child('metadata'));
  validateClaimSpec(errs, spec['spec'] ?? {}, specPath.child('spec'), stored);
}

/** ValidateResourceClaimTemplateUpdate: the template stays. */
export function validateResourceClaimTemplateUpdate(errs: Errors, template: Json, old: Json): void {
  if (!semanticEqual(template['spec'], old['spec'])) {
    const shown = goStruct(template['spec'] ?? {}, 'io.k8s.api.resource.v1.ResourceClaimTemplateSpec');
    errs.push(invalid(specPath, shown, immutableMessage));
  }
  validateTemplateSpec(errs, template['spec'] ?? {}, true);
}
