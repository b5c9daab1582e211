import type { KubeObject } from '@coxswain/machinery';
import type { SliceWriter } from './lists/slice-writer.ts';
import { ownBytes } from './own-bytes.ts';
import { closingQuote } from './stored-labels.ts';

const metadataMark = Buffer.from('"metadata":{');
const nothing = Buffer.alloc(0);
const itemHead = '{"metadata":{';
/** `"resourceVersion":""` */
const versionMemberSize = 20;
const quote = 0x22;
const openCurly = 0x7b;
const closeCurly = 0x7d;

/**
 * JSON as it is stored: kind, apiVersion and metadata first, no `metadata.resourceVersion`. The store's
 * revision is spliced in when the bytes are served, so that a read never stringifies.
 */
export function encodeStored(object: KubeObject): Buffer {
  const { kind, apiVersion, metadata, ...rest } = object;
  const { resourceVersion: _, ...meta } = metadata;
  const tail = JSON.stringify(rest);
  const head = `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":`;
  return ownBytes(head + JSON.stringify(meta) + (tail === '{}' ? '}' : `,${tail.slice(1)}`));
}

/** Index of the first byte after `"metadata":{` in stored bytes. */
export function metadataStart(value: Buffer): number {
  const at = value.indexOf(metadataMark);
  if (at < 0) throw new Error('stored bytes hold no metadata');
  return at + metadataMark.length;
}

function versionMember(value: Buffer, start: number, revision: number): Buffer {
  if (revision === 0) return nothing;
  const comma = value[start] === closeCurly ? '' : ',';
  return Buffer.from(`"resourceVersion":"${revision}"${comma}`, 'latin1');
}

/** The pieces of an object as it is served; to be written one after the other. */
export function servedPieces(value: Buffer, start: number, revision: number): Buffer[] {
  return [value.subarray(0, start), versionMember(value, start, revision), value.subarray(start)];
}

/** Index of the byte after the closing brace of the metadata that begins at `start`. */
export function metadataEnd(value: Buffer, start: number): number {
  let depth = 1;
  for (let at = start; at < value.length; at++) {
    const byte = value[at];
    if (byte === quote) at = closingQuote(value, at + 1);
    else if (byte === openCurly) depth++;
    else if (byte === closeCurly && --depth === 0) return at + 1;
  }
  throw new Error('stored bytes hold no end of the metadata');
}

/** Writes an object as it is in the items of a list: without kind and apiVersion. */
export function writeServedItem(out: SliceWriter, value: Buffer, start: number, revision: number): void {
  out.ascii(itemHead);
  writeVersionMember(out, value, start, revision);
  out.bytes(value, start);
}

/** How many bytes `writeServedItem` writes. */
export function servedItemSize(value: Buffer, start: number, revision: number): number {
  const comma = value[start] === closeCurly ? 0 : 1;
  const version = revision === 0 ? 0 : versionMemberSize + String(revision).length + comma;
  return itemHead.length + version + value.length - start;
}

/** Writes the metadata alone, from its opening brace to its closing one. */
export function writeServedMetadata(
  out: SliceWriter,
  value: Buffer,
  start: number,
  end: number,
  revision: number,
): void {
  out.ascii('{');
  writeVersionMember(out, value, start, revision);
  out.bytes(value, start, end);
}

function writeVersionMember(out: SliceWriter, value: Buffer, start: number, revision: number): void {
  if (revision === 0) return;
  out.ascii(`"resourceVersion":"${revision}"${value[start] === closeCurly ? '' : ','}`);
}
