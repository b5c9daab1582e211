import { humanDuration } from '@coxswain/machinery';
import type { Lines } from './lines.ts';

/** A time as Go's RFC 1123 with a numeric zone: `Sat, 21 Nov 2026 00:13:54 +0000`. */
export function formatTimestamp(text: string | undefined): string {
  if (text === undefined || text === null) return '<unset>';
  const date = new Date(text);
  return `${date.toUTCString().replace('GMT', '').trim()} +0000`;
}

/** How long ago, as tables show it. */
export function ageOf(text: string | undefined | null, now: number): string {
  return text ? humanDuration(now - Date.parse(text)) : '<unknown>';
}

/** `Labels:` and a line for each, or `<none>`. */
export function labelsMultiline(
  lines: Lines,
  level: number,
  title: string,
  labels: Record<string, string> | undefined,
): void {
  const entries = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) lines.add(level, `${title}:\t<none>`);
  entries.forEach(([key, value], i) => {
    lines.add(level, `${i === 0 ? `${title}:` : ''}\t${key}=${value}`);
  });
}

const hiddenAnnotations = new Set(['kubectl.kubernetes.io/last-applied-configuration']);
/** kubectl's: longer values are cut. */
const longestAnnotation = 140;

/** `Annotations:` and a line for each, or `<none>`; long ones and those of several lines stand on their own. */
export function annotationsMultiline(lines: Lines, annotations: Record<string, string> | undefined): void {
  const keys = Object.keys(annotations ?? {})
    .filter((key) => !hiddenAnnotations.has(key))
    .sort();
  if (keys.length === 0) lines.add(0, 'Annotations:\t<none>');
  keys.forEach((key, i) => {
    const head = i === 0 ? 'Annotations:\t' : '\t';
    const value = (annotations?.[key] ?? '').replace(/\n$/, '');
    if (value.length + key.length + 2 < longestAnnotation && !value.includes('\n')) {
      lines.add(0, `${head}${key}: ${value}`);
      return;
    }
    lines.add(0, `${head}${key}:`);
    for (const line of value.split('\n'))
      lines.add(
        0,
        `\t  ${line.length > longestAnnotation ? `${line.slice(0, longestAnnotation)}...` : line}`,
      );
  });
}

/** A LabelSelector as metav1.FormatLabelSelector prints it. */
export function formatSelector(selector: any): string {
  if (selector === undefined || selector === null) return '<none>';
  const pairs = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }: any) => {
    const list = [...values].sort().join(',');
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator === 'In' ? 'in' : 'notin'} (${list})`;
  });
  return [...pairs, ...expressions].sort().join(',') || '<none>';
}

/** `a=1,b=2`, or `<none>`. */
export function joinLabels(labels: Record<string, string> | undefined): string {
  const entries = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, value]) => `${key}=${value}`).join(',') || '<none>';
}
