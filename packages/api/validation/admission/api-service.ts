import {
  FieldPath,
  invalid,
  isDNS1035Label,
  isDNS1123Subdomain,
  notSupported,
  required,
} from '@coxswain/machinery';
import { pathSegmentName } from '../names.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../object-meta.ts';
import { blank, type Errors, type Json, specPath } from '../values.ts';

const highestGroupPriority = 20_000;
const highestVersionPriority = 1_000;
const conditionStatuses = ['True', 'False', 'Unknown'];

/** ValidateAPIService, with the metadata. */
export function validateApiService(errs: Errors, service: Json): void {
  const spec: Json = service['spec'] ?? {};
  const group: string = spec['group'] ?? '';
  const version: string = spec['version'] ?? '';
  const wanted = `${version}.${group}`;
  validateObjectMeta(errs, service['metadata'], {
    namespaced: false,
    standardFinalizers: false,
    name: (name) => {
      const messages = pathSegmentName(name, false);
      if (messages.length > 0 || name === wanted) return messages;
      return [`must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`];
    },
  });
  if (group === '' && version !== 'v1') {
    const message = 'only v1 may have an empty group and it better be legacy kube';
    errs.push(required(specPath.child('group'), message));
  }
  if (group !== '') {
    for (const message of isDNS1123Subdomain(group)) {
      errs.push(invalid(specPath.child('group'), group, message));
    }
  }
  for (const message of isDNS1035Label(version)) {
    errs.push(invalid(specPath.child('version'), version, message));
  }
  inRange(errs, 'groupPriorityMinimum', spec['groupPriorityMinimum'] ?? 0, highestGroupPriority);
  inRange(errs, 'versionPriority', spec['versionPriority'] ?? 0, highestVersionPriority);
  validateServing(errs, spec);
}

function inRange(errs: Errors, member: string, value: number, highest: number): void {
  if (value > 0 && value <= highest) return;
  errs.push(invalid(specPath.child(member), value, `must be positive and less than ${highest}`));
}

/** Who serves the version, and how they are known. */
function validateServing(errs: Errors, spec: Json): void {
  const { service, caBundle } = spec;
  const insecure: boolean = spec['insecureSkipTLSVerify'] ?? false;
  const bytes = Buffer.from(caBundle ?? '', 'base64').length;
  const insecurePath = specPath.child('insecureSkipTLSVerify');
  if (service == null) {
    if (bytes > 0) {
      const message = 'local APIServices may not have a caBundle';
      errs.push(invalid(specPath.child('caBundle'), `${bytes} bytes`, message));
    }
    if (insecure)
      errs.push(invalid(insecurePath, true, 'local APIServices may not have insecureSkipTLSVerify'));
    return;
  }
  for (const member of ['namespace', 'name']) {
    if (blank(service[member])) errs.push(required(specPath.child('service', member)));
  }
  if (insecure && bytes > 0) {
    errs.push(invalid(insecurePath, true, 'may not be true if caBundle is present'));
  }
}

/** ValidateAPIServiceUpdate. */
export function validateApiServiceUpdate(errs: Errors, service: Json, old: Json): void {
  // What every update is checked for has been checked once: faults show twice.
  if (errs.length > 0) validateObjectMetaUpdate(errs, service['metadata'], old['metadata']);
  validateApiService(errs, service);
}

/** ValidateAPIServiceStatusUpdate. */
export function validateApiServiceStatusUpdate(errs: Errors, service: Json, old: Json): void {
  if (errs.length > 0) validateObjectMetaUpdate(errs, service['metadata'], old['metadata']);
  const conditions: readonly Json[] = service['status']?.conditions ?? [];
  conditions.forEach((condition, i) => {
    const { status } = condition;
    if (conditionStatuses.includes(status)) return;
    const path = FieldPath.root('status').child('conditions').index(i).child('status');
    errs.push(notSupported(path, status ?? '', conditionStatuses));
  });
}
