import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { systemClock } from '@coxswain/machinery';
import { PkiDir } from '@coxswain/pki';
import { TestHttpsServer } from '@coxswain/pki/testing';
import { WebSocketServer } from 'ws';

export const group = 'metrics.k8s.io';
export const version = 'v1beta1';
const root = `/apis/${group}/${version}`;

/** A server of an API of its own that stands behind another, as metrics-server does. */
export interface TestExtension {
  readonly port: number;
  /** Base64 of the CA of its certificate, which names the service `metrics` of `kube-system`. */
  readonly caBundle: string;
  /** By which it knows its front proxy. */
  readonly proxyClient: { readonly cert: string; readonly key: string };
  /** What it was asked last, by path without query. */
  readonly asked: Map<string, IncomingHttpHeaders>;
  /** What it tells of itself in aggregated form from when it is set; '' for nothing. */
  aggregated: string;
  /** Whether it knows OpenAPI 3. */
  modern: boolean;
  /** Lets the watches under way see one more event. */
  emit(event: object): void;
  /** How many watches are open. */
  readonly watches: () => number;
  /** Answers that are held back; resolves all at once. */
  release(): void;
  readonly held: () => number;
  close(): Promise<void>;
}

const node = (name: string, cpu: string, memory: string): object => ({
  kind: 'NodeMetrics',
  apiVersion: `${group}/${version}`,
  metadata: { name },
  timestamp: '2026-01-01T00:00:00Z',
  window: '30s',
  usage: { cpu, memory },
});

const resources = [
  {
    name: 'nodes',
    singularName: '',
    namespaced: false,
    kind: 'NodeMetrics',
    verbs: ['get', 'list', 'watch'],
  },
  { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
];

/** Documents by path. */
const documents: Readonly<Record<string, object>> = {
  '/apis': {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: [{ name: group, versions: [{ groupVersion: `${group}/${version}`, version }] }],
  },
  [root]: { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${group}/${version}`, resources },
  '/openapi/v2': {
    swagger: '2.0',
    paths: {
      [`${root}/nodes`]: {
        get: { responses: { 200: { schema: { $ref: '#/definitions/io.k8s.metrics.NodeMetricsList' } } } },
      },
      '/version': { get: {} },
    },
    definitions: {
      'io.k8s.metrics.NodeMetricsList': {
        properties: { metadata: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta' } },
      },
      'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta': { description: 'another one', type: 'object' },
    },
  },
  '/openapi/v3': {
    paths: { [root.slice(1)]: { serverRelativeURL: `/openapi/v3${root}?hash=0123` } },
  },
  [`/openapi/v3${root}`]: { openapi: '3.0.0', info: { title: 'metrics', version }, paths: {} },
};

/** Starts the server; it takes requests from its front proxy alone. */
export async function startTestExtension(): Promise<TestExtension> {
  const asked = new Map<string, IncomingHttpHeaders>();
  const watches = new Set<ServerResponse>();
  const held: (() => void)[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', 'https://extension');
    asked.set(url.pathname, request.headers);
    const authorized = (request.socket as TLSSocket).authorized;
    const json = (code: number, body: object): void => {
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const document = documents[url.pathname];
    if (url.pathname === '/apis' && extension.aggregated !== '') tellAggregated(request, response);
    else if (url.pathname.startsWith('/openapi/v3') && !extension.modern) json(404, {});
    else if (document !== undefined) json(200, document);
    else if (!authorized) json(401, { kind: 'Status', status: 'Failure', code: 401 });
    else if (url.pathname === `${root}/redirect`) response.writeHead(302, { location: '/version' }).end();
    else if (url.pathname === `${root}/held`) held.push(() => json(200, {}));
    else if (request.method === 'POST' || request.method === 'DELETE') echo(request, response);
    else if (url.searchParams.get('watch') === 'true') {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      watches.add(response);
      response.on('close', () => watches.delete(response));
    } else if (url.pathname === `${root}/nodes`) {
      const items = [node('a', '250m', '1Gi'), node('b', '100m', '512Mi')];
      json(200, { kind: 'NodeMetricsList', apiVersion: `${group}/${version}`, metadata: {}, items });
    } else if (url.pathname === `${root}/nodes/a`) json(200, node('a', '250m', '1Gi'));
    else json(404, { kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 });
  };
  const proxyPki = mkdtempSync(join(tmpdir(), 'coxswain-front-proxy-'));
  const pki = new PkiDir(proxyPki, systemClock);
  const proxyCa = pki.authority('front-proxy-ca', 'front-proxy');
  const proxy = pki.leaf('front-proxy-client', proxyCa, {
    subject: { commonName: 'front-proxy-client' },
    usages: ['client'],
  });
  const https = await TestHttpsServer.start(answer, {
    altNames: ['metrics.kube-system.svc'],
    host: 'localhost',
    clientCa: proxyCa.certificate,
  });
  const sockets = new WebSocketServer({ server: https.server });
  sockets.on('connection', (socket, request) => {
    asked.set(request.url ?? '', request.headers);
    socket.on('message', (data) => socket.send(`echo ${data}`));
  });
  const extension: TestExtension = {
    aggregated: '',
    modern: true,
    port: https.port,
    caBundle: https.caBundle,
    proxyClient: { cert: proxy.certificate, key: proxy.key },
    asked,
    emit: (event) => {
      for (const watch of watches) watch.write(`${JSON.stringify(event)}\n`);
    },
    watches: () => watches.size,
    release: () => {
      for (const one of held.splice(0)) one();
    },
    held: () => held.length,
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      await https.close();
      rmSync(proxyPki, { recursive: true, force: true });
    },
  };
  const tellAggregated = (request: IncomingMessage, response: ServerResponse): void => {
    const etag = `"${extension.aggregated.length}"`;
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304).end();
      return;
    }
    const contentType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    response.writeHead(200, { 'content-type': contentType, etag }).end(extension.aggregated);
  };
  return extension;
}

function echo(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(201, { 'content-type': request.headers['content-type'] ?? 'text/plain' });
  request.pipe(response);
}
