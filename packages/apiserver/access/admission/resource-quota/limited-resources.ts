import { type QuotaScope, quotaScopeMatches } from '@coxswain/api';
import type { GroupResource, KubeObject, Quantity } from '@coxswain/machinery';

/** What may be consumed only where a quota covers it (ResourceQuotaConfiguration's LimitedResource). */
export interface LimitedResource {
  readonly group: string;
  readonly resource: string;
  /** Parts of the names of what is limited. */
  readonly matchContains: readonly string[];
  readonly matchScopes: readonly QuotaScope[];
}

/** The scopes that what is limited matches; of whatever resource, as upstream has it. */
export function limitedScopes(
  limited: readonly LimitedResource[],
  { resource }: GroupResource,
  object: KubeObject,
): readonly QuotaScope[] {
  return limited.flatMap(({ matchScopes }) =>
    matchScopes.filter((scope) => quotaScopeMatches(scope, resource, object)),
  );
}

/** Names of what an object uses that is limited. */
export function limitedNames(
  limited: readonly LimitedResource[],
  { group, resource }: GroupResource,
  usage: Readonly<Record<string, Quantity>>,
): ReadonlySet<string> {
  const parts = limited
    .filter((one) => one.group === group && one.resource === resource)
    .flatMap(({ matchContains }) => matchContains);
  const used = Object.entries(usage).filter(([, amount]) => amount.sign > 0);
  return new Set(used.map(([name]) => name).filter((name) => parts.some((part) => name.includes(part))));
}

/** As Go prints a list of them. */
export function scopesText(scopes: readonly QuotaScope[]): string {
  const shown = scopes.map(
    ({ scopeName, operator = '', values = [] }) => `{${scopeName} ${operator} [${values.join(' ')}]}`,
  );
  return `[${shown.join(' ')}]`;
}
