import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { systemClock } from '@coxswain/machinery';
import { TestHttpsServer } from '@coxswain/pki/testing';
import { ownAddress } from '../../support/own-address.ts';
import type { Api } from './api.ts';

export const sampleGroup = 'wardle.example.com';
const apiVersion = `${sampleGroup}/v1alpha1`;
const root = `/apis/${apiVersion}`;
const flunders = new RegExp(`^${root}(?:/namespaces/([^/]+))?/flunders(?:/([^/]+))?$`);
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'update'];

const documents: Readonly<Record<string, object>> = {
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [groupOf()] },
  [`/apis/${sampleGroup}`]: { kind: 'APIGroup', apiVersion: 'v1', ...groupOf() },
  [root]: {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersion,
    resources: [{ name: 'flunders', singularName: 'flunder', namespaced: true, kind: 'Flunder', verbs }],
  },
};

function groupOf() {
  const version = { groupVersion: apiVersion, version: 'v1alpha1' };
  return { name: sampleGroup, versions: [version], preferredVersion: version };
}

interface Failure {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}

/**
 * An API server of one resource behind the cluster's. As servers of that kind do, it reads in the cluster which front
 * proxy to trust, and asks the cluster what the users may do that it is told of.
 */
export class SampleServer {
  readonly address: string;
  readonly #https: TestHttpsServer;

  private constructor(address: string, https: TestHttpsServer) {
    this.address = address;
    this.#https = https;
  }

  get port(): number {
    return this.#https.port;
  }

  get caBundle(): string {
    return this.#https.caBundle;
  }

  close(): Promise<void> {
    return this.#https.close();
  }

  /** @param service the names by which the cluster calls it: `NAME.NAMESPACE.svc` */
  static async start(api: Api, service: string): Promise<SampleServer> {
    const { data } = await api.get(
      '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication',
    );
    const store = new Map<string, any>();
    const https = await TestHttpsServer.start(
      (request, response) => void answer(request, response, api, data, store),
      { altNames: [service], host: '0.0.0.0', clientCa: data['requestheader-client-ca-file'] },
    );
    const address = ownAddress();
    assert.ok(address, 'the machine has an address that endpoints may have');
    return new SampleServer(address, https);
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  api: Api,
  trust: Readonly<Record<string, string>>,
  store: Map<string, any>,
): Promise<void> {
  const json = (code: number, body: object): void => {
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const fail = (failure: Failure): void =>
    json(failure.code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', ...failure });
  const { pathname } = new URL(request.url ?? '/', 'https://sample');
  const document = documents[pathname];
  const [, namespace = '', name = ''] = flunders.exec(pathname) ?? [];
  if (document !== undefined) {
    json(200, document);
    return;
  }
  if (!flunders.test(pathname)) {
    fail({ code: 404, reason: 'NotFound', message: `nothing is at ${pathname}` });
    return;
  }
  const verb = verbOf(request.method ?? '', name);
  const refusal = await refusalOf(request, api, trust, { verb, namespace, name });
  if (refusal !== undefined) {
    fail(refusal);
    return;
  }
  const body = await bodyOf(request);
  const keyOf = (object: any): string => `${object.metadata.namespace}/${object.metadata.name}`;
  const here = (): any[] =>
    [...store.values()].filter((one) => namespace === '' || one.metadata.namespace === namespace);
  const found = store.get(`${namespace}/${name}`);
  switch (verb) {
    case 'create': {
      const metadata = {
        ...body.metadata,
        namespace,
        uid: randomUUID(),
        resourceVersion: String(store.size + 1),
        creationTimestamp: new Date(systemClock.now()).toISOString().replace(/\.\d+/, ''),
      };
      const made = { ...body, metadata };
      store.set(keyOf(made), made);
      json(201, made);
      return;
    }
    case 'list':
      json(200, { kind: 'FlunderList', apiVersion, metadata: { resourceVersion: '1' }, items: here() });
      return;
    case 'deletecollection':
      for (const one of here()) store.delete(keyOf(one));
      json(200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' });
      return;
  }
  if (found === undefined) {
    fail({ code: 404, reason: 'NotFound', message: `flunders.${sampleGroup} "${name}" not found` });
  } else if (verb === 'delete') {
    store.delete(`${namespace}/${name}`);
    json(200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' });
  } else json(200, found);
}

function verbOf(method: string, name: string): string {
  if (method === 'POST') return 'create';
  if (method === 'PUT') return 'update';
  if (method === 'DELETE') return name === '' ? 'deletecollection' : 'delete';
  return name === '' ? 'list' : 'get';
}

/** Why a request is refused: it comes from nobody who is trusted to say whose it is, or theirs may not. */
async function refusalOf(
  request: IncomingMessage,
  api: Api,
  trust: Readonly<Record<string, string>>,
  asked: { readonly verb: string; readonly namespace: string; readonly name: string },
): Promise<Failure | undefined> {
  const socket = request.socket as TLSSocket;
  const allowed: readonly string[] = JSON.parse(trust['requestheader-allowed-names'] ?? '[]');
  const { CN = '' } = socket.getPeerCertificate().subject ?? {};
  const proxy = [CN].flat()[0] ?? '';
  if (!socket.authorized || (allowed.length > 0 && !allowed.includes(proxy))) {
    return { code: 401, reason: 'Unauthorized', message: 'Unauthorized' };
  }
  const first = (key: string): string | string[] | undefined =>
    request.headers[(JSON.parse(trust[key] ?? '[""]')[0] as string).toLowerCase()];
  const user = String(first('requestheader-username-headers') ?? '');
  const groups = String(first('requestheader-group-headers') ?? '').split(', ');
  const review = await api.create('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user,
      groups,
      resourceAttributes: { group: sampleGroup, version: 'v1alpha1', resource: 'flunders', ...asked },
    },
  });
  if (review.status.allowed) return undefined;
  const message = `flunders.${sampleGroup} is forbidden: User "${user}" cannot ${asked.verb} resource "flunders"`;
  return { code: 403, reason: 'Forbidden', message };
}

async function bodyOf(request: IncomingMessage): Promise<any> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
