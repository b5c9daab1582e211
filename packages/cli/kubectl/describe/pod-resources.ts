import { type KubeObject, parseQuantity, type Quantity } from '@coxswain/machinery';

/** What a pod asks for of a resource: its containers together, or its largest init container. */
function amountOf(pod: KubeObject, kind: 'requests' | 'limits', resource: string): Quantity {
  const zero = parseQuantity('0');
  const { containers = [], initContainers = [], overhead } = pod['spec'] ?? {};
  const of = (container: any): Quantity => parseQuantity(container.resources?.[kind]?.[resource] ?? '0');
  let total = containers.reduce((sum: Quantity, each: any) => sum.add(of(each)), zero);
  let sidecars = zero;
  let largest = zero;
  for (const container of initContainers) {
    if (container.restartPolicy === 'Always') {
      total = total.add(of(container));
      sidecars = sidecars.add(of(container));
      if (sidecars.compare(largest) > 0) largest = sidecars;
    } else {
      const needed = sidecars.add(of(container));
      if (needed.compare(largest) > 0) largest = needed;
    }
  }
  if (largest.compare(total) > 0) total = largest;
  const extra = overhead?.[resource];
  const counts = kind === 'requests' || total.compare(zero) > 0;
  return extra !== undefined && counts ? total.add(parseQuantity(extra)) : total;
}

/** What pods ask for together, as a quantity's text. */
export function sumOf(pods: readonly KubeObject[], kind: 'requests' | 'limits', resource: string): string {
  return pods.reduce((sum, pod) => sum.add(amountOf(pod, kind, resource)), parseQuantity('0')).toString();
}

/** Whole percent of `amount` in `total`; 0 when there is no total. */
export function percentOf(amount: string, total: string | undefined): number {
  const whole = total === undefined ? 0 : Number(parseQuantity(total).milliValue());
  return whole === 0 ? 0 : Math.trunc((Number(parseQuantity(amount).milliValue()) / whole) * 100);
}
