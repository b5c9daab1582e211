import type { Lines } from './lines.ts';

export function nodeSelectorLines(
  lines: Lines,
  level: number,
  selector: Record<string, string> | undefined,
): void {
  const entries = Object.entries(selector ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) lines.add(level, 'Node-Selectors:\t<none>');
  entries.forEach(([key, value], i) => {
    lines.add(level, `${i === 0 ? 'Node-Selectors:' : ''}\t${key}=${value}`);
  });
}

export function tolerationLines(lines: Lines, level: number, tolerations: readonly any[] | undefined): void {
  const sorted = [...(tolerations ?? [])].sort((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1));
  if (sorted.length === 0) lines.add(level, 'Tolerations:\t<none>');
  sorted.forEach((each, i) => {
    const { key = '', value = '', effect = '', operator, tolerationSeconds } = each;
    let text = key;
    if (value !== '') text += `=${value}`;
    if (effect !== '') text += `:${effect}`;
    // A toleration of everything has neither key nor value.
    if (operator === 'Exists' && value === '')
      text += key !== '' || effect !== '' ? ' op=Exists' : 'op=Exists';
    if (tolerationSeconds !== undefined) text += ` for ${tolerationSeconds}s`;
    lines.add(level, `${i === 0 ? 'Tolerations:' : ''}\t${text}`);
  });
}
