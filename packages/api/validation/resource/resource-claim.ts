import { type FieldPath, invalid, required } from '@coxswain/machinery';
import type { ValidationRequest } from '../../strategy/contract.ts';
import type { ExpressionFaults } from '../expression-faults.ts';
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
  for (const part of parts) validateDNS1123Label(errs, part, path);
  const [request, alternative] = parts as [string, string | undefined];
  const alternatives = names.get(request);
  const known = alternatives !== undefined && (alternative === undefined || alternatives.has(alternative));
  if (!known) errs.push(invalid(path, name, message));
}

/** ValidateResourceClaim without the metadata. */
export function validateResourceClaim(errs: Errors, claim: Json, request: ValidationRequest): void {
  validateClaimSpec(errs, claim['spec'] ?? {}, specPath, request.expressionFaults);
}

function validateClaimSpec(
  errs: Errors,
  spec: Json,
  path: FieldPath,
  faults: ExpressionFaults | undefined,
): void {
  const devices: Json = spec['devices'] ?? {};
  const place = path.child('devices');
  const names = requestNamesOf({ spec });
  const checkRef = (found: Errors, name: string, at: FieldPath): void => {
    validateRequestRef(found, name, at, names);
  };
  validateSet(
    errs,
    devices['requests'] as readonly Json[] | undefined,
    {
      most: limits.deviceRequests,
      check: (found, request, at) => {
        validateDeviceRequest(found, request, at, faults);
      },
      key: (request) => request['name'] ?? '',
    },
    place.child('requests'),
  );
  validateSlice(
    errs,
    devices['constraints'] as readonly Json[] | undefined,
    limits.deviceConstraints,
    (found, constraint, at) => {
      const { requests, matchAttribute, distinctAttribute } = constraint;
      validateSet(
        found,
        requests,
        { most: limits.deviceRequests, check: checkRef, key: itself },
        at.child('requests'),
      );
      if (matchAttribute != null) {
        validateFullyQualifiedName(found, matchAttribute, at.child('matchAttribute'));
      } else if (distinctAttribute != null) {
        validateFullyQualifiedName(found, distinctAttribute, at.child('distinctAttribute'));
      } else {
        // upstream's words, though here no field is set
        const rule = 'exactly one of "matchAttribute" or "distinctAttribute" is required';
        found.push(required(at, `${rule}, but multiple fields are set`));
      }
    },
    place.child('constraints'),
  );
  validateSlice(
    errs,
    devices['config'] as readonly Json[] | undefined,
    limits.deviceConfigs,
    (found, config, at) => {
      validateSet(
        found,
        config['requests'],
        { most: limits.deviceRequests, check: checkRef, key: itself },
        at.child('requests'),
      );
      validateDeviceConfiguration(found, config, at, false);
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
}

/** ValidateResourceClaimTemplate without the metadata. */
export function validateResourceClaimTemplate(
  errs: Errors,
  template: Json,
  request: ValidationRequest,
): void {
  const spec: Json = template['spec'] ?? {};
  validateTemplateObjectMeta(errs, spec['metadata'], specPath.child('metadata'));
  validateClaimSpec(errs, spec['spec'] ?? {}, specPath.child('spec'), request.expressionFaults);
}

/** ValidateResourceClaimTemplateUpdate: the template stays. */
export function validateResourceClaimTemplateUpdate(errs: Errors, template: Json, old: Json): void {
  if (semanticEqual(template['spec'], old['spec'])) return;
  const shown = goStruct(template['spec'] ?? {}, 'io.k8s.api.resource.v1.ResourceClaimTemplateSpec');
  errs.push(invalid(specPath, shown, immutableMessage));
}
