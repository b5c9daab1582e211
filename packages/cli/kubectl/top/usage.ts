import { parseQuantity } from '@coxswain/machinery';
import { Failure } from '../error-text.ts';
import type { Session } from '../session.ts';

/** What something uses, or has, of resources: name to quantity. */
export type ResourceList = Readonly<Record<string, string>>;

/** metrics.k8s.io as kubectl asks it. */
export const metricsGroup = { group: 'metrics.k8s.io', version: 'v1beta1' };

/** What both verbs take. */
export const topFlags = {
  'no-headers': { type: 'bool', default: 'false', help: 'Leave the headers out' },
  'show-swap': { type: 'bool', default: 'false', help: 'Show the use of swap too' },
  'sort-by': { type: 'string', help: 'cpu, memory or swap' },
  'use-protocol-buffers': { type: 'bool', default: 'true', help: 'Accepted; metrics are read as JSON' },
} as const;

/** The resources that are shown. */
export function measured(session: Session): readonly string[] {
  return session.flags.bool('show-swap') ? ['cpu', 'memory', 'swap'] : ['cpu', 'memory'];
}

/** Checks `--sort-by` and the server; throws `Failure` when either does not do. */
export async function checkMetrics(session: Session): Promise<void> {
  const sortBy = session.flags.string('sort-by') ?? '';
  if (!['', ...measured(session)].includes(sortBy)) {
    throw new Failure(
      session.flags.bool('show-swap')
        ? '--sort-by accepts only cpu, memory or swap'
        : '--sort-by accepts only cpu or memory',
    );
  }
  const resources = await (await session.discovery()).fresh();
  if (!resources.some(({ group }) => group === metricsGroup.group))
    throw new Failure('Metrics API not available');
}

/** By the resource of `--sort-by`, most first; else by name. */
export function byUsage<T>(
  session: Session,
  usageOf: (item: T) => ResourceList,
  nameOf: (item: T) => string,
): (a: T, b: T) => number {
  const sortBy = session.flags.string('sort-by') ?? '';
  return (a, b) => {
    const more = sortBy === '' ? 0 : amount(usageOf(b)[sortBy]) - amount(usageOf(a)[sortBy]);
    return more || (nameOf(a) < nameOf(b) ? -1 : 1);
  };
}

/** The sum of several uses. */
export function sumOf(all: readonly ResourceList[], resources: readonly string[]): ResourceList {
  return Object.fromEntries(
    resources.map((name) => [name, `${all.reduce((sum, each) => sum + amount(each[name]), 0)}m`]),
  );
}

/** Thousandths of the quantity. */
function amount(quantity = '0'): number {
  return Number(parseQuantity(quantity).milliValue());
}

/** A use as a cell shows it: `250m` of a CPU, `64Mi` of memory. */
export function usageText(resource: string, quantity: string | undefined): string {
  if (resource === 'cpu') return `${amount(quantity)}m`;
  const bytes = Math.ceil(amount(quantity) / 1_000);
  return `${Math.trunc(bytes / (1024 * 1024))}Mi`;
}

/** The share of what there is, such as `12%`. */
export function shareText(quantity: string | undefined, available: string): string {
  const whole = amount(available);
  return `${whole === 0 ? 0 : Math.trunc((amount(quantity) / whole) * 100)}%`;
}
