import type { ServedResource } from '../../registry/resource-registry.ts';
import { isConnection } from '../endpoint.ts';
import type { Request } from '../reply.ts';
import type { RequestInfo } from '../request-info.ts';
import { formNotAcceptable, unknownMediaType } from '../status-errors.ts';
import { allowsTransform, hasTable } from './allowed-forms.ts';
import { mediaTypes, type Negotiated, namesAny, negotiate, plainJson } from './negotiate.ts';
import { humanForm } from './pretty-print.ts';

const forms = Object.values(mediaTypes);
/** Collections can be watched, and their routes tell so. */
const streamForms = [`${mediaTypes.json};stream=watch`, `${mediaTypes.protobuf};stream=watch`];
const collectionForms = [...forms, ...streamForms];

/**
 * The form that a request for a resource is answered in.
 *
 * @param pretty the query parameter
 * @throws StatusError NotAcceptable
 */
export function endpointForm(
  request: Request,
  info: RequestInfo,
  resource: ServedResource,
  pretty: string | undefined,
): Negotiated {
  if (isConnection(info)) return plainJson;
  const { accept } = request.headers;
  const custom = resource.custom !== undefined;
  // The router looks at media types alone; what has no Go type goes past it, and has no protobuf of its own.
  if (!custom && !namesAny(accept, forms)) throw unknownMediaType(producedBy(info));
  const negotiated = negotiate(
    accept,
    (as, group, version, format) =>
      allowsTransform(as, group, version, format) &&
      (as !== 'Table' || hasTable(info)) &&
      (as !== '' || format !== 'protobuf' || !custom),
  );
  if (typeof negotiated === 'string') throw formNotAcceptable();
  if (info.verb !== 'watch') return humanForm(negotiated, request, pretty);
  if (negotiated.format === 'yaml') throw formNotAcceptable(streamForms);
  return negotiated;
}

function producedBy({ verb, watchPath, name }: RequestInfo): readonly string[] {
  return watchPath || (name === '' && (verb === 'list' || verb === 'watch')) ? collectionForms : forms;
}
