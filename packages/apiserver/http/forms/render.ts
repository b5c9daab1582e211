import { internalPackage } from '@coxswain/api';
import { formatYaml, type KubeObject, newStatusError } from '@coxswain/machinery';
import type { Outcome } from '../../registry/context.ts';
import type { ServedResource } from '../../registry/resource-registry.ts';
import { fromStored } from '../../registry/versions.ts';
import { listBody } from './list-body.ts';
import { mediaTypes, type Negotiated } from './negotiate.ts';
import { encoded, indented } from './pretty-print.ts';
import { toProtobuf } from './protobuf.ts';
import { partialObject, tableOf } from './transform.ts';

/** A whole body. */
export interface RenderedWhole {
  readonly contentType: string;
  readonly pieces: readonly Uint8Array[];
}

/** A body that is made while it is sent. An empty slice stands for work done with nothing to show for it. */
export interface RenderedSlices {
  readonly contentType: string;
  readonly slices: Iterable<Uint8Array>;
  /** Of all slices; absent where it is not known before they are made. */
  readonly length?: number;
  /** The same body through gzip, where there is a faster way than compressing the slices. */
  readonly gzip?: () => Iterable<Uint8Array>;
}

export type Rendered = RenderedWhole | RenderedSlices;

const lineBreak = Buffer.from('\n');

/**
 * Turns what a request came to into bytes. Objects in JSON and the stored version are not parsed.
 * @param transformed told when the object is in the form asked for, before it is written
 */
export function renderOutcome(
  resource: ServedResource,
  outcome: Outcome,
  negotiated: Negotiated,
  includeObject: string,
  now: number,
  transformed?: () => void,
): Rendered {
  if (negotiated.as === '' && negotiated.format === 'json' && !negotiated.pretty && resource.direct) {
    if (outcome.kind === 'entry') {
      transformed?.();
      return { pieces: [...outcome.entry.pieces(), lineBreak], contentType: mediaTypes.json };
    }
  }
  checkTransform(resource, outcome, negotiated);
  if (outcome.kind === 'list') {
    transformed?.();
    return listBody(resource, outcome.listed, negotiated, includeObject, now);
  }
  const object = outcome.kind === 'entry' ? fromStored(resource, outcome.entry.object) : outcome.object;
  const shown = inForm(resource, object, negotiated, includeObject, now);
  transformed?.();
  return renderObject(shown, negotiated);
}

function inForm(
  resource: ServedResource,
  object: KubeObject,
  { as, asVersion }: Negotiated,
  includeObject: string,
  now: number,
): object {
  if (as === '' || object.kind === 'Status') return object;
  const version = `meta.k8s.io/${asVersion}`;
  if (as === 'Table') return tableOf(resource, object, version, includeObject, now);
  return partialObject(object, version);
}

/** Upstream finds out what it has made before it sees that the metadata were to be those of one, or of many. */
function checkTransform(resource: ServedResource, outcome: Outcome, { as }: Negotiated): void {
  if (as === '' || as === 'Table') return;
  const isList = outcome.kind === 'list';
  if (isList === (as === 'PartialObjectMetadataList')) return;
  if (outcome.kind === 'object' && outcome.object.kind === 'Status') return;
  const { custom, fact } = resource;
  const type =
    custom === undefined ? `*${internalPackage(fact.group)}.${fact.kind}` : '*unstructured.Unstructured';
  throw newStatusError({
    code: 406,
    reason: 'NotAcceptable',
    message: isList
      ? `you requested PartialObjectMetadata, but the requested object is a list (${type}List)`
      : `you requested PartialObjectMetadataList, but the requested object is not a list (${type})`,
  });
}

/** Any object in the negotiated format. */
export function renderObject(object: object, negotiated: Negotiated): RenderedWhole {
  const contentType = mediaTypes[negotiated.format];
  switch (negotiated.format) {
    case 'protobuf':
      return { pieces: [toProtobuf(object)], contentType };
    case 'yaml':
      return { pieces: [Buffer.from(formatYaml(object))], contentType };
    default:
      return {
        pieces: [Buffer.from(negotiated.pretty ? indented(object) : encoded(object))],
        contentType,
      };
  }
}
