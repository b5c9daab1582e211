import { isNotFound } from '@coxswain/machinery';
import type { ResourceMapping } from './discovery.ts';
import { throwAll } from './error-text.ts';
import { TabWriter } from './print/tab-writer.ts';
import { acceptTable, type Table, type TableOptions, TablePrinter } from './print/table.ts';
import {
  builderOptions,
  explainSelector,
  resolveWanted,
  type Selection,
  typeOf,
  type Wanted,
} from './resource-builder.ts';
import type { Rest } from './rest.ts';
import type { Session } from './session.ts';

/** `get` without a format: tables as the server renders them. */
export async function getTables(session: Session, wide: boolean): Promise<number> {
  const { flags } = session;
  const { all: _, ...options } = builderOptions(session);
  const wanted = await resolveWanted(session, options);
  const rest = await session.rest();
  const sortBy = flags.string('sort-by') ?? '';
  const query = sortBy === '' ? {} : { includeObject: 'Object' };
  const errors: unknown[] = [];
  const parts: { mapping: ResourceMapping; table: Table }[] = [];
  const subresource = flags.string('subresource');
  for (const info of wanted.infos) {
    try {
      const target = subresource ? { ...info, subresource } : info;
      parts.push({
        mapping: info.mapping,
        table: asTable(await rest.get(target, query, acceptTable), info.mapping),
      });
    } catch (error) {
      if (!(flags.bool('ignore-not-found') && isNotFound(error))) errors.push(error);
    }
  }
  for (const selection of wanted.selections) {
    try {
      for (const table of await pages(rest, selection, { ...query, limit: flags.int('chunk-size') })) {
        parts.push({ mapping: selection.mapping, table });
      }
    } catch (error) {
      errors.push(explainSelector(error, selection.mapping, selection.query));
    }
  }
  const printed = await printTables(session, wide, parts, sortBy, severalKinds(parts));
  if (printed === 0 && errors.length === 0 && !flags.bool('ignore-not-found')) {
    await sayNothingFound(session, wanted);
  }
  throwAll(errors);
  return 0;
}

/** Whether what was found is of several kinds: then each name says of which. */
function severalKinds(parts: readonly { readonly mapping: ResourceMapping }[]): boolean {
  return new Set(parts.map(({ mapping }) => mapping)).size > 1;
}

async function printTables(
  session: Session,
  wide: boolean,
  parts: readonly { readonly mapping: ResourceMapping; readonly table: Table }[],
  sortBy: string,
  several: boolean,
): Promise<number> {
  let printed = 0;
  let last: ResourceMapping | undefined;
  let printer: TablePrinter | undefined;
  let tabs = new TabWriter((text) => session.out(text));
  const { sortTable } = sortBy === '' ? { sortTable: undefined } : await import('./sort.ts');
  for (const { mapping, table } of parts) {
    if (table.rows.length === 0) continue;
    if (mapping !== last || printer === undefined) {
      tabs.flush();
      if (last !== undefined && !session.flags.bool('no-headers')) session.out('\n');
      tabs = new TabWriter((text) => session.out(text));
      printer = new TablePrinter(tabs, tableOptions(session, mapping, wide, several));
      last = mapping;
    }
    printer.print(sortTable === undefined ? table : sortTable(table, sortBy));
    printed += table.rows.length;
  }
  tabs.flush();
  return printed;
}

/** How the table of a resource is printed under the flags of `get`. */
export function tableOptions(
  session: Session,
  mapping: ResourceMapping,
  wide: boolean,
  several: boolean,
): TableOptions {
  const { flags } = session;
  return {
    wide,
    noHeaders: flags.bool('no-headers'),
    withNamespace: flags.bool('all-namespaces') && mapping.namespaced,
    showLabels: flags.bool('show-labels'),
    labelColumns: flags.strings('label-columns'),
    eventColumn: flags.bool('output-watch-events'),
    ...(several || flags.bool('show-kind') ? { kind: typeOf(mapping) } : {}),
  };
}

/** A list in the Table form, in pages. */
async function pages(rest: Rest, selection: Selection, query: object): Promise<Table[]> {
  const tables: Table[] = [];
  const { mapping, namespace } = selection;
  for (let next: string | undefined; ; ) {
    const answer = await rest.get(
      { mapping, namespace },
      { ...selection.query, ...query, continue: next },
      acceptTable,
    );
    const table = asTable(answer, mapping);
    tables.push(table);
    next = table.metadata?.continue;
    if (!next) return tables;
  }
}

/** The answer as a table; servers that cannot render one give the objects, of which the names are shown. */
export function asTable(answer: unknown, mapping: ResourceMapping): Table {
  const given = answer as Table & { items?: unknown[] };
  if (given.kind === 'Table') return given;
  const objects = (given.items ?? [answer]) as any[];
  return {
    kind: 'Table',
    metadata: given.metadata ?? {},
    columnDefinitions: [
      { name: 'Name', priority: 0 },
      { name: 'Created At', priority: 0 },
    ],
    rows: objects.map((object) => ({
      cells: [object.metadata?.name ?? mapping.kind, object.metadata?.creationTimestamp ?? '<unknown>'],
      object,
    })),
  };
}

async function sayNothingFound(session: Session, wanted: Wanted): Promise<void> {
  const all = [...wanted.infos, ...wanted.selections];
  const namespaced = !session.flags.bool('all-namespaces') && all.every((each) => each.mapping.namespaced);
  session.err(
    namespaced ? `No resources found in ${await session.namespace()} namespace.\n` : 'No resources found\n',
  );
}
