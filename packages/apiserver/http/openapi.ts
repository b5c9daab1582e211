import { createHash } from 'node:crypto';
import { openApiV2, openApiV2Protobuf, openApiV3, openApiV3Index } from '@coxswain/api';
import type { UserInfo } from '../access/contract.ts';
import type { Aggregator } from '../aggregator/aggregator.ts';
import { mergedIndex, mergedSwagger, sourceOfDocument } from '../aggregator/merged-documents.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import { type Request, type Response, reply, writeHead } from './reply.ts';
import { gitVersion } from './version.ts';

const v2Protobuf = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
const v2ProtobufAnswer = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

interface Document {
  readonly body: Buffer;
  readonly etag: string;
}

const etags = new WeakMap<Buffer, string>();

function withEtag(body: Buffer): Document {
  let etag = etags.get(body);
  if (etag === undefined) {
    etag = createHash('sha512').update(body).digest('hex').toUpperCase();
    etags.set(body, etag);
  }
  return { body, etag };
}

/** Serves `/openapi/v2` and `/openapi/v3`; false where there is no such document. */
export async function serveOpenApi(
  resources: ResourceRegistry,
  aggregator: Aggregator,
  path: string,
  hash: string | undefined,
  user: UserInfo,
  request: Request,
  response: Response,
): Promise<boolean> {
  const custom = resources.published();
  const options = {
    isServed: (version: string) => resources.hasVersion(version),
    version: gitVersion(),
    ...(custom === undefined ? {} : { custom }),
  };
  const alone = aggregator.size === 0;
  if (path === '/openapi/v2') {
    const protobuf = (request.headers.accept ?? '').includes(v2Protobuf);
    const joined = alone ? undefined : await mergedSwagger(aggregator, openApiV2(options), protobuf);
    const body = joined ?? (protobuf ? openApiV2Protobuf(options) : openApiV2(options));
    send(request, response, withEtag(body), protobuf ? v2ProtobufAnswer : 'application/json');
    return true;
  }
  if (path === '/openapi/v3') {
    const own = openApiV3Index(options);
    const body = alone ? own : await mergedIndex(aggregator, own);
    send(request, response, withEtag(body), 'text/plain; charset=utf-8');
    return true;
  }
  const name = path.slice('/openapi/v3/'.length);
  const source = openApiV3(name, options) ?? (alone ? undefined : await sourceOfDocument(aggregator, name));
  if (source === undefined) return false;
  if ('remote' in source) {
    await aggregator.proxy(source.remote, user, request, response);
    return true;
  }
  const body = 'body' in source ? source.body : source;
  const current = hashIn(openApiV3Index(options), name);
  if (hash !== undefined && hash !== '') {
    if (current !== undefined && hash !== current) {
      redirect(response, `/openapi/v3/${name}?hash=${current}`);
      return true;
    }
    // A document that is asked for by its hash never changes.
    response.setHeader('cache-control', 'public, immutable');
  }
  send(
    request,
    response,
    current === undefined ? withEtag(body) : { body, etag: current },
    'application/json',
  );
  return true;
}

/** The hash by which the index names a document; undefined where it names it not. */
function hashIn(index: Buffer, name: string): string | undefined {
  const { paths } = JSON.parse(index.toString('utf8')) as {
    readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string } | undefined>>;
  };
  return paths[name]?.serverRelativeURL.split('?hash=')[1];
}

/** Whoever kept an older index is told where the document is now. */
function redirect(response: Response, location: string): void {
  const body = `<a href="${location}">Moved Permanently</a>.\n\n`;
  writeHead(response, 301, {
    location,
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

function send(request: Request, response: Response, document: Document, contentType: string): void {
  const etag = `"${document.etag}"`;
  response.setHeader('etag', etag);
  response.setHeader('vary', 'Accept');
  if (request.headers['if-none-match'] === etag) {
    writeHead(response, 304, {});
    response.end();
    return;
  }
  reply(request, response, 200, { pieces: [document.body], contentType });
}
