import { createHash } from 'node:crypto';
import { openApiV2ProtobufOf } from '@coxswain/api';
import { readJson, writeJson } from '@coxswain/machinery';
import type { Aggregator } from './aggregator.ts';
import { type Document, mergeSwagger } from './merge-openapi.ts';
import type { RemoteServer } from './remote-server.ts';
import { swaggerToV3 } from './swagger-to-v3.ts';

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
  found.json ??= Buffer.from(writeJson(found.document));
  return found.json;
}

function sameTexts(a: Merged['texts'], b: Merged['texts']): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}

function build(own: Buffer, remotes: readonly RemoteServer[], texts: Merged['texts']): Document {
  const document: Document = readJson(own.toString('utf8'));
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

/** Where a document of `/openapi/v3` is to be had: from a server that has it, or made of its Swagger. */
export type DocumentSource = { readonly remote: RemoteServer } | { readonly body: Buffer };

/** Undefined where no server behind this one has a document of that name. */
export async function sourceOfDocument(
  aggregator: Aggregator,
  name: string,
): Promise<DocumentSource | undefined> {
  for (const remote of aggregator.remotes) {
    const index = await indexOf(aggregator, remote);
    if (index?.paths?.[name] === undefined) continue;
    return index.body === undefined ? { remote } : { body: index.body };
  }
  return undefined;
}

interface FoundIndex extends Index {
  /** The only document, where it was made here. */
  readonly body?: Buffer;
}

async function indexOf(aggregator: Aggregator, remote: RemoteServer): Promise<FoundIndex | undefined> {
  const text = await aggregator.openApi.read(remote, '/openapi/v3');
  if (text !== undefined) return parsed<Index>(text);
  const swagger = await aggregator.openApi.read(remote, '/openapi/v2');
  return swagger === undefined ? undefined : converted(remote, swagger);
}

/** By the server whose Swagger it was made of. */
const conversions = new WeakMap<RemoteServer, { readonly swagger: string; readonly index: FoundIndex }>();

function converted(remote: RemoteServer, swagger: string): FoundIndex | undefined {
  const known = conversions.get(remote);
  if (known?.swagger === swagger) return known.index;
  const document = parsed<Document>(swagger);
  if (document === undefined) return undefined;
  const body = Buffer.from(writeJson(swaggerToV3(document)));
  const hash = createHash('sha512').update(body).digest('hex').toUpperCase();
  const name = `apis/${remote.group}/${remote.version}`;
  const index = { paths: { [name]: { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` } }, body };
  conversions.set(remote, { swagger, index });
  return index;
}

/** Undefined for what is no JSON: another server's fault must not spoil this one's documents. */
function parsed<T>(text: string): T | undefined {
  try {
    return readJson(text) as T;
  } catch {
    return undefined;
  }
}
