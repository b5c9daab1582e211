/** core/v1 Taint. */
export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  readonly timeAdded?: string;
}

/** core/v1 Toleration. */
export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
  readonly tolerationSeconds?: number;
}

/** Whether the toleration allows for the taint. Source: Toleration.ToleratesTaint. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator ?? 'Equal') {
    case '':
    case 'Equal':
      return (toleration.value ?? '') === (taint.value ?? '');
    case 'Exists':
      return true;
    case 'Lt':
    case 'Gt':
      return comparesTo(toleration, taint);
    default:
      return false;
  }
}

/** `Lt`: the taint's number is less than the toleration's; `Gt`: it is more. */
function comparesTo(toleration: Toleration, taint: Taint): boolean {
  const [limit, value] = [toleration.value ?? '', taint.value ?? ''];
  if (!/^-?\d+$/.test(limit) || !/^-?\d+$/.test(value)) return false;
  return toleration.operator === 'Lt' ? BigInt(value) < BigInt(limit) : BigInt(value) > BigInt(limit);
}

/** The first taint with one of the effects that no toleration covers. */
export function firstUntolerated(
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
  effects: readonly string[],
): Taint | undefined {
  return taints.find(
    (taint) =>
      effects.includes(taint.effect) && !tolerations.some((toleration) => tolerates(toleration, taint)),
  );
}
