import { duplicate, type FieldPath, invalid, required, tooMany } from '@coxswain/machinery';
import { validateDNS1123Label, validateDNS1123Subdomain } from '../formats.ts';
import { goStruct } from '../go-print.ts';
import { semanticEqual } from '../immutable.ts';
import { pathSegmentName } from '../names.ts';
import { validateLabelName } from '../object-meta.ts';
import { addInvalid, blank, type Errors, immutableMessage, type Json, oneOf, specPath } from '../values.ts';

const maxTemplates = 8;
const maxClaims = 8;
const scheduling = 'io.k8s.api.scheduling.v1alpha2';

/** ValidateWorkload without the metadata. */
export function validateWorkload(errs: Errors, workload: Json): void {
  const spec: Json = workload['spec'] ?? {};
  if (spec['controllerRef'] != null) {
    validateReference(errs, spec['controllerRef'], specPath.child('controllerRef'));
  }
  const templates: readonly Json[] = spec['podGroupTemplates'] ?? [];
  const path = specPath.child('podGroupTemplates');
  if (templates.length === 0) errs.push(required(path, 'must have at least one item'));
  if (templates.length > maxTemplates) errs.push(tooMany(path, templates.length, maxTemplates));
  const names = new Set<string>();
  templates.forEach((template, i) => {
    const place = path.index(i);
    const name: string = template['name'] ?? '';
    validateDNS1123Label(errs, name, place.child('name'));
    if (names.has(name)) errs.push(duplicate(place.child('name'), name));
    names.add(name);
    validateGroup(errs, template, place);
  });
}

/** ValidateWorkloadUpdate: who controls it may be said later, the rest stays. */
export function validateWorkloadUpdate(errs: Errors, workload: Json, old: Json): void {
  validateWorkload(errs, workload);
  const spec: Json = workload['spec'] ?? {};
  const before: Json = old['spec'] ?? {};
  if (before['controllerRef'] != null && !semanticEqual(spec['controllerRef'], before['controllerRef'])) {
    const shown = goStruct(spec['controllerRef'], `${scheduling}.TypedLocalObjectReference`);
    errs.push(invalid(specPath.child('controllerRef'), shown ?? 'null', immutableMessage));
  }
  if (semanticEqual(spec['podGroupTemplates'], before['podGroupTemplates'])) return;
  const list: readonly Json[] = spec['podGroupTemplates'] ?? [];
  const shown = list.map((template) => goStruct(template, `${scheduling}.PodGroupTemplate`));
  errs.push(invalid(specPath.child('podGroupTemplates'), shown, immutableMessage));
}

/** ValidatePodGroup without the metadata. */
export function validatePodGroup(errs: Errors, group: Json): void {
  const spec: Json = group['spec'] ?? {};
  const ref: Json | undefined = spec['podGroupTemplateRef'];
  if (ref != null) {
    const path = specPath.child('podGroupTemplateRef').child('workload');
    if (ref['workload'] == null) errs.push(required(path));
    else {
      validateDNS1123Subdomain(errs, ref['workload'].workloadName, path.child('workloadName'));
      validateDNS1123Label(errs, ref['workload'].podGroupTemplateName, path.child('podGroupTemplateName'));
    }
  }
  validateGroup(errs, spec, specPath);
}

/** ValidatePodGroupUpdate: the spec stays. */
export function validatePodGroupUpdate(errs: Errors, group: Json, old: Json): void {
  if (semanticEqual(group['spec'], old['spec'])) return;
  const shown = goStruct(group['spec'] ?? {}, `${scheduling}.PodGroupSpec`);
  errs.push(invalid(specPath, shown, immutableMessage));
}

function validateReference(errs: Errors, ref: Json, path: FieldPath): void {
  if (!blank(ref['apiGroup'])) validateDNS1123Subdomain(errs, ref['apiGroup'], path.child('apiGroup'));
  for (const member of ['kind', 'name']) {
    if (blank(ref[member])) errs.push(required(path.child(member)));
    else addInvalid(errs, path.child(member), ref[member], pathSegmentName(ref[member], false));
  }
}

/** What a pod group and a template of one have in common. */
function validateGroup(errs: Errors, group: Json, path: FieldPath): void {
  const { basic, gang } = group['schedulingPolicy'] ?? {};
  const policyPath = path.child('schedulingPolicy');
  if (basic == null && gang == null) {
    errs.push(invalid(policyPath, '', 'must specify one of: `basic`, `gang`'));
  } else if (basic != null && gang != null) {
    errs.push(invalid(policyPath, '{basic, gang}', 'must specify exactly one of: `basic`, `gang`'));
  }
  if (gang != null && (gang['minCount'] ?? 0) < 1) {
    const place = policyPath.child('gang').child('minCount');
    errs.push(invalid(place, gang['minCount'] ?? 0, 'must be greater than or equal to 1'));
  }
  const constraints: readonly Json[] = group['schedulingConstraints']?.topology ?? [];
  constraints.forEach((constraint, i) => {
    const place = path.child('schedulingConstraints').child('topology').index(i).child('key');
    validateLabelName(errs, constraint['key'], place);
  });
  if (group['disruptionMode'] != null) {
    oneOf(errs, path.child('disruptionMode'), group['disruptionMode'], ['Pod', 'PodGroup']);
  }
  const claims: readonly Json[] = group['resourceClaims'] ?? [];
  const claimsPath = path.child('resourceClaims');
  if (claims.length > maxClaims) errs.push(tooMany(claimsPath, claims.length, maxClaims));
  claims.forEach((claim, i) => {
    const place = claimsPath.index(i);
    validateDNS1123Label(errs, claim['name'], place.child('name'));
    const { resourceClaimName: name, resourceClaimTemplateName: template } = claim;
    const rule = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`';
    if ((name == null) === (template == null)) errs.push(invalid(place, claim['name'] ?? '', rule));
  });
  if (blank(group['priorityClassName'])) return;
  validateDNS1123Subdomain(errs, group['priorityClassName'], path.child('priorityClassName'));
}
