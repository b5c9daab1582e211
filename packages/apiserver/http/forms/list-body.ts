import { encodeProtobufMessage, typeOfKind } from '@coxswain/api';
import { formatYaml, goJson, parseApiVersion, readJson } from '@coxswain/machinery';
import type { ServedResource } from '../../registry/resource-registry.ts';
import { fromStored } from '../../registry/versions.ts';
import type { Entry } from '../../storage/entry.ts';
import type { ListedEntries } from '../../storage/lists/list-entries.ts';
import { recycle, SliceWriter } from '../../storage/lists/slice-writer.ts';
import { byName, metaInTypeOrder } from '../../storage/member-order.ts';
import { formNotAcceptable } from '../status-errors.ts';
import { gzipSlices } from './gzip-list.ts';
import { mediaTypes, type Negotiated } from './negotiate.ts';
import { encoded, indented } from './pretty-print.ts';
import { type ItemMessages, protobufListSlices, wholeObjects } from './protobuf-list.ts';
import type { RenderedSlices } from './render.ts';
import { inRowOrder, tableRow, tableWithoutRows } from './transform.ts';
import { workAtOnce } from './work-at-once.ts';

/** To make the cells of a row. */
const rowWork = 2 * 1024;
/** Bytes of metadata are copied as they are where nothing is converted, but their end is looked for once. */
const metadataWork = 512;
/** To parse what was printed and to print it in another form, beside its length. */
const indentWork = 3;
const yamlWork = 12;

/** More objects than this are not looked at before the first of them is sent. */
const measuredAtOnce = 20_000;

const nothing = Buffer.alloc(0);

/** Writes an object and gives what it cost beyond the copying of bytes, in the measure of `workAtOnce`. */
type WriteItem = (out: SliceWriter, entry: Entry) => number;

/** The body of a list, made while it is sent. */
export function listBody(
  resource: ServedResource,
  listed: ListedEntries,
  negotiated: Negotiated,
  includeObject: string,
  now: number,
): RenderedSlices {
  const { format, as } = negotiated;
  const contentType = mediaTypes[format];
  const version = `meta.k8s.io/${negotiated.asVersion}`;
  if (format === 'protobuf') {
    const items = as === '' ? wholeObjects(resource) : metadataMessages(resource, version);
    return { contentType, slices: protobufListSlices(items, listMeta(listed), listed.entries) };
  }
  // Upstream's lists of what it has no Go type for say so even where nothing is left to come.
  const metadata =
    resource.custom === undefined || as !== ''
      ? listMeta(listed)
      : byName({ continue: '', ...listMeta(listed) });
  if (as === 'Table') {
    const table = { ...tableWithoutRows(resource, metadata, version, includeObject), rows: [] };
    const write = rowWriter(resource, version, includeObject, now);
    const rows = inRowOrder(resource, listed.entries);
    return { contentType, slices: slicesOf(table, 'rows', negotiated, rows, write) };
  }
  const list = listWithoutItems(resource, as === '' ? '' : version, metadata);
  const write = as === '' ? itemWriter(resource) : metadataWriter(resource, version);
  const slices = slicesOf(list, 'items', negotiated, listed.entries, write);
  if (format !== 'json' || negotiated.pretty || as !== '' || !resource.direct) return { contentType, slices };
  const { entries } = listed;
  if (entries.length > measuredAtOnce) return { contentType, slices };
  const frame = frameOf(encoded(list), 'items');
  const length = jsonLength(frame, entries);
  return { contentType, slices, length, gzip: () => gzipSlices(frame.head, entries, frame.tail, length) };
}

/** @param partial the version of a list of metadata; '' for the objects themselves */
function listWithoutItems(resource: ServedResource, partial: string, metadata: object): object {
  const kind = `${resource.fact.kind}List`;
  const { apiVersion } = resource;
  if (partial !== '') return { kind: 'PartialObjectMetadataList', apiVersion: partial, metadata, items: [] };
  // What upstream has no Go type for it writes in the order of the names.
  if (resource.custom !== undefined) return { apiVersion, items: [], kind, metadata };
  return { kind, apiVersion, metadata, items: [] };
}

/** The text of a list before its first item and after its last. */
interface Frame {
  readonly head: string;
  readonly tail: string;
}

/** @param text of a list with a member that is empty yet */
function frameOf(text: string, member: string): Frame {
  const mark = new RegExp(`"${member}": ?\\[`).exec(text);
  if (mark === null) throw new Error(`a list without ${member}: ${text}`);
  const at = mark.index + mark[0].length;
  return { head: text.slice(0, at), tail: text.slice(at) };
}

function slicesOf(
  list: object,
  member: string,
  { pretty, format }: Negotiated,
  entries: readonly Entry[],
  write: WriteItem,
): Generator<Buffer> {
  if (format === 'yaml') return yamlSlices(list, member, entries, write);
  if (!pretty) return jsonSlices(frameOf(encoded(list), member), entries, write);
  return prettySlices(frameOf(indented(list), member), entries, write);
}

/** Spares the framing of chunks, which costs another copy of every byte. */
function jsonLength({ head, tail }: Frame, entries: readonly Entry[]): number {
  let length = Buffer.byteLength(head + tail) + Math.max(0, entries.length - 1);
  for (const entry of entries) length += entry.itemSize;
  return length;
}

/** metav1.ListMeta of a page. */
function listMeta(listed: ListedEntries): object {
  return {
    // What is not stored has none.
    ...(listed.revision === 0 ? {} : { resourceVersion: String(listed.revision) }),
    ...(listed.continue === undefined ? {} : { continue: listed.continue }),
    ...(listed.remaining === undefined ? {} : { remainingItemCount: listed.remaining }),
  };
}

