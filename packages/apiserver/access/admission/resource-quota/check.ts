import {
  podConstraintFault,
  quotaConcerns,
  quotaScopeMatches,
  quotaScopesMatch,
  quotaScopesOf,
  quotaUsage,
} from '@coxswain/api';
import { type GroupResource, type KubeObject, parseQuantity, type Quantity } from '@coxswain/machinery';
import { type LimitedResource, limitedNames, limitedScopes, scopesText } from './limited-resources.ts';

/** A write that may use quota. */
export interface QuotaRequest {
  readonly resource: GroupResource;
  readonly operation: 'CREATE' | 'UPDATE';
  readonly object: KubeObject;
  readonly oldObject: KubeObject | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What a write comes to: why it is forbidden, that it is not covered, or the quotas whose use changes, by name. */
export type QuotaVerdict =
  | { readonly fault: string }
  /** Scopes that no quota is about: upstream has no reason for that but the text. */
  | { readonly uncovered: string }
  | { readonly used: ReadonlyMap<string, Readonly<Record<string, string>>> };

type Amounts = Record<string, Quantity>;

/**
 * Measures a write against the quotas of its namespace. A pure decision: nothing is written.
 * @param limited what may be used only where a quota covers it
 */
export function checkQuota(
  quotas: readonly KubeObject[],
  request: QuotaRequest,
  limited: readonly LimitedResource[] = [],
): QuotaVerdict {
  const { resource, object } = request;
  const interesting: InterestingQuota[] = [];
  const covered = new Set<string>();
  for (const quota of quotas) {
    if (!quotaScopesMatch(quota, resource.resource, object)) continue;
    const hard: Record<string, string> = quota['status']?.['hard'] ?? {};
    const restricted = Object.keys(hard).filter((name) => quotaConcerns(resource, name));
    if (restricted.length === 0) continue;
    const fault = preconditionFault(quota, restricted, request);
    if (fault !== undefined) return { fault };
    interesting.push({ quota, hard });
    for (const name of restricted) covered.add(name);
  }
  if (interesting.length === 0 && limited.length === 0) return nothing;
  const usage = quotaUsage(resource, object, request.now);
  const negative = Object.keys(usage).filter((name) => (usage[name] as Quantity).sign < 0);
  if (negative.length > 0) {
    return { fault: `quota usage is negative for resource(s): ${negative.sort().join(',')}` };
  }
  const charges = interesting.map((one) => ({ ...one, delta: deltaFor(one.quota, usage, request) }));
  const changes = charges.filter(({ delta }) => Object.keys(delta).length > 0);
  if (interesting.length > 0 ? changes.length === 0 : isNothing(usageDelta(usage, request))) return nothing;
  const uncovered = uncoveredFault(quotas, request, limited, usage, covered);
  return uncovered ?? charge(changes);
}

interface InterestingQuota {
  readonly quota: KubeObject;
  readonly hard: Readonly<Record<string, string>>;
}

const nothing: QuotaVerdict = { used: new Map() };

function isNothing(amounts: Amounts): boolean {
  return Object.keys(amounts).length === 0;
}

/** Why what is limited may not be used: no quota is about it. */
function uncoveredFault(
  quotas: readonly KubeObject[],
  { resource, object }: QuotaRequest,
  limited: readonly LimitedResource[],
  usage: Amounts,
  covered: ReadonlySet<string>,
): QuotaVerdict | undefined {
  if (limited.length === 0) return undefined;
  const names = [...limitedNames(limited, resource, usage)].filter((name) => !covered.has(name)).sort();
  if (names.length > 0) return { fault: `insufficient quota to consume: ${names.join(',')}` };
  const within = quotas
    .flatMap(quotaScopesOf)
    .filter((scope) => quotaScopeMatches(scope, resource.resource, object));
  const scopes = limitedScopes(limited, resource, object).filter(({ scopeName }) =>
    within.every((scope) => scope.scopeName !== scopeName),
  );
  if (scopes.length === 0) return undefined;
  return { uncovered: `insufficient quota to match these scopes: ${scopesText(scopes)}` };
}

function charge(changes: readonly (InterestingQuota & { readonly delta: Amounts })[]): QuotaVerdict {
  const used = new Map<string, Record<string, string>>();
  for (const { quota, hard, delta } of changes) {
    const requested = pick(delta, (name) => hard[name] !== undefined);
    if (isNothing(requested)) continue;
    const before: Record<string, string> = quota['status']?.['used'] ?? {};
    const after = { ...before };
    const exceeded: string[] = [];
    for (const [name, amount] of Object.entries(requested)) {
      const total = parseQuantity(before[name] ?? '0').add(amount);
      if (total.compare(parseQuantity(hard[name] as string)) > 0) exceeded.push(name);
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

/** What the write adds to a quota: what the object used before counts where the quota was about it. */
function deltaFor(quota: KubeObject, usage: Amounts, request: QuotaRequest): Amounts {
  const { resource, oldObject } = request;
  if (oldObject === undefined || quotaScopesMatch(quota, resource.resource, oldObject)) {
    return usageDelta(usage, request);
  }
  return withoutZeros(usage);
}

/** What the write adds: on an update only what is more than before. What is less is counted anew by the controller. */
function usageDelta(usage: Amounts, { resource, operation, oldObject, now }: QuotaRequest): Amounts {
  if (operation === 'CREATE' || !oldObject?.metadata.resourceVersion) return withoutZeros(usage);
  const before = quotaUsage(resource, oldObject, now);
  const more: Amounts = {};
  for (const [name, amount] of Object.entries(usage)) {
    const previous = before[name];
    const difference = previous === undefined ? amount : amount.subtract(previous);
    if (difference.sign > 0) more[name] = difference;
  }
  return more;
}

function withoutZeros(amounts: Amounts): Amounts {
  return pick(amounts, (_name, amount) => !amount.isZero);
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
