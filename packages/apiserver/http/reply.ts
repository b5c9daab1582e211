import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { nextTurn } from '@coxswain/machinery';
import type { Classification } from '../flow-control/contract.ts';
import { recycle } from '../storage/lists/slice-writer.ts';
import type { Rendered, RenderedSlices } from './forms/render.ts';
import { canonicalName } from './header-names.ts';
import { sendCompressed, sendSlices } from './send-slices.ts';
import { warningHeaders } from './warning-headers.ts';

export type Request = IncomingMessage | Http2ServerRequest;
export type Response = ServerResponse | Http2ServerResponse;

/** Names a request in audit events; every answer bears the one of its request, or a new one. */
export const auditIdHeader = 'audit-id';

/** The name of a request, as its client chose it, or a new one. */
export function auditIdOf({ headers }: Pick<Request, 'headers'>): string {
  return (headers[auditIdHeader] as string | undefined) || randomUUID();
}

/** Upstream compresses answers above this size. */
const compressAbove = 128 * 1024;

/** Sends a whole body; warnings become Warning headers. */
export function reply(
  request: Request,
  response: Response,
  status: number,
  rendered: Rendered,
  warnings: readonly string[] = [],
): void {
  const headers: Record<string, string | string[] | number> = {};
  if (!response.hasHeader('cache-control')) headers['cache-control'] = 'no-cache, private';
  headers['content-type'] = rendered.contentType;
  if (warnings.length > 0) {
    // what a credential is worth was said before
    const said = response.getHeader('warning');
    const more = warningHeaders(warnings);
    headers['warning'] = said === undefined ? more : [String(said), ...more];
  }
  if (
    'gzip' in rendered &&
    rendered.gzip !== undefined &&
    (rendered.length ?? 0) > compressAbove &&
    acceptsGzip(request)
  ) {
    sayCompressed(headers);
    writeHead(response, status, headers);
    if (request.method === 'HEAD') response.end();
    else inBackground(response, sendSlices(response as ServerResponse, rendered.gzip()));
    return;
  }
  if ('pieces' in rendered) {
    const { pieces } = rendered;
    const whole = pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces as Uint8Array[]);
    replyWhole(request, response, status, headers, whole);
    return;
  }
  const slices = rendered.slices[Symbol.iterator]();
  const first = slices.next();
  const second = first.done || first.value.length === 0 ? undefined : slices.next();
  if (first.done || (second !== undefined && (second.done || second.value.length > 0))) {
    replySlices(request, response, status, headers, rendered, begun(first.value, second, slices));
    return;
  }
  // Even the beginning takes work: others get their turn meanwhile.
  const later = beginLater(first.value, slices).then((begin) =>
    replySlices(request, response, status, headers, rendered, begin),
  );
  inBackground(response, later);
}

function replyWhole(
  request: Request,
  response: Response,
  status: number,
  headers: Record<string, string | string[] | number>,
  whole: Uint8Array,
): void {
  if (whole.length > compressAbove && acceptsGzip(request)) {
    sayCompressed(headers);
    writeHead(response, status, headers);
    if (request.method === 'HEAD') response.end();
    else inBackground(response, sendCompressed(response as ServerResponse, [whole]));
    return;
  }
  headers['content-length'] = whole.length;
  writeHead(response, status, headers);
  if (request.method === 'HEAD') response.end();
  else (response as ServerResponse).end(whole);
}

function replySlices(
  request: Request,
  response: Response,
  status: number,
  headers: Record<string, string | string[] | number>,
  rendered: RenderedSlices,
  { whole, slices }: Begun,
): void {
  const large = slices !== undefined || whole.length > compressAbove;
  if (large && acceptsGzip(request)) {
    sayCompressed(headers);
    writeHead(response, status, headers);
    if (request.method === 'HEAD') response.end();
    else inBackground(response, sendCompressed(response as ServerResponse, slices ?? [whole]));
    return;
  }
  if (slices === undefined) headers['content-length'] = whole.length;
  else if (rendered.length !== undefined) headers['content-length'] = rendered.length;
  writeHead(response, status, headers);
  if (request.method === 'HEAD') response.end();
  else if (slices === undefined) sendOnly(response as ServerResponse, whole);
  else inBackground(response, sendSlices(response as ServerResponse, slices));
}

