import type { KubeObject } from '@coxswain/machinery';

const metadataMark = Buffer.from('"metadata":{');
const nothing = Buffer.alloc(0);
const openBrace = Buffer.from('{');

/**
 * JSON as it is stored: kind, apiVersion and metadata first, no `metadata.resourceVersion`. The store's
 * revision is spliced in when the bytes are served, so that a read never stringifies.
 */
export function encodeStored(object: KubeObject): Buffer {
  const { kind, apiVersion, metadata, ...rest } = object;
  const { resourceVersion: _, ...meta } = metadata;
  const tail = JSON.stringify(rest);
  const head = `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":`;
  return Buffer.from(head + JSON.stringify(meta) + (tail === '{}' ? '}' : `,${tail.slice(1)}`));
}

/** Index of the first byte after `"metadata":{` in stored bytes. */
export function metadataStart(value: Buffer): number {
  const at = value.indexOf(metadataMark);
  if (at < 0) throw new Error('stored bytes hold no metadata');
  return at + metadataMark.length;
}

function versionMember(value: Buffer, start: number, revision: number): Buffer {
  if (revision === 0) return nothing;
  const comma = value[start] === 0x7d ? '' : ',';
  return Buffer.from(`"resourceVersion":"${revision}"${comma}`, 'latin1');
}

/** The pieces of an object as it is served; to be written one after the other. */
export function servedPieces(value: Buffer, start: number, revision: number): Buffer[] {
  return [value.subarray(0, start), versionMember(value, start, revision), value.subarray(start)];
}

/** The same without kind and apiVersion, as in the items of a list. */
export function servedItemPieces(value: Buffer, start: number, revision: number): Buffer[] {
  return [
    openBrace,
    value.subarray(start - metadataMark.length, start),
    versionMember(value, start, revision),
    value.subarray(start),
  ];
}
