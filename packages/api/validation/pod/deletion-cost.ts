/** Where a pod says how costly its deletion would be. */
export const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';

/** Whether a text is a cost: a decimal int32 without a plus sign, and without leading zeros unless negative. */
export function isDeletionCost(text: string): boolean {
  if (!/^(0|[1-9][0-9]*|-[0-9]+)$/.test(text)) return false;
  const value = Number(text);
  return value >= -(2 ** 31) && value < 2 ** 31;
}
