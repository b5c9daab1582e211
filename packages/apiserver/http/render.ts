import type { KubeObject } from '@coxswain/machinery';
import type { Outcome } from '../registry/context.ts';
import type { ServedResource } from '../registry/resource-registry.ts';
import { fromStored } from '../registry/versions.ts';
import type { Entry } from '../storage/entry.ts';
import type { ListedEntries } from '../storage/list-entries.ts';
import { mediaTypes, type Negotiated } from './negotiate.ts';
import { toProtobuf } from './protobuf.ts';
import { partialList, partialObject, tableOf } from './transform.ts';
import { toYaml } from './yaml.ts';

/** A body ready to be sent. */
export interface Rendered {
  readonly pieces: readonly Uint8Array[];
  readonly contentType: string;
}

const comma = Buffer.from(',');
const listEnd = Buffer.from(']}');

/** Turns what a request came to into bytes. Objects in JSON and the stored version are not parsed. */
export function renderOutcome(
  resource: ServedResource,
  outcome: Outcome,
  negotiated: Negotiated,
  includeObject: string,
  now: number,
): Rendered {
  if (negotiated.as === '' && negotiated.format === 'json' && !negotiated.pretty && resource.direct) {
    if (outcome.kind === 'entry') return { pieces: outcome.entry.pieces(), contentType: mediaTypes.json };
    if (outcome.kind === 'list')
      return { pieces: listPieces(resource, outcome.listed), contentType: mediaTypes.json };
  }
  const object = outcomeObject(resource, outcome);
  if (negotiated.as === '' || object.kind === 'Status') return renderObject(object, negotiated);
  const group = 'meta.k8s.io';
  const version = `${group}/${negotiated.asVersion}`;
  if (negotiated.as === 'Table') {
    return renderObject(tableOf(resource, outcome, object, version, includeObject, now), negotiated);
  }
  return renderObject(
    outcome.kind === 'list' ? partialList(object, version) : partialObject(object, version),
    negotiated,
  );
}

/** The object or list in the version of the request. */
export function outcomeObject(resource: ServedResource, outcome: Outcome): KubeObject {
  if (outcome.kind === 'entry') return fromStored(resource, outcome.entry.object);
  if (outcome.kind === 'object') return outcome.object;
  const { listed } = outcome;
  return {
    kind: `${resource.fact.kind}List`,
    apiVersion: resource.apiVersion,
    metadata: listMeta(listed) as KubeObject['metadata'],
    items: listed.entries.map((entry) => listItem(resource, entry)),
  };
}

function listItem(resource: ServedResource, entry: Entry): object {
  const { kind: _, apiVersion: __, ...item } = fromStored(resource, entry.object);
  return item;
}

/** metav1.ListMeta of a page. */
export function listMeta(listed: ListedEntries): object {
  return {
    resourceVersion: String(listed.revision),
    ...(listed.continue === undefined ? {} : { continue: listed.continue }),
    ...(listed.remaining === undefined ? {} : { remainingItemCount: listed.remaining }),
  };
}

function listPieces(resource: ServedResource, listed: ListedEntries): Uint8Array[] {
  const head = `{"kind":"${resource.fact.kind}List","apiVersion":"${resource.apiVersion}","metadata":${JSON.stringify(listMeta(listed))},"items":[`;
  const pieces: Uint8Array[] = [Buffer.from(head)];
  let first = true;
  for (const entry of listed.entries) {
    if (!first) pieces.push(comma);
    first = false;
    for (const piece of entry.itemPieces()) pieces.push(piece);
  }
  pieces.push(listEnd);
  return pieces;
}

/** Any object in the negotiated format. */
export function renderObject(object: object, negotiated: Negotiated): Rendered {
  const contentType = mediaTypes[negotiated.format];
  switch (negotiated.format) {
    case 'protobuf':
      return { pieces: [toProtobuf(object)], contentType };
    case 'yaml':
      return { pieces: [Buffer.from(toYaml(object))], contentType };
    default:
      return {
        pieces: [
          Buffer.from(
            negotiated.pretty ? `${JSON.stringify(object, undefined, 2)}\n` : JSON.stringify(object),
          ),
        ],
        contentType,
      };
  }
}
