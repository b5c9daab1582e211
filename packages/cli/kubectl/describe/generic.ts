import { goNumber } from '@coxswain/machinery';
import type { Describer } from './describer.ts';
import { annotationsMultiline, labelsMultiline } from './format.ts';
import type { Lines } from './lines.ts';

/** Any object: names, labels, annotations, then all its fields. */
export const describeGeneric: Describer = (lines, object) => {
  const { name, namespace, labels, annotations } = object.metadata;
  lines.add(0, `Name:\t${name}`);
  lines.add(0, `Namespace:\t${namespace ?? ''}`);
  labelsMultiline(lines, 0, 'Labels', labels);
  annotationsMultiline(lines, annotations);
  const {
    managedFields: _,
    name: _n,
    namespace: _s,
    labels: _l,
    annotations: _a,
    ...metadata
  } = object.metadata;
  fieldLines(lines, 0, { ...object, metadata });
};

function fieldLines(lines: Lines, level: number, object: object): void {
  const entries = Object.entries(object).map(([key, value]) => [smartLabel(key), value] as const);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  // By index, as objects nest deep.
  for (let i = 0; i < entries.length; i++) valueLines(lines, level, entries[i]![0], entries[i]![1]);
}

function valueLines(lines: Lines, level: number, label: string, value: unknown): void {
  if (Array.isArray(value)) {
    lines.add(level, `${label}:`);
    for (const item of value) {
      if (typeof item === 'object' && item !== null) fieldLines(lines, level + 1, item);
      else lines.add(level + 1, scalarText(item));
    }
  } else if (typeof value === 'object' && value !== null) {
    lines.add(level, `${label}:`);
    fieldLines(lines, level + 1, value);
  } else lines.add(level, `${label}:\t${scalarText(value)}`);
}

/** As Go's `%v` prints it. */
function scalarText(value: unknown): string {
  return typeof value === 'number' ? goNumber(value) : String(value ?? '<nil>');
}

const acronyms = new Set([
  'api',
  'id',
  'uid',
  'url',
  'http',
  'https',
  'ip',
  'cpu',
  'tls',
  'io',
  'osb',
  'uuid',
]);

/** `podCIDR` as `Pod CIDR`, `apiVersion` as `API Version`. */
function smartLabel(field: string): string {
  const words = field.match(/[A-Z]{2,}(?=[A-Z][a-z]|\b|$)|[A-Z]?[a-z0-9]+|[A-Z]+|[^A-Za-z0-9]+/g) ?? [field];
  return words
    .map((word) =>
      acronyms.has(word.toLowerCase()) ? word.toUpperCase() : word.charAt(0).toUpperCase() + word.slice(1),
    )
    .join(' ');
}
