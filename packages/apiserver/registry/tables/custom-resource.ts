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
      ...find.map(({ type, at }) => cell(type, at(object)[0], now)),
    ],
  };
}

function definitionOf(printed: PrinterColumn): ColumnDefinition {
  const { name, type, format = '', priority = 0, jsonPath } = printed;
  const description =
    printed.description || `Custom resource definition column (in JSONPath format): ${jsonPath}`;
  return { name, type, format, description, priority };
}

/** A value that does not have the column's type shows as nothing. */
function cell(type: string, value: unknown, now: number): unknown {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'string':
      return jsonPathText(value);
    case 'date':
      if (typeof value !== 'string') return null;
      return Number.isNaN(Date.parse(value)) ? '<invalid>' : since(value, now);
    default:
      return null;
  }
}
