import {
  duplicate,
  FieldPath,
  forbidden,
  internal,
  invalid,
  isConfigMapKey,
  isValidLabelValue,
} from '@coxswain/machinery';
import { firstNotCIDR, isDualStack, validateCIDR } from '../formats.ts';
import { dnsLabelName, dnsSubdomainName } from '../names.ts';
import { validateLabelName } from '../object-meta.ts';
import { validateTaintEffect } from '../pod/tolerations.ts';
import { validateResourceQuantity } from '../resource-names.ts';
import {
  addInvalid,
  type Errors,
  type Json,
  keysOf,
  metadataPath,
  requireText,
  specPath,
  withDetail,
} from '../values.ts';

const taintsPath = metadataPath.child('taints'); // upstream's own path, though they are in the spec
const cidrsPath = specPath.child('podCIDRs');

/** ValidateNode without the metadata. */
export function validateNode(errs: Errors, node: Json): void {
  const spec: Json = node['spec'] ?? {};
  validateTaints(errs, spec['taints'], taintsPath);
  validateNodeResources(errs, node);
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
  ranges.forEach((range, i) => {
    if (ranges.indexOf(range) < i) errs.push(duplicate(cidrsPath.index(i), range));
  });
}

/** ValidateNodeUpdate: addresses and identity, once given, stay; the same holds for the status. */
export function validateNodeUpdate(errs: Errors, node: Json, old: Json): void {
  const spec: Json = node['spec'] ?? {};
  const before: Json = old['spec'] ?? {};
  validateNodeResources(errs, node);
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
  validateConfigSource(errs, spec['configSource']);
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

/** The source of a node's configuration, which nothing reads any more. */
function validateConfigSource(errs: Errors, source: Json | undefined): void {
  if (source == null) return;
  const path = specPath.child('configSource');
  const map: Json | undefined = source['configMap'];
  if (map == null) {
    errs.push(invalid(path, { ConfigMap: null }, 'exactly one reference subfield must be non-nil'));
    return;
  }
  const place = path.child('configMap');
  for (const member of ['uid', 'resourceVersion']) {
    if (map[member]) errs.push(forbidden(place.child(member), `${member} must not be set in spec`));
  }
  const check = (member: string, messagesOf: (value: string) => readonly string[]): void => {
    const value: string | undefined = map[member];
    if (!requireText(errs, place.child(member), value, `${member} must be set`)) return;
    addInvalid(errs, place.child(member), value, messagesOf(value!));
  };
  check('namespace', (value) => dnsLabelName(value, false));
  check('name', (value) => dnsSubdomainName(value, false));
  check('kubeletConfigKey', isConfigMapKey);
}