function sayCompressed(headers: Record<string, string | string[] | number>): void {
  headers['content-encoding'] = 'gzip';
  headers['vary'] = 'Accept-Encoding';
}

/** A body whose first slices are made. */
interface Begun {
  /** All of it where there are no slices, else the first. */
  readonly whole: Uint8Array;
  readonly slices?: Iterable<Uint8Array>;
}

function begun(
  first: Uint8Array | undefined,
  second: IteratorResult<Uint8Array> | undefined,
  rest: Iterator<Uint8Array>,
): Begun {
  const whole = first ?? Buffer.alloc(0);
  return second === undefined || second.done
    ? { whole }
    : { whole, slices: following(whole, second.value, rest) };
}

/** Makes slices, each in a turn of its own, until there are two that are not empty. */
async function beginLater(made: Uint8Array, slices: Iterator<Uint8Array>): Promise<Begun> {
  let first = made.length > 0 ? made : undefined;
  for (;;) {
    await nextTurn();
    const next = slices.next();
    if (!next.done && next.value.length === 0) continue;
    if (next.done || first !== undefined) return begun(first, next, slices);
    first = next.value;
  }
}

function* following(
  first: Uint8Array,
  second: Uint8Array,
  rest: Iterator<Uint8Array>,
): Generator<Uint8Array> {
  yield first;
  yield second;
  for (let next = rest.next(); !next.done; next = rest.next()) yield next.value;
}

/** Sends the only slice there is. */
function sendOnly(response: ServerResponse, slice: Uint8Array): void {
  response.write(slice, () => recycle(slice));
  response.end();
}

/** The head is out: all that is left to say of a fault is that the body ends early. */
function inBackground(response: Response, sending: Promise<void>): void {
  sending.catch((error: unknown) => response.destroy(error as Error));
}

const bodyBytes = Symbol('length of the body');
const classified = Symbol('classification');

/** What is kept of an answer with it. */
interface Noted {
  [bodyBytes]?: number;
  [classified]?: Classification;
}

/** Has the head of an answer tell which flow schema and priority level its request is of. */
export function tellClassification(response: Response, classification: Classification | undefined): void {
  if (classification !== undefined) (response as Noted)[classified] = classification;
}

/** Bytes of an answer's body; undefined where its head did not tell. */
export function sentBytes(response: Response): number | undefined {
  return (response as Noted)[bodyBytes];
}

/** Both protocols take the same arguments; their types do not say so together. */
export function writeHead(
  response: Response,
  status: number,
  headers: Record<string, string | string[] | number>,
): void {
  const { req } = response;
  const length = headers['content-length'];
  if (typeof length === 'number') (response as Noted)[bodyBytes] = length;
  const all: Record<string, string | string[] | number> = {
    'Audit-Id': headers[auditIdHeader] ?? auditIdOf(req),
  };
  // HTTP/2 has small letters alone.
  for (const name in headers) all[canonicalName(name)] = headers[name] as string | string[] | number;
  const classification = (response as Noted)[classified];
  if (classification !== undefined) {
    all['X-Kubernetes-Pf-Flowschema-Uid'] = classification.schemaUid;
    all['X-Kubernetes-Pf-Prioritylevel-Uid'] = classification.levelUid;
  }
  (response as ServerResponse).writeHead(status, all);
}

function acceptsGzip(request: Request): boolean {
  const header = request.headers['accept-encoding'];
  return typeof header === 'string' && header.includes('gzip');
}

/** Sends plain text that a browser must not take for anything else, as errors outside of the API are. */
export function replyText(response: Response, status: number, text: string): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  replyPlain(response, status, text);
}

/** Sends plain text, as a single health check that passed does. */
export function replyPlain(response: Response, status: number, text: string): void {
  writeHead(response, status, {
    'cache-control': 'no-cache, private',
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
