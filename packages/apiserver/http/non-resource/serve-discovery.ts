import { createHash } from 'node:crypto';
import type { ResourceRegistry } from '../../registry/resource-registry.ts';
import { noSuchRoute } from '../custom-requests.ts';
import { mediaTypes, type Negotiated, namesAny, negotiate } from '../forms/negotiate.ts';
import { humanForm } from '../forms/pretty-print.ts';
import { type RenderedWhole, renderObject } from '../forms/render.ts';
import { type Request, type Response, reply, writeHead } from '../reply.ts';
import { formNotAcceptable, routeNotFound, unknownMediaType } from '../status-errors.ts';
import type { Discovery } from './discovery.ts';
import { onlyGet } from './methods.ts';

const aggregatedForm = 'APIGroupDiscoveryList';

/** What a request for discovery is answered from. */
export interface DiscoveryRequest {
  readonly documents: Discovery;
  readonly resources: ResourceRegistry;
  readonly address: () => string;
  /** The query parameter. */
  readonly pretty: string | undefined;
}

/**
 * Serves what lies below `/api` and `/apis` and is no resource.
 * @param path without a slash at its end
 */
export function serveDiscovery(
  asked: DiscoveryRequest,
  path: string,
  request: Request,
  response: Response,
): true {
  const { documents } = asked;
  const parts = path.split('/');
  if (parts.length > 2) {
    const document = documentBelow(documents, parts);
    if (document === undefined)
      throw noSuchRoute(asked.resources, parts[1] === 'api' ? '' : (parts[2] as string));
    return sendDocument(asked, document, request, response);
  }
  if (path !== '/api' && path !== '/apis') throw routeNotFound();
  const negotiated = discoveryForm(asked, request, true);
  if (negotiated.as !== '') {
    return sendAggregated(request, response, documents.aggregated(path === '/api'), negotiated);
  }
  response.setHeader('Vary', 'Accept');
  if (path === '/apis') return sendDocument(asked, documents.groupList(), request, response);
  const versions = {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: asked.address() }],
  };
  return sendDocument(asked, versions, request, response);
}

/** The document of a group, or of a version; undefined where there is none. */
function documentBelow(documents: Discovery, parts: readonly string[]): object | undefined {
  const [, root, group = '', version] = parts;
  if (root === 'api') return parts.length === 3 ? documents.resourceList(group) : undefined;
  if (version === undefined) return documents.group(group);
  return parts.length === 4 ? documents.resourceList(`${group}/${version}`) : undefined;
}

/** A form that an endpoint does not have is skipped for the next one the client would take. */
function discoveryForm(
  { pretty }: Pick<DiscoveryRequest, 'pretty'>,
  request: Request,
  aggregated: boolean,
): Negotiated {
  onlyGet(request);
  const { accept } = request.headers;
  if (!namesAny(accept, Object.values(mediaTypes))) throw unknownMediaType();
  const negotiated = negotiate(
    accept,
    (as, group, version) =>
      as === '' ||
      (aggregated && as === aggregatedForm && group === 'apidiscovery.k8s.io' && version === 'v2'),
  );
  if (typeof negotiated === 'string') throw formNotAcceptable();
  return humanForm(negotiated, request, pretty);
}

interface RenderedList {
  readonly rendered: RenderedWhole;
  readonly etag: string;
}

/** Rendered lists by their list and form: every client asks for them, and they rarely change. */
const renderedLists = new WeakMap<object, Map<string, RenderedList>>();

function renderList(list: object, negotiated: Negotiated): RenderedList {
  let forms = renderedLists.get(list);
  if (forms === undefined) {
    forms = new Map();
    renderedLists.set(list, forms);
  }
  const form = `${negotiated.format} ${negotiated.pretty}`;
  let made = forms.get(form);
  if (made === undefined) {
    const rendered = renderObject(list, { ...negotiated, as: '' });
    const hash = createHash('sha512').update(rendered.pieces[0] as Uint8Array);
    made = { rendered, etag: `"${hash.digest('hex').toUpperCase()}"` };
    forms.set(form, made);
  }
  return made;
}

function sendAggregated(request: Request, response: Response, list: object, negotiated: Negotiated): true {
  const { rendered, etag } = renderList(list, negotiated);
  response.setHeader('Vary', 'Accept');
  response.setHeader('Etag', etag);
  if (request.headers['if-none-match'] === etag) {
    writeHead(response, 304, {});
    response.end();
    return true;
  }
  reply(request, response, 200, {
    pieces: rendered.pieces,
    contentType: `${rendered.contentType};g=apidiscovery.k8s.io;v=v2;as=${aggregatedForm}`,
  });
  return true;
}

/** A document in the negotiated format. */
function sendDocument(
  asked: Pick<DiscoveryRequest, 'pretty'>,
  document: object,
  request: Request,
  response: Response,
): true {
  const negotiated = discoveryForm(asked, request, false);
  reply(request, response, 200, renderObject(document, negotiated));
  return true;
}
