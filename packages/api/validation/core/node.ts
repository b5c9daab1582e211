import {
  duplicate,
  FieldPath,
  forbidden,
  goQuote,
  internal,
  invalid,
  isValidLabelValue,
} from '@coxswain/machinery';
import { firstNotCIDR, isDualStack, validateCIDR } from '../formats.ts';
import { validateLabelName } from '../object-meta.ts';
import { validateTaintEffect } from '../pod/scheduling/tolerations.ts';
import { validateResourceQuantity } from '../resource-names.ts';
import {
  byteLength,
  type Errors,
  type Json,
  keysOf,
  metadataPath,
  notPositiveMessage,
  specPath,
  statusPath,
  withDetail,
} from '../values.ts';
import { validateNodeAnnotations } from './node-annotations.ts';
import { validateConfigSource, wantedInSpec, wantedInStatus } from './node-config.ts';

const taintsPath = metadataPath.child('taints'); // upstream's own path, though they are in the spec
const cidrsPath = specPath.child('podCIDRs');

/** ValidateNode without the metadata. */
export function validateNode(errs: Errors, node: Json): void {
  const spec: Json = node['spec'] ?? {};
  validateNodeAnnotations(errs, node['metadata'].annotations, validateTaints);
  validateTaints(errs, spec['taints'], taintsPath);
  validateNodeResources(errs, node);
  validateSwap(errs, node['status']?.nodeInfo?.swap);
  validateDeclaredFeatures(errs, node['status']?.declaredFeatures ?? []);
  validatePodCIDRs(errs, spec['podCIDRs'] ?? []);
}

/** Taints: well-formed, one for each key and effect. */
export function validateTaints(errs: Errors, taints: readonly Json[] | undefined, path: FieldPath): void {
  const seen = new Set<string>();
  taints?.forEach((taint, i) => {
    const place = path.index(i);
    const { key, value, effect } = taint;
    validateLabelName(errs, key, place.child('key'));
    const messages = isValidLabelValue(value ?? '');
    if (messages.length > 0) errs.push(invalid(place.child('value'), value, messages.join(';')));
    validateTaintEffect(errs, effect, place.child('effect'));
    const id = `${effect}/${key}`;
    if (seen.has(id)) {
      const shown = {
        Key: key ?? '',
        Value: value ?? '',
        Effect: effect ?? '',
        TimeAdded: taint['timeAdded'] ?? null,
      };
      errs.push(withDetail(duplicate(place, shown), 'taints must be unique by key and effect pair'));
    }
    seen.add(id);
  });
}

function validateNodeResources(errs: Errors, node: Json): void {
  for (const list of ['capacity', 'allocatable']) {
    const resources: Json | undefined = node['status']?.[list];
    for (const name of keysOf(resources)) {
      validateResourceQuantity(errs, name, resources![name], FieldPath.root('status', list, name));
    }
  }
}

function validatePodCIDRs(errs: Errors, ranges: readonly string[]): void {
  ranges.forEach((range, i) => {
    validateCIDR(errs, range, cidrsPath.index(i));
  });
  if (ranges.length < 2) return;
  const bad = firstNotCIDR(ranges);
  if (bad != null) {
    const message = `invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR address: ${bad}`;
    errs.push(internal(cidrsPath, message));
  }
  if (bad != null || !isDualStack(ranges) || ranges.length > 2) {
    errs.push(invalid(cidrsPath, ranges, 'may specify no more than one CIDR for each IP family'));
  }
}

function validateSwap(errs: Errors, swap: Json | undefined): void {
  const bytes: number | undefined = swap?.['capacity'];
  if (bytes == null || bytes > 0) return;
  // upstream's own path
  errs.push(invalid(metadataPath.child('nodeSwapStatus').child('capacity'), bytes, notPositiveMessage));
}

const featuresPath = statusPath.child('declaredFeatures');
const featureName = /^[A-Z][A-Za-z0-9]*(\/[A-Za-z0-9]+)*$/;
const longestFeature = 253;

/** The features a node declares: well-named, sorted, each once. */
function validateDeclaredFeatures(errs: Errors, features: readonly string[]): void {
  features.forEach((feature, i) => {
    const problem = featureProblem(feature);
    if (problem !== undefined) {
      errs.push(
        invalid(featuresPath.index(i), feature, `invalid feature name ${goQuote(feature)}: ${problem}`),
      );
    }
    const next = features[i + 1];
    if (next === undefined || feature < next) return;
    const place = featuresPath.index(i + 1);
    if (next === feature) errs.push(duplicate(place, next));
    else errs.push(invalid(place, next, 'list must be sorted alphabetically'));
  });
}

function featureProblem(name: string): string | undefined {
  if (byteLength(name) > longestFeature) return `must be no more than ${longestFeature} characters`;
  if (featureName.test(name)) return undefined;
  return "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes";
}

/** ValidateNodeUpdate: addresses and identity, once given, stay; the same holds for the status. */
export function validateNodeUpdate(errs: Errors, node: Json, old: Json): void {
  const spec: Json = node['spec'] ?? {};
  const before: Json = old['spec'] ?? {};
  validateNodeAnnotations(errs, node['metadata'].annotations, validateTaints);
  validateNodeResources(errs, node);
  validateDeclaredFeatures(errs, node['status']?.declaredFeatures ?? []);
  validateAddresses(errs, node['status']?.addresses ?? []);
  const oldRanges: readonly string[] = before['podCIDRs'] ?? [];
  const ranges: readonly string[] = spec['podCIDRs'] ?? [];
  if (oldRanges.length > 0) {
    const changes =
      oldRanges.length === ranges.length ? oldRanges.filter((range, i) => range !== ranges[i]).length : 1;
    const message = 'node updates may not change podCIDR except from "" to valid';
    for (let i = 0; i < changes; i++) errs.push(forbidden(cidrsPath, message));
  }
  if ((before['providerID'] ?? '') !== '' && before['providerID'] !== spec['providerID']) {
    const message = 'node updates may not change providerID except from "" to valid';
    errs.push(forbidden(specPath.child('providerID'), message));
  }
  validateConfigSource(errs, spec['configSource'], specPath.child('configSource'), wantedInSpec);
  for (const member of ['assigned', 'active', 'lastKnownGood']) {
    const source: Json | undefined = node['status']?.config?.[member];
    validateConfigSource(errs, source, statusPath.child('config').child(member), wantedInStatus);
  }
  validateTaints(errs, spec['taints'], taintsPath);
  if ((spec['externalID'] ?? '') !== (before['externalID'] ?? '')) {
    errs.push(forbidden(specPath.child('externalID'), 'may not be updated'));
  }
}

function validateAddresses(errs: Errors, addresses: readonly Json[]): void {
  const seen = new Set<string>();
  addresses.forEach((address, i) => {
    const id = `${address['type']}/${address['address']}`;
    if (seen.has(id)) {
      const shown = { Type: address['type'] ?? '', Address: address['address'] ?? '' };
      errs.push(duplicate(FieldPath.root('status', 'addresses').index(i), shown));
    }
    seen.add(id);
  });
}
