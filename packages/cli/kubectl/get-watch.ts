import { newStatusError } from '@coxswain/machinery';
import { Failure } from './error-text.ts';
import { asTable, tableOptions } from './get-tables.ts';
import { nameText, type ObjectPrinter, outputOf, printerOf } from './print/printer.ts';
import { TabWriter } from './print/tab-writer.ts';
import { acceptTable, type Table, TablePrinter } from './print/table.ts';
import { builderOptions, explainSelector, resolveWanted, type Selection } from './resource-builder.ts';
import type { Session } from './session.ts';

/** `get -w`: first what is there, then every change until the signal aborts. */
export async function watchResources(session: Session): Promise<number> {
  const { flags } = session;
  const { all: _, ...options } = builderOptions(session);
  const wanted = await resolveWanted(session, options);
  if (wanted.infos.length + wanted.selections.length !== 1) {
    throw new Failure(
      wanted.infos.length > 1
        ? 'watch is only supported on individual resources and resource collections - more than 1 resource was found'
        : 'you may only specify a single resource type',
    );
  }
  const [info] = wanted.infos;
  const selection: Selection = info
    ? {
        mapping: info.mapping,
        namespace: info.namespace,
        query: { fieldSelector: `metadata.name=${info.name}` },
      }
    : (wanted.selections[0] as Selection);
  const { format } = outputOf(session);
  const tables = format === '' || format === 'wide';
  const accept = tables ? acceptTable : 'application/json';
  const show = tables
    ? showTables(session, selection, format === 'wide')
    : await showObjects(session, selection);
  const rest = await session.rest();
  const { mapping, namespace, query } = selection;
  // A single object that is not there is an error, not an empty watch.
  if (info !== undefined) await rest.get(info);
  const list = (await rest.list({ mapping, namespace }, query, accept).catch((error: unknown) => {
    throw explainSelector(error, mapping, query);
  })) as any;
  if (!flags.bool('watch-only')) show.list(list);
  let resourceVersion = list.metadata?.resourceVersion as string;
  const stop = new AbortController();
  const signal = AbortSignal.any([session.signal, stop.signal]);
  let failure: unknown;
  while (!signal.aborted && failure === undefined) {
    await rest.watch(
      { mapping, namespace },
      { ...query, resourceVersion },
      ({ type, object }) => {
        if (type === 'ERROR') failure = newStatusError(object);
        else if (type !== 'BOOKMARK') {
          show.event(type, object);
          const seen = object.kind === 'Table' ? object.rows?.[0]?.object : object;
          resourceVersion =
            object.metadata?.resourceVersion ?? seen?.metadata?.resourceVersion ?? resourceVersion;
        }
      },
      signal,
      accept,
    );
  }
  if (failure !== undefined) throw failure;
  return 0;
}

interface Show {
  list(list: any): void;
  event(type: string, object: any): void;
}

function showTables(session: Session, { mapping }: Selection, wide: boolean): Show {
  const tabs = new TabWriter((text) => session.out(text));
  const printer = new TablePrinter(tabs, tableOptions(session, mapping, wide, false));
  const print = (table: Table, type: string): void => {
    printer.print(table, type);
    tabs.flush();
  };
  return {
    list: (list) => {
      const table = asTable(list, mapping);
      if (table.rows.length > 0) print(table, 'ADDED');
    },
    event: (type, object) => print(asTable(object, mapping), type),
  };
}

async function showObjects(session: Session, { mapping }: Selection): Promise<Show> {
  const printer = (await printerOf(session)) as ObjectPrinter;
  const named = outputOf(session).format === 'name';
  const apiVersion = mapping.group === '' ? mapping.version : `${mapping.group}/${mapping.version}`;
  const events = session.flags.bool('output-watch-events');
  const print = (type: string, object: any): void => {
    const whole = { apiVersion, kind: mapping.kind, ...object };
    if (named) session.out(nameText(mapping, object));
    else printer.print([events ? { object: whole, type } : whole]);
  };
  return {
    list: (list) => {
      for (const item of list.items) print('ADDED', item);
    },
    event: print,
  };
}
