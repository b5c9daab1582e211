import { goJson, type KubeObject } from '@coxswain/machinery';
import type { SliceWriter } from './lists/slice-writer.ts';
import { ownBytes } from './own-bytes.ts';
import { closingQuote } from './stored-labels.ts';

const metadataMark = Buffer.from('"metadata":{');
const nothing = Buffer.alloc(0);
const itemHead = '{"metadata":{';
/** `"resourceVersion":""` */
const versionMemberSize = 20;
const quote = 0x22;
const comma = 0x2c;
const openCurly = 0x7b;
const closeCurly = 0x7d;

/**
 * JSON as it is stored: kind, apiVersion and metadata first, no `metadata.resourceVersion`. The store's
 * revision is spliced in when the bytes are served, so that a read never stringifies.
 */
export function encodeStored(object: KubeObject): Buffer {
  const { kind, apiVersion, metadata, ...rest } = object;
  const { resourceVersion: _, ...meta } = metadata;
  const tail = goJson(rest);
  const head = `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":`;
  return ownBytes(head + goJson(meta) + (tail === '{}' ? '}' : `,${tail.slice(1)}`));
}

/** Members of the metadata that stand before the resourceVersion; all are texts. */
const before: readonly Buffer[] = ['name', 'generateName', 'namespace', 'selfLink', 'uid'].map((name) =>
  Buffer.from(`"${name}":"`),
);

/** Index of the byte before which the resourceVersion belongs, in the metadata that begins at `start`. */
export function versionPlace(value: Buffer, start: number): number {
  let at = start;
  for (const member of before) {
    if (!stands(member, value, at)) continue;
    const next = closingQuote(value, at + member.length) + 1;
    // Whoever wrote the metadata wrote no more of it.
    if (value[next] !== comma) return start;
    at = next + 1;
  }
  return at;
}

function stands(part: Buffer, value: Buffer, at: number): boolean {
  for (let i = 0; i < part.length; i++) if (part[i] !== value[at + i]) return false;
  return true;
}

/** Index of the first byte after `"metadata":{` in stored bytes. */
export function metadataStart(value: Buffer): number {
  const at = value.indexOf(metadataMark);
  if (at < 0) throw new Error('stored bytes hold no metadata');
  return at + metadataMark.length;
}

/** The member as it stands at its place in the metadata. */
export function versionMember(value: Buffer, place: number, revision: number): string {
  return `"resourceVersion":"${revision}"${value[place] === closeCurly ? '' : ','}`;
}

/** The pieces of an object as it is served; to be written one after the other. @param place of the resourceVersion */
export function servedPieces(value: Buffer, place: number, revision: number): Buffer[] {
  const member = revision === 0 ? nothing : Buffer.from(versionMember(value, place, revision), 'latin1');
  return [value.subarray(0, place), member, value.subarray(place)];
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

/**
 * Writes an object as it is in the items of a list: without kind and apiVersion.
 * @param start of the metadata
 * @param place of the resourceVersion
 */
export function writeServedItem(
  out: SliceWriter,
  value: Buffer,
  start: number,
  place: number,
  revision: number,
): void {
  out.ascii(itemHead);
  writeVersioned(out, value, start, place, value.length, revision);
}

/** How many bytes `writeServedItem` writes. */
export function servedItemSize(value: Buffer, start: number, place: number, revision: number): number {
  const comma = value[place] === closeCurly ? 0 : 1;
  const version = revision === 0 ? 0 : versionMemberSize + String(revision).length + comma;
  return itemHead.length + version + value.length - start;
}

/** Writes the metadata alone, from its opening brace to its closing one, which is before `end`. */
export function writeServedMetadata(
  out: SliceWriter,
  value: Buffer,
  start: number,
  place: number,
  end: number,
  revision: number,
): void {
  out.ascii('{');
  writeVersioned(out, value, start, place, end, revision);
}

function writeVersioned(
  out: SliceWriter,
  value: Buffer,
  start: number,
  place: number,
  end: number,
  revision: number,
): void {
  out.bytes(value, start, place);
  if (revision !== 0) out.ascii(versionMember(value, place, revision));
  out.bytes(value, place, end);
}
