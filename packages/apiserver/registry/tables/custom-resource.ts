import { normalizeTime, TimeParseError } from '@coxswain/api';
import type { KubeObject } from '@coxswain/machinery';
import { nameOf, since } from './format.ts';
import { compileJsonPath, jsonPathText } from './json-path.ts';
import {
  type ColumnDefinition,
  type Describe,
  describeTable,
  metaField,
  nameColumn,
  type Table,
} from './table.ts';
import { describeField } from './table-for.ts';

/** apiextensions/v1 CustomResourceColumnDefinition. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

/** The table of a custom resource: its name and the columns that its definition declares, or its age. */
export function tableForCustomResource(
  columns: readonly PrinterColumn[],
  describe: Describe = describeField,
): Table {
  const declared: readonly PrinterColumn[] =
    columns.length > 0
      ? columns
      : [
          {
            name: 'Age',
            type: 'date',
            description: describe(metaField('').definition, 'creationTimestamp'),
            jsonPath: '.metadata.creationTimestamp',
          },
        ];
  const head = describeTable({ columns: [nameColumn], cells: () => [] }, describe).columns;
  const find = declared.map((c) => ({ type: c.type, at: compileJsonPath(c.jsonPath) }));
  return {
    columns: [...head, ...declared.map(definitionOf)],
    cells: (object: KubeObject, now: number) => [
      nameOf(object),
      ...find.map(({ type, at }) => cell(type, at(object), now)),
    ],
  };
}

function definitionOf(printed: PrinterColumn): ColumnDefinition {
  const { name, type, format = '', priority = 0, jsonPath } = printed;
  const description =
    printed.description || `Custom resource definition column (in JSONPath format): ${jsonPath}`;
  return { name, type, format, description, priority };
}

/** The first value that was found; one that does not have the column's type shows as nothing. */
function cell(type: string, [value]: readonly unknown[], now: number): unknown {
  if (value === undefined) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : typeof value === 'bigint' ? value : null;
    case 'number':
      return typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'string':
      return jsonPathText(value);
    case 'date':
      return typeof value === 'string' ? timeSince(value, now) : null;
    default:
      return null;
  }
}

/** Texts by which Go's clients have said that there is no time, and the time that Go has then. */
const noTimes: ReadonlySet<string> = new Set(['', 'null', '0001-01-01T00:00:00Z']);

function timeSince(text: string, now: number): string {
  if (noTimes.has(text)) return since(undefined, now);
  try {
    return since(normalizeTime(text), now);
  } catch (error) {
    if (error instanceof TimeParseError) return '<invalid>';
    throw error;
  }
}