function itemWriter(resource: ServedResource): WriteItem {
  if (resource.direct) {
    return (out, entry) => {
      entry.writeItem(out);
      return 0;
    };
  }
  // They keep the kind of each item too.
  if (resource.custom !== undefined) {
    return (out, entry) => {
      out.text(goJson(fromStored(resource, entry.object)));
      return conversionWork(entry);
    };
  }
  return (out, entry) => {
    const { kind: _, apiVersion: __, ...item } = fromStored(resource, entry.object);
    out.text(goJson(item));
    return conversionWork(entry);
  };
}

/** Parsed, converted and printed. */
function conversionWork(entry: Entry): number {
  return 3 * entry.value.length;
}

function metadataWriter(resource: ServedResource, version: string): WriteItem {
  const head = `{"kind":"PartialObjectMetadata","apiVersion":"${version}","metadata":`;
  return (out, entry) => {
    out.ascii(head);
    writeMetadata(out, resource, entry);
    out.ascii('}');
    return resource.direct ? metadataWork : conversionWork(entry);
  };
}

function writeMetadata(out: SliceWriter, resource: ServedResource, entry: Entry): void {
  if (resource.direct) entry.writeMetadata(out);
  else out.text(goJson(metaInTypeOrder(fromStored(resource, entry.object).metadata)));
}

/** Cells are made anew, as ages change with time; the object of a row is bytes that are there. */
function rowWriter(resource: ServedResource, version: string, includeObject: string, now: number): WriteItem {
  const partial = `,"object":{"kind":"PartialObjectMetadata","apiVersion":"${version}","metadata":`;
  const row = tableRow(resource, now);
  // Columns of custom resources may show anything.
  const whole = includeObject === 'Object' || resource.custom !== undefined;
  return (out, entry) => {
    const work = (entry.parsedToShow ? 0 : entry.value.length) + rowWork;
    const object = fromStored(resource, whole ? entry.object : entry.shown);
    out.text(goJson(row(object)).slice(0, -1));
    if (includeObject === 'None') out.ascii(',"object":null}');
    else if (includeObject === 'Object') {
      const { fact, apiVersion } = resource;
      out.text(`,"object":${goJson({ ...object, kind: fact.kind, apiVersion })}}`);
      return work + conversionWork(entry);
    } else {
      out.ascii(partial);
      writeMetadata(out, resource, entry);
      out.ascii('}}');
    }
    return work;
  };
}

function* jsonSlices({ head, tail }: Frame, entries: readonly Entry[], write: WriteItem): Generator<Buffer> {
  const out = new SliceWriter();
  out.text(head);
  let work = 0;
  for (let i = 0; i < entries.length; i++) {
    if (i > 0) out.ascii(',');
    work += write(out, entries[i] as Entry);
    if (out.full) yield out.take();
    else if (work >= workAtOnce) yield nothing;
    else continue;
    work = 0;
  }
  out.text(tail);
  yield out.take();
}

/** The same with the line breaks and blanks that Go's encoder would set. */
function prettySlices({ head, tail }: Frame, entries: readonly Entry[], write: WriteItem): Generator<Buffer> {
  const print = (item: unknown, i: number): string =>
    `${i > 0 ? ',' : ''}\n    ${indented(item).replaceAll('\n', '\n    ')}`;
  const frame = { head, tail: entries.length === 0 ? tail : `\n  ${tail}` };
  return printedSlices(frame, entries, write, print, indentWork);
}

/** Items of a list in YAML stand at the column of the list: each is a list of its own. */
function yamlSlices(
  list: object,
  member: string,
  entries: readonly Entry[],
  write: WriteItem,
): Generator<Buffer> {
  const text = formatYaml(list);
  const [head = '', tail = ''] =
    entries.length === 0 ? [text] : text.split(new RegExp(`(?<=^${member}:) \\[\\]$`, 'm'));
  const frame = entries.length === 0 ? { head, tail } : { head: `${head}\n`, tail: tail.slice(1) };
  return printedSlices(frame, entries, write, (item) => formatYaml([item]), yamlWork);
}

/** Items that are printed in JSON first. @param cost of a byte, in the measure of `workAtOnce` */
function* printedSlices(
  { head, tail }: Frame,
  entries: readonly Entry[],
  write: WriteItem,
  print: (item: unknown, index: number) => string,
  cost: number,
): Generator<Buffer> {
  const out = new SliceWriter();
  out.text(head);
  let work = 0;
  for (let i = 0; i < entries.length; i++) {
    const item = new SliceWriter();
    work += write(item, entries[i] as Entry);
    const bytes = item.take();
    work += cost * bytes.length;
    out.text(print(readJson(bytes.toString('utf8')), i));
    recycle(bytes);
    if (out.full) yield out.take();
    else if (work >= workAtOnce) yield nothing;
    else continue;
    work = 0;
  }
  out.text(tail);
  yield out.take();
}

/** Metadata are cut out of the stored bytes: only they are parsed. */
function metadataMessages(resource: ServedResource, apiVersion: string): ItemMessages {
  const kind = 'PartialObjectMetadata';
  const type = typeOfKind({ ...parseApiVersion(apiVersion), kind });
  if (type === undefined) throw formNotAcceptable();
  return {
    apiVersion,
    kind,
    work: (entry) => (resource.direct ? metadataWork * 2 : conversionWork(entry)),
    encode: (entry) => {
      const out = new SliceWriter();
      writeMetadata(out, resource, entry);
      const bytes = out.take();
      const metadata = JSON.parse(bytes.toString('utf8'));
      recycle(bytes);
      return encodeProtobufMessage({ metadata }, type);
    },
  };
}
