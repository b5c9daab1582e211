import { parseLabelSelector } from '@coxswain/machinery';

/** A label selector's text as metav1.LabelSelector. */
export function labelSelectorOf(text: string): object {
  const matchLabels: Record<string, string> = {};
  const matchExpressions: object[] = [];
  for (const { key, operator, values } of parseLabelSelector(text).requirements) {
    const list = [...(values ?? [])];
    if ((operator === '=' || operator === '==') && list.length === 1) matchLabels[key] = list[0] as string;
    else {
      const name = { in: 'In', notin: 'NotIn', exists: 'Exists', '!': 'DoesNotExist', '!=': 'NotIn' }[
        operator as string
      ];
      matchExpressions.push({ key, operator: name, ...(list.length > 0 ? { values: list } : {}) });
    }
  }
  return {
    ...(matchExpressions.length > 0 ? { matchExpressions } : {}),
    ...(Object.keys(matchLabels).length > 0 ? { matchLabels } : {}),
  };
}
