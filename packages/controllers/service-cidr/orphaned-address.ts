import { type KubeObject, parseCIDR, parseIPNumber } from '@coxswain/machinery';

const managedBy = 'ipaddress.kubernetes.io/managed-by';
const apiServer = 'ipallocator.k8s.io';

type Prefix = NonNullable<ReturnType<typeof parseCIDR>>;

/** The address ranges of a ServiceCIDR. */
function prefixesOf(serviceCidr: KubeObject): Prefix[] {
  const texts: readonly string[] = serviceCidr['spec']?.cidrs ?? [];
  return texts.map((text) => parseCIDR(text)).filter((prefix) => prefix !== undefined);
}

/** Whether all addresses of the inner range, which may be a single one, are in the outer. */
function contains(outer: Prefix, inner: Prefix): boolean {
  if (outer.bits !== inner.bits || outer.prefix > inner.prefix) return false;
  const host = BigInt(outer.bits - outer.prefix);
  return outer.number >> host === inner.number >> host;
}

function single(address: string): Prefix | undefined {
  const parsed = parseIPNumber(address);
  return parsed === undefined ? undefined : { ...parsed, prefix: parsed.bits };
}

/** Whether an API server took the address for a service; others are nobody's business here. */
export function isAllocated({ metadata }: KubeObject): boolean {
  return metadata.labels?.[managedBy] === apiServer;
}

/** Those of which an address is part; of one and the same range all. */
export function rangesOf(address: string, all: readonly KubeObject[]): KubeObject[] {
  const inner = single(address);
  if (inner === undefined) return [];
  return all.filter((one) => prefixesOf(one).some((prefix) => contains(prefix, inner)));
}

/** Those that contain a ServiceCIDR or are contained in it, itself among them. */
export function overlapping(serviceCidr: KubeObject, all: readonly KubeObject[]): KubeObject[] {
  const own = prefixesOf(serviceCidr);
  return all.filter((one) =>
    prefixesOf(one).some((other) => own.some((prefix) => contains(prefix, other) || contains(other, prefix))),
  );
}

/**
 * An address that no other range would have any more were this one gone; undefined when it may go. Pure.
 * @param addresses all IPAddresses
 */
export function orphanedAddress(
  serviceCidr: KubeObject,
  all: readonly KubeObject[],
  addresses: readonly KubeObject[],
): string | undefined {
  const others = all.filter((one) => one.metadata.name !== serviceCidr.metadata.name);
  const hasParent = prefixesOf(serviceCidr).every((prefix) =>
    others.some((one) => prefixesOf(one).some((outer) => contains(outer, prefix))),
  );
  if (hasParent) return undefined;
  return addresses
    .filter(isAllocated)
    .map(({ metadata }) => metadata.name as string)
    .find((name) => rangesOf(name, [serviceCidr]).length > 0 && rangesOf(name, others).length === 0);
}
