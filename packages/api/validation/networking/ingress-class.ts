import { type FieldPath, forbidden, required, tooLong } from '@coxswain/machinery';
import { validateDomainPrefixedPath } from '../formats.ts';
import { immutable } from '../immutable.ts';
import { dnsLabelName } from '../names.ts';
import { addInvalid, byteLength, type Errors, type Json, oneOf, requireText, specPath } from '../values.ts';
import { validateTypedReference } from './typed-reference.ts';

const longestController = 250;

/** ValidateIngressClass without the metadata. */
export function validateIngressClass(errs: Errors, ingressClass: Json): void {
  const spec: Json = ingressClass['spec'] ?? {};
  const controller: string = spec['controller'] ?? '';
  const path = specPath.child('controller');
  if (requireText(errs, path, controller)) {
    if (byteLength(controller) > longestController) errs.push(tooLong(path, longestController));
    validateDomainPrefixedPath(errs, controller, path);
  }
  if (spec['parameters'] != null) validateParameters(errs, spec['parameters'], specPath.child('parameters'));
}

function validateParameters(errs: Errors, parameters: Json, path: FieldPath): void {
  validateTypedReference(errs, parameters, path);
  const { scope, namespace } = parameters;
  if (scope == null) {
    errs.push(required(path.child('scope')));
    return;
  }
  if (!oneOf(errs, path.child('scope'), scope, ['Cluster', 'Namespace'])) return;
  const place = path.child('namespace');
  if (scope === 'Cluster') {
    if (namespace != null) errs.push(forbidden(place, "`parameters.scope` is set to 'Cluster'"));
  } else if (namespace == null) {
    errs.push(required(place, "`parameters.scope` is set to 'Namespace'"));
  } else {
    addInvalid(errs, place, namespace, dnsLabelName(namespace, false));
  }
}

/** ValidateIngressClassUpdate: the controller stays. */
export function validateIngressClassUpdate(errs: Errors, ingressClass: Json, old: Json): void {
  const now: string = ingressClass['spec']?.controller ?? '';
  immutable(errs, specPath.child('controller'), now, old['spec']?.controller ?? '');
}
