import { podConstraintFault, quotaConcerns, quotaScopesMatch, quotaUsage } from '@coxswain/api';
import { type GroupResource, type KubeObject, parseQuantity, type Quantity } from '@coxswain/machinery';

/** A write that may use quota. */
export interface QuotaRequest {
  readonly resource: GroupResource;
  readonly operation: 'CREATE' | 'UPDATE';
  readonly object: KubeObject;
  readonly oldObject: KubeObject | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What a write comes to: a fault with upstream's text, or the quotas whose use changes, by name. */
export type QuotaVerdict =
  | { readonly fault: string }
  | { readonly used: ReadonlyMap<string, Readonly<Record<string, string>>> };

type Amounts = Record<string, Quantity>;

/** Measures a write against the quotas of its namespace. A pure decision: nothing is written. */
export function checkQuota(quotas: readonly KubeObject[], request: QuotaRequest): QuotaVerdict {
  const interesting: { quota: KubeObject; hard: Record<string, string> }[] = [];
  for (const quota of quotas) {
    if (!quotaScopesMatch(quota, request.resource.resource, request.object)) continue;
    const hard: Record<string, string> = quota['status']?.['hard'] ?? {};
    const restricted = Object.keys(hard).filter((name) => quotaConcerns(request.resource, name));
    if (restricted.length === 0) continue;
    const fault = preconditionFault(quota, restricted, request);
    if (fault !== undefined) return { fault };
    interesting.push({ quota, hard });
  }
  const delta = interesting.length === 0 ? {} : usageDelta(request);
  const used = new Map<string, Record<string, string>>();
  for (const { quota, hard } of interesting) {
    const requested = pick(delta, (name) => hard[name] !== undefined);
    if (Object.keys(requested).length === 0) continue;
    const before: Record<string, string> = quota['status']?.['used'] ?? {};
    const after = { ...before };
    const exceeded: string[] = [];
    for (const [name, amount] of Object.entries(requested)) {
      const total = parseQuantity(before[name] ?? '0').add(amount);
      // giving back is always possible, even while too much is in use
      if (amount.sign > 0 && total.compare(parseQuantity(hard[name] as string)) > 0) exceeded.push(name);
      after[name] = total.toString();
    }
    if (exceeded.length > 0) return { fault: exceededText(quota, exceeded, requested, before, hard) };
    used.set(quota.metadata.name ?? '', after);
  }
  return { used };
}

function preconditionFault(
  quota: KubeObject,
  restricted: readonly string[],
  request: QuotaRequest,
): string | undefined {
  const isPod = request.resource.group === '' && request.resource.resource === 'pods';
  const constraint = isPod ? podConstraintFault(request.object, restricted) : undefined;
  if (constraint !== undefined) return `failed quota: ${quota.metadata.name}: ${constraint}`;
  const used: Record<string, string> = quota['status']?.['used'] ?? {};
  if (restricted.every((name) => used[name] !== undefined)) return undefined;
  const names = [...restricted].sort().join(',');
  return `status unknown for quota: ${quota.metadata.name}, resources: ${names}`;
}

/** What the write adds, without zeros: on an update only the difference. */
function usageDelta({ resource, operation, object, oldObject, now }: QuotaRequest): Amounts {
  const usage: Amounts = { ...quotaUsage(resource, object, now) };
  if (operation === 'UPDATE' && oldObject?.metadata.resourceVersion) {
    for (const [name, amount] of Object.entries(quotaUsage(resource, oldObject, now))) {
      const present = usage[name];
      usage[name] = present === undefined ? amount.negate() : present.subtract(amount);
    }
  }
  return pick(usage, (_name, amount) => !amount.isZero);
}

function pick(amounts: Amounts, keep: (name: string, amount: Quantity) => boolean): Amounts {
  return Object.fromEntries(Object.entries(amounts).filter(([name, amount]) => keep(name, amount)));
}

function exceededText(
  quota: KubeObject,
  exceeded: readonly string[],
  requested: Amounts,
  used: Readonly<Record<string, string>>,
  hard: Readonly<Record<string, string>>,
): string {
  const list = (amount: (name: string) => string | undefined): string =>
    [...exceeded]
      .sort()
      .map((name) => `${name}=${amount(name) ?? '0'}`)
      .join(',');
  return [
    `exceeded quota: ${quota.metadata.name}`,
    `requested: ${list((name) => requested[name]?.toString())}`,
    `used: ${list((name) => used[name])}`,
    `limited: ${list((name) => hard[name])}`,
  ].join(', ');
}
