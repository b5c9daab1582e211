import { openApiV2ProtobufOf } from '@coxswain/api';
import type { Aggregator } from './aggregator.ts';
import { type Document, mergeSwagger } from './merge-openapi.ts';
import type { RemoteServer } from './remote-server.ts';

interface Index {
  readonly paths?: Readonly<Record<string, { readonly serverRelativeURL?: string }>>;
}

interface Merged {
  readonly texts: readonly (string | undefined)[];
  json: Buffer | undefined;
  protobuf: Buffer | undefined;
  document: Document | undefined;
}

/** By the document of this server's own resources, of which there are few at a time. */
const merged = new WeakMap<Buffer, Merged>();

/** `/openapi/v2` with what other servers say of their versions. @param own this server's, as JSON */
export async function mergedSwagger(
  aggregator: Aggregator,
  own: Buffer,
  protobuf: boolean,
): Promise<Buffer | undefined> {
  const remotes = [...aggregator.remotes];
  const texts = await Promise.all(remotes.map((remote) => aggregator.openApi.read(remote, '/openapi/v2')));
  if (texts.every((text) => text === undefined)) return undefined;
  let found = merged.get(own);
  if (found === undefined || !sameTexts(found.texts, texts)) {
    found = { texts, json: undefined, protobuf: undefined, document: undefined };
    merged.set(own, found);
  }
  found.document ??= build(own, remotes, texts);
  if (protobuf) {
    found.protobuf ??= openApiV2ProtobufOf(found.document);
    return found.protobuf;
  }
  found.json ??= Buffer.from(JSON.stringify(found.document));
  return found.json;
}

function sameTexts(a: Merged['texts'], b: Merged['texts']): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}

function build(own: Buffer, remotes: readonly RemoteServer[], texts: Merged['texts']): Document {
  const document: Document = JSON.parse(own.toString('utf8'));
  remotes.forEach(({ group, version }, i) => {
    const text = texts[i];
    const added = text === undefined ? undefined : parsed<Document>(text);
    if (added !== undefined) mergeSwagger(document, added, group, version);
  });
  return document;
}

/** `/openapi/v3` with the documents of other servers; this server's own come first. */
export async function mergedIndex(aggregator: Aggregator, own: Buffer): Promise<Buffer> {
  const { paths = {} } = JSON.parse(own.toString('utf8')) as Index;
  const all: Record<string, unknown> = { ...paths };
  for (const remote of aggregator.remotes) {
    const index = await indexOf(aggregator, remote);
    for (const [name, entry] of Object.entries(index?.paths ?? {})) all[name] ??= entry;
  }
  return Buffer.from(JSON.stringify({ paths: all }));
}

/** The server behind this one that has a document of `/openapi/v3`. */
export async function serverOfDocument(
  aggregator: Aggregator,
  name: string,
): Promise<RemoteServer | undefined> {
  for (const remote of aggregator.remotes) {
    const index = await indexOf(aggregator, remote);
    if (index?.paths?.[name] !== undefined) return remote;
  }
  return undefined;
}

async function indexOf(aggregator: Aggregator, remote: RemoteServer): Promise<Index | undefined> {
  const text = await aggregator.openApi.read(remote, '/openapi/v3');
  return text === undefined ? undefined : parsed<Index>(text);
}

/** Undefined for what is no JSON: another server's fault must not spoil this one's documents. */
function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
