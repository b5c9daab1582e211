import { duplicate, invalid, required } from '@coxswain/machinery';
import { isDualStack, isIPv6, validateIP } from '../formats.ts';
import { type Errors, type Json, oneOf, sizeOf, specPath } from '../values.ts';
import { isHeadless } from './service-fields.ts';

const ipsPath = specPath.child('clusterIPs');
const familiesPath = specPath.child('ipFamilies');
const policyPath = specPath.child('ipFamilyPolicy');

/**
 * ValidateServiceClusterIPsRelatedFields: clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy say the same.
 * The allocator of addresses asks this before it allocates, so that it meets nothing malformed.
 *
 * @param old the spec before an update: addresses that stood there may stay as they are written
 */
export function validateClusterIPsRelatedFields(errs: Errors, spec: Json, old: Json | undefined): void {
  if (spec['type'] === 'ExternalName') return;
  const list: readonly string[] = spec['clusterIPs'] ?? [];
  const single: string = spec['clusterIP'] ?? '';
  if (single !== '') {
    if (list.length === 0) errs.push(required(ipsPath));
    else if (list[0] !== single) errs.push(invalid(ipsPath, list, 'first value must match `clusterIP`'));
  } else if (list.length > 0) {
    errs.push(invalid(ipsPath, list, 'must be empty when `clusterIP` is not specified'));
  }
  const families: readonly string[] = spec['ipFamilies'] ?? [];
  families.forEach((family, i) => {
    oneOf(errs, familiesPath.index(i), family, ['IPv4', 'IPv6']);
    if (families.indexOf(family) < i) errs.push(duplicate(familiesPath.index(i), family));
  });
  if (spec['ipFamilyPolicy'] != null) {
    oneOf(errs, policyPath, spec['ipFamilyPolicy'], ['PreferDualStack', 'RequireDualStack', 'SingleStack']);
  }
  if (!validateList(errs, list, old?.['clusterIPs'])) return;
  if (list.length > 1 && !isDualStack(list)) {
    errs.push(invalid(ipsPath, list, 'may specify no more than one IP for each IP family'));
  }
  if (isHeadless(spec)) return;
  list.slice(0, families.length).forEach((ip, i) => {
    const wanted = families[i];
    if (wanted === (isIPv6(ip) ? 'IPv6' : 'IPv4') || (wanted !== 'IPv4' && wanted !== 'IPv6')) return;
    const message = `expected an ${wanted} value as indicated by \`ipFamilies[${i}]\``;
    errs.push(invalid(ipsPath.index(i), ip, message));
  });
}

/** The addresses themselves; tells whether they make sense enough to go on. */
function validateList(errs: Errors, list: readonly string[], before: readonly string[] | undefined): boolean {
  let good = true;
  list.forEach((ip, i) => {
    if (i === 0 && ip === 'None') {
      if (list.length === 1) return;
      good = false;
      errs.push(invalid(ipsPath, list, "'None' must be the first and only value"));
      return;
    }
    if (!validateIP(errs, ip, ipsPath.index(i), before)) good = false;
  });
  if (list.length > 2) errs.push(invalid(ipsPath, list, 'may only hold up to 2 values'));
  return good;
}

/** What an update may do to addresses and families: add or release the second, never change the first. */
export function validateIPChanges(errs: Errors, spec: Json, old: Json): void {
  if (spec['type'] === 'ExternalName' || old['type'] === 'ExternalName') return;
  const headless = isHeadless(spec);
  const wasHeadless = isHeadless(old);
  if (!(headless && wasHeadless)) validateAddressChanges(errs, spec, old);
  if (!headless && !wasHeadless) validateFamilyChanges(errs, spec, old);
}

const once = 'may not change once set';

function validateAddressChanges(errs: Errors, spec: Json, old: Json): void {
  const now: readonly string[] = spec['clusterIPs'] ?? [];
  const before: readonly string[] = old['clusterIPs'] ?? [];
  const shown = spec['clusterIPs'] ?? null;
  if (before.length === now.length) {
    before.forEach((ip, i) => {
      if (ip !== now[i]) errs.push(invalid(ipsPath.index(i), shown, once));
    });
    return;
  }
  if (before.length > now.length && now.length === 0) {
    errs.push(invalid(ipsPath.index(0), shown, 'primary clusterIP can not be unset'));
  }
  if (before.length > 0 && now.length > 0 && before[0] !== now[0]) {
    errs.push(invalid(ipsPath.index(0), shown, once));
  }
  if (before.length > now.length && now.length === 1) validateReleased(errs, spec, 'clusterIP');
}

function validateReleased(errs: Errors, spec: Json, what: string): void {
  if (spec['ipFamilyPolicy'] === 'SingleStack') return;
  const message = `must be set to 'SingleStack' when releasing the secondary ${what}`;
  errs.push(invalid(policyPath, spec['ipFamilyPolicy'], message));
}

function validateFamilyChanges(errs: Errors, spec: Json, old: Json): void {
  const now: readonly string[] = spec['ipFamilies'] ?? [];
  const before: readonly string[] = old['ipFamilies'] ?? [];
  const place = familiesPath.index(0);
  if (before.length === now.length) {
    before.forEach((family, i) => {
      if (family !== now[i]) errs.push(invalid(place, now, once));
    });
    return;
  }
  if (before.length > now.length && sizeOf(spec['clusterIPs']) === 0) {
    errs.push(invalid(place, spec['ipFamilies'] ?? null, 'primary ipFamily can not be unset'));
  }
  if (before.length > 0 && now.length > 0 && now[0] !== before[0]) {
    errs.push(invalid(place, spec['clusterIPs'] ?? null, once));
  }
  if (before.length > now.length && now.length === 1) validateReleased(errs, spec, 'ipFamily');
}
