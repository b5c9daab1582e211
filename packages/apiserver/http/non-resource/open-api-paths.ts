import { createHash } from 'node:crypto';
import {
  type OpenApiOptions,
  openApiV2,
  openApiV2Protobuf,
  openApiV3,
  openApiV3Index,
  openApiV3Protobuf,
} from '@coxswain/api';
import { type Clock, inTurns, type Steps } from '@coxswain/machinery';
import type { UserInfo } from '../../access/contract.ts';
import type { Aggregator } from '../../aggregator/aggregator.ts';
import { mergedIndex, mergedSwagger, sourceOfDocument } from '../../aggregator/merged-documents.ts';
import type { ResourceRegistry } from '../../registry/resource-registry.ts';
import { preferredType } from '../forms/negotiate.ts';
import { type Request, type Response, reply, writeHead } from '../reply.ts';
import { gitVersion } from './version.ts';

/** Media types that a document is asked for by, and the one that its answer bears. */
const v2Types: Readonly<Record<string, string>> = {
  'application/json': 'application/json',
  'application/com.github.proto-openapi.spec.v2.v1.0+protobuf':
    'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
  'application/com.github.proto-openapi.spec.v2@v1.0+protobuf':
    'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
};
const v3Types: Readonly<Record<string, string>> = {
  'application/json': 'application/json',
  'application/com.github.proto-openapi.spec.v3.v1.0+protobuf':
    'application/com.github.proto-openapi.spec.v3.v1.0+protobuf',
  'application/com.github.proto-openapi.spec.v3@v1.0+protobuf':
    'application/com.github.proto-openapi.spec.v3.v1.0+protobuf',
};
const dayMs = 86_400_000;

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

/** A request for a document, and who makes it. */
interface Asking {
  readonly user: UserInfo;
  readonly request: Request;
  readonly response: Response;
}

/** Serves `/openapi/v2` and `/openapi/v3`. */
export class OpenApiPaths {
  readonly #resources: ResourceRegistry;
  readonly #aggregator: Aggregator;
  readonly #clock: Clock;
  readonly #making = new Map<string, Promise<Buffer | undefined>>();

  constructor(resources: ResourceRegistry, aggregator: Aggregator, clock: Clock) {
    this.#resources = resources;
    this.#aggregator = aggregator;
    this.#clock = clock;
  }

  /**
   * Answers with a document; false where there is no such one.
   * @param hash which state of it is asked for; absent or '': the present one
   */
  async serve(path: string, hash: string | undefined, asking: Asking): Promise<boolean> {
    if (path === '/openapi/v2') return this.#serveV2(asking);
    if (path === '/openapi/v3') return this.#serveIndex(asking);
    return this.#serveV3(path.slice('/openapi/v3/'.length), hash, asking);
  }

  /** Whether this server alone serves APIs. */
  get #alone(): boolean {
    return this.#aggregator.size === 0;
  }

  #options(): OpenApiOptions {
    const custom = this.#resources.published();
    return {
      isServed: (version) => this.#resources.hasVersion(version),
      version: gitVersion(),
      ...(custom === undefined ? {} : { custom }),
    };
  }

  /** Makes a document beside the work of others, once for all who ask meanwhile. */
  #make<T extends Buffer | undefined>(name: string, steps: Steps<T>): Promise<T> {
    const key = `${this.#resources.changes} ${name}`;
    let making = this.#making.get(key) as Promise<T> | undefined;
    if (making === undefined) {
      making = inTurns(steps).finally(() => this.#making.delete(key));
      this.#making.set(key, making);
    }
    return making;
  }

  async #serveV2({ request, response }: Asking): Promise<true> {
    const contentType = typeOf(request, response, v2Types);
    if (contentType === undefined) return true;
    const options = this.#options();
    const protobuf = contentType !== 'application/json';
    const json = (): Promise<Buffer> => this.#make('v2', openApiV2(options));
    const merged = this.#alone ? undefined : await mergedSwagger(this.#aggregator, await json(), protobuf);
    const own = (): Promise<Buffer> =>
      protobuf ? this.#make('v2 protobuf', openApiV2Protobuf(options)) : json();
    const body = merged ?? (await own());
    send(request, response, withEtag(body), contentType);
    return true;
  }

  async #serveIndex({ request, response }: Asking): Promise<true> {
    const own = openApiV3Index(this.#options());
    const body = this.#alone ? own : await mergedIndex(this.#aggregator, own);
    send(request, response, withEtag(body), 'text/plain; charset=utf-8');
    return true;
  }

  async #serveV3(
    name: string,
    hash: string | undefined,
    { user, request, response }: Asking,
  ): Promise<boolean> {
    const options = this.#options();
    const source =
      (await this.#make(name, openApiV3(name, options))) ??
      (this.#alone ? undefined : await sourceOfDocument(this.#aggregator, name));
    if (source === undefined) return false;
    if ('remote' in source) {
      await this.#aggregator.proxy(source.remote, user, request, response);
      return true;
    }
    const contentType = typeOf(request, response, v3Types);
    if (contentType === undefined) return true;
    const body = 'body' in source ? source.body : source;
    const current = hashIn(openApiV3Index(options), name);
    if (hash !== undefined && hash !== '') {
      if (current !== undefined && hash !== current) {
        redirect(response, `/openapi/v3/${name}?hash=${current}`);
        return true;
      }
      // A document that is asked for by its hash never changes.
      response.setHeader('Cache-Control', 'public, immutable');
      response.setHeader('Expires', new Date(this.#clock.now() + 365 * dayMs).toUTCString());
    }
    // Both forms of a document have the tag of its JSON.
    const { etag } = current === undefined ? withEtag(body) : { etag: current };
    const form =
      contentType === 'application/json'
        ? body
        : await this.#make(`${name} protobuf ${etag}`, openApiV3Protobuf(body));
    send(request, response, { body: form, etag }, contentType);
    return true;
  }
}

/** The media type to answer in; undefined where the client takes none, which it was told. */
function typeOf(
  request: Request,
  response: Response,
  types: Readonly<Record<string, string>>,
): string | undefined {
  const asked = preferredType(request.headers.accept, Object.keys(types));
  if (asked !== undefined) return types[asked];
  writeHead(response, 406, { vary: 'Accept', 'content-length': 0 });
  response.end();
  return undefined;
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
  response.setHeader('Etag', etag);
  response.setHeader('Vary', 'Accept');
  if (request.headers['if-none-match'] === etag) {
    writeHead(response, 304, {});
    response.end();
    return;
  }
  reply(request, response, 200, { pieces: [document.body], contentType });
}
