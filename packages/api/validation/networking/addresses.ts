import {
  canonicalIP,
  goQuote,
  invalid,
  isDNS1123Subdomain,
  isValidCIDR,
  isValidIP,
  parseCIDR,
  required,
} from '@coxswain/machinery';
import { goStruct } from '../go-print.ts';
import { semanticEqual } from '../immutable.ts';
import { type NameRule, pathSegmentName } from '../names.ts';
import {
  addInvalid,
  blank,
  type Errors,
  immutableMessage,
  type Json,
  requireText,
  specPath,
} from '../values.ts';

function canonicalForm(value: string, canonical: string, messages: string[]): string[] {
  if (messages.length > 0 || value === canonical) return messages;
  return [`must be in canonical form (${goQuote(canonical)})`];
}

/** An IPAddress is named by the address itself. */
export const ipAddressName: NameRule = (name) => canonicalForm(name, canonicalIP(name), isValidIP(name));

/** IsValidCIDR, for fields that never took another form. */
function isCanonicalCIDR(value: string): string[] {
  const [address = '', prefix = ''] = value.split('/');
  return canonicalForm(value, `${canonicalIP(address)}/${prefix}`, isValidCIDR(value));
}

const parentPath = specPath.child('parentRef');

/** ValidateIPAddress without the metadata. */
export function validateIPAddress(errs: Errors, address: Json): void {
  const parent: Json | undefined = address['spec']?.parentRef;
  if (parent == null) {
    errs.push(required(parentPath));
    return;
  }
  const group: string = parent['group'] ?? '';
  if (group !== '') addInvalid(errs, parentPath.child('group'), group, isDNS1123Subdomain(group));
  for (const member of ['resource', 'name']) {
    const value: string | undefined = parent[member];
    if (requireText(errs, parentPath.child(member), value)) {
      addInvalid(errs, parentPath.child(member), value, pathSegmentName(value!, false));
    }
  }
  const namespace: string | undefined = parent['namespace'];
  if (!blank(namespace)) {
    addInvalid(errs, parentPath.child('namespace'), namespace, pathSegmentName(namespace!, false));
  }
}

/** ValidateIPAddressUpdate: who holds the address stays. */
export function validateIPAddressUpdate(errs: Errors, address: Json, old: Json): void {
  const now: Json | undefined = address['spec']?.parentRef ?? undefined;
  if (semanticEqual(now, old['spec']?.parentRef)) return;
  const shown = goStruct(now, 'io.k8s.api.networking.v1.ParentReference') ?? 'null';
  errs.push(invalid(parentPath, shown, immutableMessage));
}

const cidrsPath = specPath.child('cidrs');

/** ValidateServiceCIDR without the metadata. */
export function validateServiceCIDR(errs: Errors, config: Json): void {
  const ranges: readonly string[] = config['spec']?.cidrs ?? [];
  if (ranges.length === 0) {
    errs.push(required(cidrsPath, 'at least one CIDR required'));
    return;
  }
  if (ranges.length > 2) {
    errs.push(invalid(cidrsPath, { CIDRs: ranges }, 'may only hold up to 2 values'));
    return;
  }
  ranges.forEach((range, i) => {
    addInvalid(errs, cidrsPath.index(i), range, isCanonicalCIDR(range));
  });
  const [first, second] = ranges.map((range) => parseCIDR(range)?.bits);
  if (first !== undefined && first === second) {
    const message =
      'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';
    errs.push(invalid(cidrsPath, ranges, message));
  }
}

/** ValidateServiceCIDRUpdate: a second range may be added, nothing else. */
export function validateServiceCIDRUpdate(errs: Errors, config: Json, old: Json): void {
  const now: readonly string[] = config['spec']?.cidrs ?? [];
  const before: readonly string[] = old['spec']?.cidrs ?? [];
  const changed = (i: number): void => {
    if (before[i] !== now[i]) errs.push(invalid(cidrsPath.index(i), now[i], immutableMessage));
  };
  if (before.length === now.length) {
    before.forEach((_, i) => {
      changed(i);
    });
  } else if (before.length === 1 && now.length === 2) {
    changed(0);
    validateServiceCIDR(errs, config);
  } else {
    errs.push(invalid(cidrsPath, now, immutableMessage));
  }
}
